//! `voltapile serve`: the platform server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use toml::Value;
use voltapile_server::Server;
use voltapile_server::config::{self, ConfigError, Settings, Sources};

use super::demo::{self, Demo};

/// Runs the platform server.
///
/// Every setting can stand in a TOML file (--config), in a variable (VOLTAPILE_HTTP, VOLTAPILE_LIMITS_CONNECTIONS, …) or
/// here; the command line wins, then variables, then the file.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// Address where piles dial in; may be repeated [default: 0.0.0.0:8768]
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<SocketAddr>,
    /// Address of the HTTP side [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
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
    #[arg(long)]
    proxy_protocol: bool,
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

/// Serves until SIGTERM or SIGINT.
pub(crate) fn serve(args: ServeArgs) -> ExitCode {
    let demo = args.demo;
    let settings = match args.settings() {
        Ok(settings) => settings,
        Err(error) => return fail(&error),
    };
    start_log(&settings.log);
    raise_file_limit();
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
    let sources = Sources { file: args.config, variables: std::env::vars().collect(), flags: Vec::new() };
    match config::load(sources) {
        Ok(settings) => {
            println!("{}", in_force(settings));
            eprintln!("the settings are valid");
            ExitCode::SUCCESS
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
    for key in &mut settings.encryption.keys {
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
        flags.extend(self.data_dir.map(|directory| ("data_dir", text(&directory.display()))));
        flags.extend(self.log.map(|level| ("log", Value::String(level))));
        flags.extend(self.open_enrollment.then_some(("open_enrollment", Value::Boolean(true))));
        flags.extend(self.proxy_protocol.then_some(("proxy_protocol", Value::Boolean(true))));
        let mut settings = config::load(Sources { file: self.config, variables: std::env::vars().collect(), flags })?;
        if self.demo {
            demo::adapt(&mut settings);
        }
        Ok(settings)
    }
}

async fn run(settings: Settings, demo: bool) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let server = Server::start(&settings).await?;
    if let Some(token) = &server.new_admin_token {
        println!("admin token, shown only now: {token}");
    }
    let demo = if demo { Some(Demo::start(&server, &settings).await?) } else { None };
    let addresses: Vec<String> = server.pile_addresses().iter().map(ToString::to_string).collect();
    println!("ready piles={} http={}", addresses.join(","), server.http);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    if let Some(demo) = demo {
        demo.stop().await;
    }
    server.stop().await?;
    Ok(())
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

/// Every pile takes a file descriptor, and the usual soft limit is 1024.
pub(crate) fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, limit = ?limit.current, "cannot raise the limit of open files");
    }
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("voltapile: {error}");
    ExitCode::from(CANNOT_SERVE)
}
