//! `voltapile replay`: lets the piles of a capture say it all again, to any platform, and tells what it answers
//! differently.

mod difference;
mod drive;
mod play;
mod script;
mod translation;

use std::process::ExitCode;
use std::sync::Arc;

use voltapile_protocol::inspect::Lang;

use super::{Failure, Language, Printer, Reading};
use difference::{Difference, Summary};
use drive::{Driver, Speed};
use script::Conversation;

/// Send the pile's side of a capture or log again, and tell where the platform answers differently.
///
/// Each conversation has a connection of its own. Transaction numbers and tariff numbers that the platform makes anew
/// are carried into what the pile says later; times are not compared. Exits with 0 when all answers are as before, 1
/// when some differ, 2 when it could not be tried.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A capture (pcap, pcapng) or a log
    #[arg(value_name = "FILE")]
    input: String,
    /// Where the platform listens
    #[arg(long, value_name = "HOST:PORT")]
    server: String,
    /// How fast: 1 as it was, 10x ten times as fast, max as soon as the platform has answered
    #[arg(long, value_name = "SPEED", default_value = "1", value_parser = Speed::parse)]
    speed: Speed,
    /// Only these connections, by number
    #[arg(long, value_name = "N", value_delimiter = ',')]
    connection: Vec<usize>,
    /// Another code for a pile, in all that it says
    #[arg(long, value_name = "OLD=NEW", value_parser = exchange)]
    pile: Vec<(String, String)>,
    /// Print one JSON object for each difference, and one that sums up
    #[arg(long)]
    json: bool,
    /// Language (default: from LC_ALL, LC_MESSAGES or LANG)
    #[arg(long, value_enum)]
    lang: Option<Language>,
    #[command(flatten)]
    reading: Reading,
}

fn exchange(text: &str) -> Result<(String, String), String> {
    let (old, new) = text.split_once('=').ok_or_else(|| format!("{text:?} is not OLD=NEW"))?;
    Ok((translation::pile_code(old)?, translation::pile_code(new)?))
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    replay(args).unwrap_or_else(|failure| super::fail(&failure))
}

fn replay(args: &Args) -> Result<ExitCode, Failure> {
    let lang = super::language(args.lang);
    let options = args.reading.options();
    let file = super::read_file(&args.input, lang.pick("抓包或日志", "a capture or log"), lang)?;
    let mut conversations = script::read(&file, options).map_err(|error| {
        Failure::new(error, lang.pick("先用 voltapile decode 看看", "look at it with voltapile decode"))
    })?;
    if !args.connection.is_empty() {
        conversations.retain(|conversation| args.connection.contains(&conversation.number));
    }
    if conversations.is_empty() {
        let message = lang.pick("没有可以回放的连接", "there is no connection to replay");
        return Err(Failure::new(message, lang.pick("先用 voltapile decode 看看", "look at it with voltapile decode")));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start: {error}"), ""))?;
    let first = conversations.iter().filter_map(|conversation| Some(conversation.entries.first()?.at)).min();
    let driver = Driver {
        server: args.server.clone(),
        speed: args.speed,
        first: first.unwrap_or(0),
        piles: args.pile.clone(),
        options,
        lang,
    };
    let (differences, summary) = runtime.block_on(play_all(Arc::new(driver), conversations))?;
    let mut printer = Printer::new();
    for difference in &differences {
        let text = if args.json { difference.json() } else { difference.text(lang) };
        printer.print(format!("{text}\n").as_bytes());
    }
    let last = if args.json { summary.json() } else { summary.text(lang) };
    printer.print(format!("{last}\n").as_bytes());
    printer.finish().map_err(|error| super::not_written(&error))?;
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Plays all conversations; those of one pile one after the other, as a pile has one connection at a time.
async fn play_all(
    driver: Arc<Driver>,
    conversations: Vec<Conversation>,
) -> Result<(Vec<Difference>, Summary), Failure> {
    let lang = driver.lang;
    let (total, begin) = (conversations.len(), tokio::time::Instant::now());
    let mut tasks = tokio::task::JoinSet::new();
    let room = Arc::new(tokio::sync::Semaphore::new(drive::MOST_AT_ONCE));
    for group in script::by_pile(conversations) {
        let (driver, room) = (Arc::clone(&driver), Arc::clone(&room));
        tasks.spawn(async move {
            let mut done = Vec::new();
            for conversation in group {
                done.push(driver.play(conversation, begin, &room).await);
            }
            done
        });
    }
    let (mut differences, mut summary, mut done) = (Vec::new(), Summary::default(), 0);
    while let Some(results) = tasks.join_next().await {
        for result in results.unwrap_or_default() {
            let (found, sums) = result.map_err(|error| not_reached(&driver.server, &error, lang))?;
            differences.extend(found);
            summary.add(&sums);
            done += 1;
            super::say(&match lang {
                Lang::Zh => format!("voltapile: 连接 {done}/{total} 已回放"),
                Lang::En => format!("voltapile: {done} of {total} connections replayed"),
            });
        }
    }
    differences.sort_by_key(|difference| (difference.connection, difference.at));
    Ok((differences, summary))
}

fn not_reached(server: &str, error: &std::io::Error, lang: Lang) -> Failure {
    let message = match lang {
        Lang::Zh => format!("无法连接平台 {server}：{error}"),
        Lang::En => format!("cannot reach the platform at {server}: {error}"),
    };
    Failure::new(
        message,
        lang.pick("平台是否在监听？地址形如 127.0.0.1:8767", "does it listen? an address looks like 127.0.0.1:8767"),
    )
}
