//! `voltapile certify`: does this pile, or this platform, follow the protocol?

mod capture;
mod pile;
mod platform;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};
use voltapile_certify::runner::{Answers, Clock, Ends, Notice, run as run_exam};
use voltapile_certify::{Exam, Report, Verdict};
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::inspect::text::Style;
use voltapile_protocol::wire::{Bytes, Text};
use voltapile_protocol::ykc::field::PhysicalCardNumber;

use super::{Failure, Language, finish, say};

/// Exit code when a rule was broken.
const BROKEN: u8 = 1;

/// Examine a pile or a platform: does it follow the protocol? Each rule with a verdict and the frames that show it.
///
/// The exit code is 0 where nothing failed, 1 where a rule is broken, 2 where nobody came or the command was misused.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Debug, clap::Subcommand)]
enum Subject {
    Pile(pile::Args),
    Platform(platform::Args),
}

/// Where the report goes.
#[derive(Debug, clap::Args)]
struct Output {
    /// Language (default: from LC_ALL, LC_MESSAGES or LANG)
    #[arg(long, value_enum)]
    lang: Option<Language>,
    /// Write the report as JSON; - for standard output, instead of the summary
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report as one page of HTML
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: Args) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return finish(Err(Failure::new(error.to_string(), ""))),
    };
    let result = runtime.block_on(async {
        match args.subject {
            Subject::Pile(args) => pile::run(args).await,
            Subject::Platform(args) => platform::run(args).await,
        }
    });
    finish(result)
}

impl Output {
    fn lang(&self) -> Lang {
        super::language(self.lang)
    }

    fn is_json_printed(&self) -> bool {
        self.json.as_deref() == Some(Path::new("-"))
    }

    /// Writes the files, and gives the summary and what it comes to.
    fn deliver(&self, report: &Report) -> Result<(Vec<u8>, ExitCode), Failure> {
        let lang = self.lang();
        write(self.html.as_ref(), || report.to_html(lang))?;
        let colour = std::io::IsTerminal::is_terminal(&std::io::stdout());
        let code = match report.is_clean() {
            true if report.count(Verdict::Pass) == 0 => ExitCode::from(super::MISUSE),
            true => ExitCode::SUCCESS,
            false => ExitCode::from(BROKEN),
        };
        if self.is_json_printed() {
            return Ok((report.to_json(lang).into_bytes(), code));
        }
        write(self.json.as_ref(), || report.to_json(lang))?;
        Ok((report.to_text(Style { lang, colour }).into_bytes(), code))
    }
}

fn write(path: Option<&PathBuf>, render: impl FnOnce() -> String) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    std::fs::write(path, render())
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display()), "give another file name"))
}

/// Somebody who may break the exam off. Made before anything is announced, so that no signal is missed.
struct Interruption {
    terminate: Signal,
    interrupt: Signal,
}

impl Interruption {
    fn new() -> Result<Self, Failure> {
        let cannot = |error: std::io::Error| Failure::new(error.to_string(), "");
        let terminate = signal(SignalKind::terminate()).map_err(cannot)?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt()).map_err(cannot)? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Goes through an exam until it is over or somebody breaks it off; what happens is said on the side.
async fn examine(
    exam: &mut dyn Exam,
    clock: Clock,
    ends: Ends,
    answers: Answers,
    interruption: Interruption,
    lang: Lang,
) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| Failure::new(error.to_string(), "");
    run_exam(exam, clock, ends, answers, |notice| say(&told(&notice, lang)), interruption.wait()).await.map_err(cannot)
}

fn told(notice: &Notice, lang: Lang) -> String {
    match notice {
        Notice::Progress(what, step, steps) => format!("[{step}/{steps}] {}", what.pick(lang)),
        Notice::Ask(what) => {
            let keys = lang.pick("（完成后自动继续；按 s 回车跳过）", " (goes on by itself; s and Enter to skip)");
            format!("  >> {}{keys}", what.pick(lang))
        }
        Notice::Tell(what) => format!("  {}", what.pick(lang)),
    }
}

/// What a pile or a platform is examined by.
fn protocol(text: &str) -> Result<Protocol, String> {
    let names: Vec<&str> = Protocol::ALL.iter().map(|protocol| protocol.name()).collect();
    Protocol::named(text).ok_or_else(|| format!("there is no such protocol; there are {}", names.join(", ")))
}

/// A code or a number on the command line in the shape of a protocol, or why it has not.
fn in_shape<T>(option: &str, text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, Failure> {
    read(text).map_err(|why| Failure::new(format!("{option}: {why}"), "`--protocol` says which protocol's it is"))
}

/// A name of AA F5: up to 31 letters and digits.
fn name_of_32(text: &str) -> Result<Text<32>, String> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.is_empty() || text.len() > 31 || !text.bytes().all(is_name) {
        return Err(format!("1 to 31 letters and digits are needed, {text:?} has not"));
    }
    Text::new(text)
}

/// A physical card number: 16 hex digits.
fn card_number(text: &str) -> Result<PhysicalCardNumber, String> {
    let wrong = || format!("a physical card number has 16 hex digits, {text:?} has not");
    if text.len() != 16 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    u64::from_str_radix(text, 16).map(|number| Bytes(number.to_be_bytes())).map_err(|_| wrong())
}
