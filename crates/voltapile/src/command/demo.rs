//! `voltapile serve --demo`: virtual piles that log in, charge and bill over real sockets, so that a newcomer sees life.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use voltapile_platform::account::{Account, AccountStatus, EntryKind};
use voltapile_platform::business::{Business, BusinessError, PutTariff, Refusal};
use voltapile_platform::card::{Card, CardStatus};
use voltapile_platform::identity::{AccountId, OperatorId, PileCode, StationId, TariffId};
use voltapile_platform::operator::Operator;
use voltapile_platform::pile::Pile;
use voltapile_platform::station::Station;
use voltapile_platform::tariff::TariffDraft;
use voltapile_platform::unit::Balance;
use voltapile_server::Server;
use voltapile_server::config::Settings;
use voltapile_simulator::runner::{demo_cards, demo_fleet, demo_piles, run_fleet};

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

/// A charge takes a minute or two here, and its curve should be one.
const SAMPLE_SECONDS: u32 = 2;
/// The model of the demo's piles.
const MODEL: &str = "virtual";
/// What each customer begins with.
const MONEY: Balance = Balance::from_steps(1_000_000);

/// Settings that only the demo changes.
pub(crate) fn adapt(settings: &mut Settings, own_data_dir: bool) {
    if !own_data_dir && settings.data_dir == Settings::default().data_dir {
        settings.data_dir = PathBuf::from(DATA_DIR);
    }
    // Virtual hours pass in minutes, so between two reports more is delivered than a real pile could.
    settings.settlement.models.push(format!("{MODEL}:energy_tolerance=1000"));
    settings.retention.sample_seconds = SAMPLE_SECONDS;
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
        server.core.business(town).await?;
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

/// The demo's operator, with a station, piles, and customers who have cards and money. What is there already stays.
fn town(business: &mut Business<'_>) -> Result<(), BusinessError> {
    let operator: OperatorId = known("demo")?;
    let station: StationId = known("demo")?;
    let tariff: TariffId = known("demo")?;
    let created_at = business.now;
    if business.books.get::<Operator>(&operator)?.is_none() {
        let name = "示范运营商 demo operator".to_owned();
        business.put_operator(Operator { id: operator.clone(), name, tcec_id: None, created_at })?;
    }
    let draft: TariffDraft = serde_json::from_str(TARIFF).map_err(|error| broken("tariff", &error))?;
    business.put_tariff(PutTariff { id: tariff.clone(), operator: None, draft })?;
    if business.books.get::<Station>(&station)?.is_none() {
        let name = "示范站 demo station".to_owned();
        let (address, tariff, capacity) = (None, Some(tariff), None);
        let operator = Some(operator.clone());
        business.put_station(Station { id: station.clone(), operator, name, address, tariff, capacity, created_at })?;
    }
    for setup in demo_piles() {
        let code = PileCode::from_bcd(&setup.config.pile_code.0);
        if business.books.get::<Pile>(&code)?.is_none() {
            business.put_pile(Pile {
                station: Some(station.clone()),
                name: Some(format!("demo {code}")),
                model: Some(MODEL.to_owned()),
                connector_count: setup.config.connector_count,
                ..Pile::new(code, created_at)
            })?;
        }
    }
    for (number, card) in demo_cards().iter().enumerate() {
        customer(business, &operator, number + 1, &voltapile_protocol::wire::digits(&card.0))?;
    }
    Ok(())
}

/// A customer with money and a card.
fn customer(
    business: &mut Business<'_>,
    operator: &OperatorId,
    number: usize,
    physical_number: &str,
) -> Result<(), BusinessError> {
    let id: AccountId = known(&format!("customer-{number}"))?;
    if business.books.get::<Account>(&id)?.is_some() {
        return Ok(());
    }
    let created_at = business.now;
    business.put_account(Account {
        id: id.clone(),
        operator: Some(operator.clone()),
        name: format!("顾客 customer {number}"),
        number: None,
        password_md5: None,
        balance: Balance::ZERO,
        reserved: Balance::ZERO,
        status: AccountStatus::Active,
        allowed_stations: None,
        created_at,
    })?;
    business.change_balance(&id, MONEY, EntryKind::TopUp, None, "demo")?;
    business.put_card(Card {
        physical_number: physical_number.to_owned(),
        logical_number: format!("{number:016}"),
        account: id,
        operator: Some(operator.clone()),
        status: CardStatus::Active,
        offline: true,
        created_at,
    })?;
    Ok(())
}

/// An id of this file's own making.
fn known<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, BusinessError> {
    text.parse().map_err(|error| broken("id", &error))
}

fn broken(field: &'static str, error: &dyn std::fmt::Display) -> BusinessError {
    Refusal::Invalid { field, detail: error.to_string() }.into()
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
         curl -H 'Authorization: Bearer {TOKEN}' http://{http}/api/v1/orders\n  \
         http://{http}/api/v1/docs"
    )
}
