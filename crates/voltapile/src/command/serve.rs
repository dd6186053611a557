//! `voltapile serve`: the platform server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use toml::Value;
use voltapile_server::Server;
use voltapile_server::config::{self, ConfigError, Listen, Settings, Sources};

use super::demo::{self, Demo};
use super::{announce, finish, say};

/// Runs the platform server.
///
/// Every setting can stand in a TOML file (--config), in a variable (VOLTAPILE_HTTP, VOLTAPILE_LIMITS_CONNECTIONS, …) or
/// here; the command line wins, then variables, then the file.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// Address where piles dial in, with ykc:// or aaf5:// before it for one protocol alone; may be repeated [default:
    /// 0.0.0.0:8768]
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<Listen>,
    /// Address of the HTTP side [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    http: Option<SocketAddr>,
    /// Directory of the database [default: ./data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// TOML file with settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Register unknown piles that log in, instead of listing them for approval (laboratories only)
    #[arg(long)]
    open_enrollment: bool,
    /// Expect a PROXY protocol v2 header on pile connections
    #[arg(long, conflicts_with = "demo")]
    proxy_protocol: bool,
    /// Write all that passes between piles and server into this directory, as pcapng files that make room for each other
    #[arg(long, value_name = "DIR")]
    capture: Option<PathBuf>,
    /// Least level of log lines: error, warn, info, debug or trace [default: info]
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
    /// Play 12 virtual piles over real sockets, with their own data directory [default: ./demo-data]
    #[arg(long)]
    demo: bool,
}

/// Checks settings without serving: the file, then the variables.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// TOML file with settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Exit code of settings or surroundings that do not allow serving.
const CANNOT_SERVE: u8 = 1;
/// Characters of an admin token that cannot be guessed.
const ADMIN_TOKEN_SAFE: usize = 16;
/// Exit code of a server that was asked twice to stop.
const STOPPED_AT_ONCE: i32 = 130;

/// Serves until SIGTERM or SIGINT.
pub(crate) fn serve(args: ServeArgs) -> ExitCode {
    let demo = args.demo;
    let mut settings = match args.settings() {
        Ok(settings) => settings,
        Err(error) => return fail(&error),
    };
    start_log(&settings.log);
    leave_files_for_people(&mut settings, raise_file_limit());
    if (1..ADMIN_TOKEN_SAFE).contains(&settings.admin_token.len()) {
        tracing::warn!("the admin token is short enough to be guessed; take at least {ADMIN_TOKEN_SAFE} characters");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(run(settings, demo)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.as_ref()),
    }
}

/// Says whether settings can be used, and what they come to.
pub(crate) fn check(args: CheckArgs) -> ExitCode {
    let checked =
        variables().and_then(|variables| config::load(Sources { file: args.config, variables, flags: Vec::new() }));
    match checked {
        Ok(settings) => {
            say("the settings are valid");
            finish(Ok((in_force(settings).into_bytes(), ExitCode::SUCCESS)))
        }
        Err(error) => fail(&error),
    }
}

/// The settings as TOML, without secrets.
fn in_force(mut settings: Settings) -> String {
    const HIDDEN: &str = "(set)";
    if !settings.admin_token.is_empty() {
        settings.admin_token = HIDDEN.to_owned();
    }
    for key in settings.encryption.keys.iter_mut().chain(&mut settings.encryption.aes_keys) {
        let pile = key.split(':').next().unwrap_or_default();
        *key = format!("{pile}:{HIDDEN}");
    }
    toml::to_string(&settings).unwrap_or_default()
}

impl ServeArgs {
    fn settings(self) -> Result<Settings, ConfigError> {
        let text = |value: &dyn ToString| Value::String(value.to_string());
        let mut flags = Vec::new();
        if !self.listen.is_empty() {
            flags.push(("listen", Value::Array(self.listen.iter().map(|address| text(address)).collect())));
        }
        flags.extend(self.http.map(|address| ("http", text(&address))));
        let own_data_dir = self.data_dir.is_some();
        flags.extend(self.data_dir.map(|directory| ("data_dir", text(&directory.display()))));
        flags.extend(self.capture.map(|directory| ("capture.directory", text(&directory.display()))));
        flags.extend(self.log.map(|level| ("log", Value::String(level))));
        flags.extend(self.open_enrollment.then_some(("open_enrollment", Value::Boolean(true))));
        flags.extend(self.proxy_protocol.then_some(("proxy_protocol", Value::Boolean(true))));
        let mut settings = config::load(Sources { file: self.config, variables: variables()?, flags })?;
        if self.demo {
            demo::adapt(&mut settings, own_data_dir);
        }
        Ok(settings)
    }
}

async fn run(settings: Settings, demo: bool) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let server = Server::start(&settings).await?;
    if let Some(token) = &server.new_admin_token {
        announce(&format!("admin token, shown only now: {token}"));
    }
    let demo = if demo { Some(Demo::start(&server, &settings).await?) } else { None };
    let addresses: Vec<String> = server.pile_addresses().iter().map(ToString::to_string).collect();
    announce(&format!("ready piles={} http={}", addresses.join(","), server.http));
    let mut asked_to_stop = async || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    asked_to_stop().await;
    tracing::info!("stopping; ask again to stop at once");
    let stopped = async {
        if let Some(demo) = demo {
            demo.stop().await;
        }
        server.stop().await
    };
    tokio::select! {
        result = stopped => Ok(result?),
        () = asked_to_stop() => {
            // Nothing acknowledged is lost: the next start is that after a crash.
            tracing::warn!("stopped without waiting for what was under way");
            std::process::exit(STOPPED_AT_ONCE)
        }
    }
}

/// An address on the command line.
fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "takes an IP address and a port, for example 0.0.0.0:8768 or [::]:8768".to_owned())
}

/// The process's variables. What is no UTF-8 cannot be a setting, so it only matters under our names.
fn variables() -> Result<Vec<(String, String)>, ConfigError> {
    let mut variables = Vec::new();
    for (name, value) in std::env::vars_os() {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => variables.push((name, value)),
            (Ok(name), Err(_)) if name.starts_with(config::PREFIX) => {
                let message = "takes a text in UTF-8".to_owned();
                return Err(ConfigError::Value { origin: "environment".to_owned(), key: name, message });
            }
            _ => {}
        }
    }
    Ok(variables)
}

fn start_log(level: &str) {
    use tracing_subscriber::filter::LevelFilter;
    let level = level.parse().unwrap_or(LevelFilter::INFO);
    // A second initialisation only happens in tests of this process.
    let _ = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .try_init();
}

/// Every pile takes a file descriptor, and the usual soft limit is 1024. Gives back how many there may be now.
pub(crate) fn raise_file_limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, limit = ?limit.current, "cannot raise the limit of open files");
        return limit.current;
    }
    limit.maximum
}

/// Bounds the piles so that people and the database always find a file descriptor.
fn leave_files_for_people(settings: &mut Settings, limit: Option<u64>) {
    let Some(limit) = limit else { return };
    let room = limit - u64::from(voltapile_server::FILES_RESERVED).min(limit / 4);
    let room = u32::try_from(room).unwrap_or(u32::MAX);
    if settings.limits.connections > room {
        tracing::info!(limit, connections = room, "the limit of open files bounds the pile connections");
        settings.limits.connections = room;
    }
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    say(&format!("voltapile: {error}"));
    ExitCode::from(CANNOT_SERVE)
}
