//! How long the API takes to answer at scale, and how long the server takes to start there.
//!
//! `cargo bench -p voltapile-benches --bench api -- [--piles 100000] [--orders 1000000] [--keep DIR]`
//!
//! Fills a database with what a platform of that size has after two years, starts the server on it in this process, and
//! asks over one HTTP connection what a console asks. With `--keep` the database stays in DIR and is used again. Nothing
//! is asserted about times: what takes longer than the budget is marked.

mod ask;
mod client;
mod documents;
mod fill;
mod world;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use voltapile_server::Server;
use voltapile_server::config::Settings;

use client::Client;
use world::World;

/// The server's allocator, so that its memory is the server's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whatever went wrong.
type Failure = Box<dyn Error + Send + Sync>;

/// The admin's token.
const ADMIN_TOKEN: &str = "an-admin-token-for-the-benchmark";
/// Time in which the server is to be ready.
const READY_WITHIN: Duration = Duration::from_secs(1);
/// Fewer make no platform: there are as many stations.
const PILES_MIN: u64 = world::STATIONS;
/// Fewer leave no room for the charges that run.
const ORDERS_MIN: u64 = 1000;

/// What was asked for.
#[derive(Debug)]
struct Args {
    piles: u64,
    orders: u64,
    keep: Option<PathBuf>,
    /// Only fill the directory: in a process of its own, so that the server's memory is its own as well.
    fill: bool,
    /// Cargo says this when it runs benchmarks, and does not when it runs tests.
    bench: bool,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the benchmark could not be run: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let args = Args::read(std::env::args().skip(1))?;
    if let (true, Some(directory)) = (args.fill, &args.keep) {
        return fill::fill(directory, args.piles, args.orders);
    }
    if !args.bench {
        return Ok(());
    }
    // Goes away with everything in it, unless the database is to be kept.
    let temporary = tempfile::tempdir()?;
    let directory = args.keep.clone().unwrap_or_else(|| temporary.path().join("data"));
    if let Some(filled) = fill::filled(&directory, args.piles, args.orders)? {
        println!("{}: filled before, in {} s", directory.display(), filled.seconds);
    } else {
        fill_apart(&directory, &args)?;
    }
    let filled = fill::filled(&directory, args.piles, args.orders)?.ok_or("the directory was not filled")?;
    println!("database: {} MB", fill::database_bytes(&directory)? / 1_000_000);
    measure(&directory, &World::new(args.piles, args.orders, filled.now)?)
}

impl Args {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut args = Self { piles: 100_000, orders: 1_000_000, keep: None, fill: false, bench: false };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} takes a value"));
            match word.as_str() {
                "--piles" => args.piles = value()?.parse()?,
                "--orders" => args.orders = value()?.parse()?,
                "--keep" => args.keep = Some(value()?.into()),
                "--fill" => args.fill = true,
                "--bench" => args.bench = true,
                _ => return Err(format!("{word} is unknown; --piles, --orders and --keep are taken").into()),
            }
        }
        if args.piles < PILES_MIN || args.orders < ORDERS_MIN {
            return Err(format!("it takes at least {PILES_MIN} piles and {ORDERS_MIN} orders").into());
        }
        Ok(args)
    }
}

/// Fills a directory in another process.
fn fill_apart(directory: &Path, args: &Args) -> Result<(), Failure> {
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.arg("--fill").arg("--keep").arg(directory);
    command.args(["--piles", &args.piles.to_string(), "--orders", &args.orders.to_string()]);
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("filling ended with {status}").into()) }
}

/// Starts the server twice, the second time as after an orderly stop, and asks it.
fn measure(directory: &Path, world: &World) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    println!("memory before the start: {}", memory());
    let server = start(&runtime, directory, "first start (of a new database: its charges were cut off)")?;
    runtime.block_on(server.stop())?;
    let server = start(&runtime, directory, "second start")?;
    println!("memory after the start: {}", memory());
    let asked = ask::ask(server.http, world);
    println!("memory after the questions: {}", memory());
    runtime.block_on(server.stop())?;
    asked
}

fn start(runtime: &Runtime, directory: &Path, what: &str) -> Result<Server, Failure> {
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut settings = Settings {
        listen: vec![free.into()],
        http: free,
        data_dir: directory.to_owned(),
        admin_token: ADMIN_TOKEN.to_owned(),
        ..Settings::default()
    };
    // Charges whose piles never come back stay as they are, however long the directory is kept.
    settings.charging.gone_hours = 10 * 365 * 24;
    settings.validate()?;
    let begun = Instant::now();
    let server = runtime.block_on(Server::start(&settings))?;
    Client::connect(server.http, ADMIN_TOKEN)?.get("/readyz")?;
    let ready = begun.elapsed();
    let mark = if ready > READY_WITHIN { "  <- over the budget" } else { "" };
    println!("{what}: ready after {:.3} s{mark}", ready.as_secs_f64());
    Ok(server)
}

/// Memory of this process that is in use now.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or_else(|| "unknown here".to_owned(), |line| line.trim().to_owned())
}
