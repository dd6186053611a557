//! `voltapile sim --load`: how fast a server answers; `--echo`: what any server could reach at most.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;
use voltapile_protocol::Protocol;
use voltapile_simulator::load::{self, Against, LoadConfig, LoadError, LoadReport, Mode, echo};

use super::args::{Args, ProtocolName};
use super::{FLAWED, json_text};
use crate::command::{Failure, announce};

/// How long is asked when nothing is said.
const ASKING: Duration = Duration::from_secs(10);

/// What to ask under `--load`.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct LoadArgs {
    /// Log all piles in, then ask and measure
    #[arg(
        long,
        conflicts_with_all = ["scenario", "interactive", "fault", "capture", "current", "connectors", "firmware", "cards"],
        conflicts_with_all = ["unattended", "speed", "seed"]
    )]
    pub(super) load: bool,
    /// What to send after the login: login (nothing), heartbeats, records, telemetry (of two charging connectors) or mix
    /// (telemetry and records)
    #[arg(long, default_value = "heartbeats", requires = "load")]
    mode: Mode,
    /// How many piles ask; the others stay connected [default: all]
    #[arg(long, requires = "load")]
    busy: Option<NonZeroUsize>,
    /// Frames that all of them send in a second [default: heartbeats and records as soon as the last is answered,
    /// telemetry as often as real piles]
    #[arg(long, requires = "load")]
    rate: Option<f64>,
    /// Process of the server on this machine, to measure its CPU and memory
    #[arg(long, requires = "load")]
    pid: Option<u32>,
    /// What answers there: platform, or echo for the bare echo of --echo
    #[arg(long, default_value = "platform", requires = "load")]
    against: Against,
    /// Serve a bare echo on this address instead: what any server on this machine could reach at most
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["server", "load"])]
    pub(super) echo: Option<SocketAddr>,
}

/// Asks and reports.
pub(super) async fn measure(args: &Args, server: SocketAddr) -> Result<(Vec<u8>, ExitCode), Failure> {
    let (load, piles) = (&args.load, args.piles());
    let config = LoadConfig {
        protocol: match args.fleet.protocol {
            Some(ProtocolName::Aaf5) => Protocol::Aaf5,
            Some(ProtocolName::Ykc) | None => Protocol::Ykc,
        },
        against: load.against,
        mode: load.mode,
        piles,
        busy: load.busy.map_or(piles, NonZeroUsize::get),
        rate: load.rate,
        duration: args.lasts().unwrap_or(ASKING),
        first_pile: args.fleet.first_pile,
        server_pid: load.pid,
        ..LoadConfig::new(server)
    };
    let report = load::run(config).await.map_err(|error| {
        let hint = match error {
            LoadError::NobodyLoggedIn { .. } => {
                "is the server running, and does it know the piles (--open-enrollment)?"
            }
            _ => "",
        };
        Failure::new(error.to_string(), hint)
    })?;
    let code = if report.is_flawless() { ExitCode::SUCCESS } else { ExitCode::from(FLAWED) };
    Ok((printed(&report, args.json)?, code))
}

fn printed(report: &LoadReport, json: bool) -> Result<Vec<u8>, Failure> {
    if !json {
        return Ok(format!("{}\n", report.to_string().trim_end()).into_bytes());
    }
    let value = serde_json::to_value(report).map_err(|error| Failure::new(error.to_string(), ""))?;
    Ok(json_text(&value))
}

/// Serves the bare echo until Ctrl-C.
pub(super) async fn serve_echo(address: SocketAddr) -> Result<(Vec<u8>, ExitCode), Failure> {
    let cannot = |error: std::io::Error| Failure::new(format!("cannot listen on {address}: {error}"), "");
    let listener: TcpListener = echo::listen(address).map_err(cannot)?;
    announce(&format!("ready echo={} pid={}", listener.local_addr().map_err(cannot)?, std::process::id()));
    echo::serve(listener, async {
        let _ = tokio::signal::ctrl_c().await;
    })
    .await;
    Ok((Vec::new(), ExitCode::SUCCESS))
}
