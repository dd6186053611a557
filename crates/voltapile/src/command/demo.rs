//! `voltapile serve --demo`: virtual piles that log in, charge and bill over real sockets, so that a newcomer sees life.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::Pile;
use voltapile_platform::tariff::{TariffId, TariffTerms};
use voltapile_server::Server;
use voltapile_server::config::Settings;
use voltapile_simulator::runner::{demo_fleet, demo_piles, run_fleet};

use super::announce;

/// Where the demo keeps its data, unless told otherwise: never among real piles.
const DATA_DIR: &str = "./demo-data";
/// The demo's token. Everybody knows it, so it is only used where HTTP is served on this machine alone.
const TOKEN: &str = "voltapile-demo-token";
/// The demo's tariff, as one would send it to the API.
const TARIFF: &str = r#"{
    "number": "0100",
    "name": "demo 尖峰平谷",
    "prices": {
        "sharp":  {"electricity": "1.20000", "service": "0.60000"},
        "peak":   {"electricity": "1.00000", "service": "0.50000"},
        "flat":   {"electricity": "0.70000", "service": "0.40000"},
        "valley": {"electricity": "0.30000", "service": "0.40000"}
    },
    "periods": [
        {"from": "00:00", "to": "07:00", "tier": "valley"},
        {"from": "07:00", "to": "10:00", "tier": "flat"},
        {"from": "10:00", "to": "12:00", "tier": "peak"},
        {"from": "12:00", "to": "18:00", "tier": "flat"},
        {"from": "18:00", "to": "20:00", "tier": "sharp"},
        {"from": "20:00", "to": "22:00", "tier": "peak"},
        {"from": "22:00", "to": "24:00", "tier": "valley"}
    ]
}"#;

/// Settings that only the demo changes.
pub(crate) fn adapt(settings: &mut Settings, own_data_dir: bool) {
    if !own_data_dir && settings.data_dir == Settings::default().data_dir {
        settings.data_dir = PathBuf::from(DATA_DIR);
    }
    if settings.admin_token.is_empty() && settings.http.ip().is_loopback() {
        settings.admin_token = TOKEN.to_owned();
    }
}

/// Virtual piles that are being played.
pub(crate) struct Demo {
    stop: oneshot::Sender<()>,
    fleet: JoinHandle<()>,
}

impl Demo {
    /// Registers the piles and their tariff and lets them dial in.
    pub(crate) async fn start(server: &Server, settings: &Settings) -> Result<Self, Box<dyn std::error::Error>> {
        let tariff: TariffId = "demo".parse()?;
        let terms: TariffTerms = serde_json::from_str(TARIFF)?;
        server.core.put_tariff(tariff.clone(), terms).await?;
        for setup in demo_piles() {
            let code = setup.config.pile_code;
            let pile = Pile {
                code: PileCode::new(&code.to_string())?,
                name: Some(format!("demo {code}")),
                model: Some("virtual".to_owned()),
                connector_count: setup.config.connector_count,
                tariff: Some(tariff.clone()),
                enabled: true,
                created_at: server.core.clock.now(),
            };
            server.core.put_pile(pile).await?;
        }
        let (stop, stopped) = oneshot::channel();
        let address = server.pile_addresses().first().copied().ok_or("no address where piles can dial in")?;
        let fleet = tokio::spawn(run_fleet(demo_fleet(reachable(address)), async move {
            let _ = stopped.await;
        }));
        if settings.admin_token == TOKEN {
            announce(&invitation(server.http));
        }
        Ok(Self { stop, fleet })
    }

    /// Cuts the piles' connections.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.fleet.await;
    }
}

/// The address under which a wildcard address is reached from this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn invitation(http: SocketAddr) -> String {
    format!(
        "12 virtual piles are dialling in. Look at them, 请看:\n  \
         curl -H 'Authorization: Bearer {TOKEN}' 'http://{http}/api/v1/piles?status=online'\n  \
         curl -H 'Authorization: Bearer {TOKEN}' -N http://{http}/api/v1/piles/32010600000001/frames\n  \
         curl -H 'Authorization: Bearer {TOKEN}' http://{http}/api/v1/records"
    )
}
