//! `voltapile sim`: virtual piles against any platform: some that live, one in somebody's hands, many that load.

mod args;
mod capture;
mod fleet;
mod interactive;
mod lists;
mod load;
mod progress;
mod scenario;
mod summary;
mod tally;

use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

pub(crate) use args::Args;
use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};
use voltapile_protocol::inspect::Lang;

use self::fleet::{Fleet, Launch, plans};
use super::{Failure, finish, language, say};

/// Exit code when the platform answered wrongly or not at all, or a scenario did not go as expected.
const FLAWED: u8 = 1;

pub(crate) fn run(args: &Args) -> ExitCode {
    let lang = language(args.lang);
    if args.list_faults || args.list_firmwares {
        return finish(Ok((lists::text(args.list_faults, args.list_firmwares, lang).into_bytes(), ExitCode::SUCCESS)));
    }
    super::serve::raise_file_limit();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return finish(Err(Failure::new(error.to_string(), ""))),
    };
    if let Some(address) = args.load.echo {
        return finish(runtime.block_on(load::serve_echo(address)));
    }
    let result = match resolve(args.server.as_deref().unwrap_or_default()) {
        Ok(server) if args.load.load => runtime.block_on(load::measure(args, server)),
        Ok(server) if args.play.interactive => runtime.block_on(interactive::play(args, server, lang)),
        Ok(server) => match &args.play.scenario {
            Some(path) => runtime.block_on(scenario::play(args, path, server, lang)),
            None => runtime.block_on(live(args, server)),
        },
        Err(failure) => Err(failure),
    };
    finish(result)
}

pub(crate) fn resolve(server: &str) -> Result<SocketAddr, Failure> {
    let hint = "give host and port, for example --server 127.0.0.1:8768";
    let mut addresses =
        server.to_socket_addrs().map_err(|error| Failure::new(format!("--server {server:?}: {error}"), hint))?;
    addresses.next().ok_or_else(|| Failure::new(format!("--server {server:?} has no address"), hint))
}

/// Plays piles until Ctrl-C or the end of their time, then sums up.
async fn live(args: &Args, server: SocketAddr) -> Result<(Vec<u8>, ExitCode), Failure> {
    let lang = language(args.lang);
    let plans = plans(args)?;
    if let (Some(first), Some(last)) = (plans.first(), plans.last()) {
        let (first, last) = (first.code(), last.code());
        say(&match lang {
            Lang::Zh => format!("桩 {first} 至 {last} 连接 {server}；Ctrl-C 结束"),
            Lang::En => format!("playing piles {first} to {last} against {server}; Ctrl-C ends"),
        });
    }
    let launch = Launch::new(args, server);
    let fleet = Fleet::launch(plans, &launch, args.capture.as_deref(), Vec::new())?;
    tokio::select! {
        () = ended(args.lasts()) => {}
        () = progress::tell(&fleet, lang) => {}
    }
    progress::end();
    let summary = fleet.end().await;
    let code = if summary.is_flawless() { ExitCode::SUCCESS } else { ExitCode::from(FLAWED) };
    let output = if args.json { json_text(&summary.json(lang)) } else { summary.text(lang).into_bytes() };
    Ok((output, code))
}

/// Waits until somebody or the time ends it.
async fn ended(lasts: Option<Duration>) {
    tokio::select! {
        () = told_to_end() => {}
        () = tokio::time::sleep(lasts.unwrap_or_default()), if lasts.is_some() => {}
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn told_to_end() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => _ = tokio::signal::ctrl_c().await,
    }
}

/// A value as indented JSON with a line feed behind it.
fn json_text(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}
