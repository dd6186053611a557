//! `voltapile sim`: virtual piles against any platform: a few that live, or many that load.

use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::fault::FaultPlan;
use voltapile_simulator::load::{self, Against, LoadConfig, LoadReport, Mode, echo};
use voltapile_simulator::model::PileSetup;
use voltapile_simulator::runner::{FleetConfig, run_fleet};

use super::{Failure, announce, finish, say};

/// Play virtual piles against a platform, or measure how fast it is.
///
/// Without --load the piles live: they log in, charge with offline cards and bill, until Ctrl-C. With --load they only
/// ask, as fast as the platform answers. Their codes are 99 and twelve digits; register them or serve with
/// --open-enrollment.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where the platform listens for piles
    #[arg(long, value_name = "HOST:PORT", required_unless_present = "echo")]
    server: Option<String>,
    /// How many piles
    #[arg(long, default_value_t = 3)]
    piles: usize,
    /// Number of the first pile
    #[arg(long, default_value_t = 1)]
    first_pile: u64,
    /// Where chance begins: the same seed plays the same cars
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Simulated seconds per second
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=3600))]
    speed: u32,
    /// Log all piles in, then ask and measure
    #[arg(long)]
    load: bool,
    /// What to send after the login: login (nothing), heartbeats, records, telemetry (of two charging connectors) or mix
    /// (telemetry and records)
    #[arg(long, default_value = "heartbeats", requires = "load")]
    mode: Mode,
    /// How many piles ask; the others stay connected [default: all]
    #[arg(long, requires = "load")]
    busy: Option<usize>,
    /// Frames that all of them send in a second [default: heartbeats and records as soon as the last is answered,
    /// telemetry as often as real piles]
    #[arg(long, requires = "load")]
    rate: Option<f64>,
    /// For how many seconds they ask
    #[arg(long, default_value_t = 10, requires = "load")]
    seconds: u64,
    /// Process of the server on this machine, to measure its CPU and memory
    #[arg(long, requires = "load")]
    pid: Option<u32>,
    /// What answers there: platform, or echo for the bare echo of --echo
    #[arg(long, default_value = "platform", requires = "load")]
    against: Against,
    /// Print the report as JSON
    #[arg(long, requires = "load")]
    json: bool,
    /// Serve a bare echo on this address instead: what any server on this machine could reach at most
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["server", "load"])]
    echo: Option<SocketAddr>,
}

/// Exit code when the platform answered wrongly or not at all.
const FLAWED: u8 = 1;

pub(crate) fn run(args: &Args) -> ExitCode {
    super::serve::raise_file_limit();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return finish(Err(Failure::new(error.to_string(), ""))),
    };
    let result = match args.echo {
        Some(address) => runtime.block_on(serve_echo(address)),
        None => match resolve(args.server.as_deref().unwrap_or_default()) {
            Ok(server) if args.load => runtime.block_on(measure(args, server)),
            Ok(server) => runtime.block_on(live(args, server)),
            Err(failure) => Err(failure),
        },
    };
    finish(result)
}

fn resolve(server: &str) -> Result<SocketAddr, Failure> {
    let hint = "give host and port, for example --server 127.0.0.1:8768";
    let mut addresses =
        server.to_socket_addrs().map_err(|error| Failure::new(format!("--server {server:?}: {error}"), hint))?;
    addresses.next().ok_or_else(|| Failure::new(format!("--server {server:?} has no address"), hint))
}

/// Plays piles until Ctrl-C.
async fn live(args: &Args, server: SocketAddr) -> Result<(Vec<u8>, ExitCode), Failure> {
    let piles: Vec<PileSetup> =
        (0..args.piles).map(|index| PileSetup::dc(load::pile_code(args.first_pile, index), 2)).collect();
    let codes: Vec<PileCode> = piles.iter().map(|pile| pile.config.pile_code).collect();
    if let (Some(first), Some(last)) = (codes.first(), codes.last()) {
        say(&format!("playing piles {first} to {last} against {server}; Ctrl-C ends"));
    }
    let fleet =
        FleetConfig { server, piles, speed: args.speed, seed: args.seed, observer: None, faults: FaultPlan::default() };
    run_fleet(fleet, async {
        let _ = tokio::signal::ctrl_c().await;
    })
    .await;
    Ok((Vec::new(), ExitCode::SUCCESS))
}

async fn measure(args: &Args, server: SocketAddr) -> Result<(Vec<u8>, ExitCode), Failure> {
    let config = LoadConfig {
        against: args.against,
        mode: args.mode,
        piles: args.piles,
        busy: args.busy.unwrap_or(args.piles),
        rate: args.rate,
        duration: Duration::from_secs(args.seconds),
        first_pile: args.first_pile,
        server_pid: args.pid,
        ..LoadConfig::new(server)
    };
    let report = load::run(config).await.map_err(|error| {
        Failure::new(error.to_string(), "is the server running, and does it know the piles (--open-enrollment)?")
    })?;
    let code = if report.is_flawless() { ExitCode::SUCCESS } else { ExitCode::from(FLAWED) };
    Ok((printed(&report, args.json)?, code))
}

fn printed(report: &LoadReport, json: bool) -> Result<Vec<u8>, Failure> {
    let text = if json {
        serde_json::to_string_pretty(report).map_err(|error| Failure::new(error.to_string(), ""))?
    } else {
        report.to_string()
    };
    Ok(format!("{}\n", text.trim_end()).into_bytes())
}

async fn serve_echo(address: SocketAddr) -> Result<(Vec<u8>, ExitCode), Failure> {
    let cannot = |error: std::io::Error| Failure::new(format!("cannot listen on {address}: {error}"), "");
    let listener: TcpListener = echo::listen(address).map_err(cannot)?;
    announce(&format!("ready echo={} pid={}", listener.local_addr().map_err(cannot)?, std::process::id()));
    echo::serve(listener, async {
        let _ = tokio::signal::ctrl_c().await;
    })
    .await;
    Ok((Vec::new(), ExitCode::SUCCESS))
}
