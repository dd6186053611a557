//! The subcommands, a file each, and what they share: languages, input, output, exit codes.

pub(crate) mod certify;
pub(crate) mod decode;
pub(crate) mod demo;
pub(crate) mod dissector;
pub(crate) mod encode;
pub(crate) mod frames;
pub(crate) mod mask;
pub(crate) mod replay;
pub(crate) mod serve;
pub(crate) mod sim;

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Read, StdoutLock, Write};
use std::process::ExitCode;

use clap::ValueEnum;
use voltapile_protocol::inspect::{Lang, Options};
use voltapile_protocol::ykc::Dialect;

/// Exit code for a command that was used wrongly or found nothing to work on.
pub(crate) const MISUSE: u8 = 2;

/// Language of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

/// The language asked for, else the environment's: Chinese where it says `zh…`, else English.
pub(crate) fn language(asked: Option<Language>) -> Lang {
    match asked {
        Some(Language::Zh) => Lang::Zh,
        Some(Language::En) => Lang::En,
        None => {
            let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
            let locale = set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG")).unwrap_or_default();
            if locale.to_ascii_lowercase().starts_with("zh") { Lang::Zh } else { Lang::En }
        }
    }
}

/// Whose reading of a frame type is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum DialectName {
    /// V1.6 and what its revisions added
    #[default]
    V16,
    /// 国充: QR codes as 0x5A/0x59
    Guochong,
    /// 公牛: key update as 0x95/0x96, power limits in whole kilowatts
    Gongniu,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Self {
        match name {
            DialectName::V16 => Self::V16,
            DialectName::Guochong => Self::Guochong,
            DialectName::Gongniu => Self::Gongniu,
        }
    }
}

/// How frames are read where the specification leaves it open.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Reading {
    /// Whose reading of a frame type is taken where vendors disagree
    #[arg(long, value_enum, default_value_t)]
    dialect: DialectName,
    /// Which printed bit of the hardware faults is mask 0x0001: 0 (most piles) or 1
    #[arg(long, value_name = "0|1", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=1))]
    fault_base: u8,
}

impl Reading {
    pub(crate) fn options(self) -> Options {
        Options { dialect: self.dialect.into(), fault_base: self.fault_base, ..Options::default() }
    }
}

/// Why a command could not do its work, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: String,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, hint } = self;
        write!(f, "voltapile: {message}")?;
        if hint.is_empty() { Ok(()) } else { write!(f, "\n  {hint}") }
    }
}

/// Prints what a command made, or says why it could not, and gives the exit code.
pub(crate) fn finish(result: Result<(Vec<u8>, ExitCode), Failure>) -> ExitCode {
    match result {
        Ok((output, code)) => match print(&output) {
            Ok(()) => code,
            Err(error) => fail(&not_written(&error)),
        },
        Err(failure) => fail(&failure),
    }
}

/// The output could not be written.
pub(crate) fn not_written(error: &io::Error) -> Failure {
    Failure::new(format!("cannot write the output: {error}"), "")
}

/// Says why a command could not do its work.
pub(crate) fn fail(failure: &Failure) -> ExitCode {
    say(&failure.to_string());
    ExitCode::from(MISUSE)
}

/// Says something on the side. Where nobody listens, nothing is lost.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says something on the output at once; where nobody listens, a server serves all the same.
pub(crate) fn announce(text: &str) {
    let _ = print(format!("{text}\n").as_bytes());
}

/// Prints all of an output.
fn print(output: &[u8]) -> io::Result<()> {
    let mut printer = Printer::new();
    printer.print(output);
    printer.finish()
}

/// The output of a command that prints as it goes. A reader that has gone away (`| head`) has seen enough.
pub(crate) struct Printer {
    stdout: BufWriter<StdoutLock<'static>>,
    /// What became of it so far; after a failure nothing more is written.
    result: io::Result<()>,
}

impl Printer {
    pub(crate) fn new() -> Self {
        Self { stdout: BufWriter::new(io::stdout().lock()), result: Ok(()) }
    }

    pub(crate) fn print(&mut self, bytes: &[u8]) {
        if self.result.is_ok() {
            self.result = self.stdout.write_all(bytes);
        }
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        let result = self.result.and_then(|()| self.stdout.flush());
        result.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
    }
}

/// All of the standard input; `None` when it is a terminal, so that nobody waits for what does not come.
pub(crate) fn piped_input(lang: Lang) -> Result<Option<Vec<u8>>, Failure> {
    if io::stdin().is_terminal() { Ok(None) } else { standard_input(lang).map(Some) }
}

/// All of the standard input.
pub(crate) fn standard_input(lang: Lang) -> Result<Vec<u8>, Failure> {
    let mut input = Vec::new();
    io::stdin().lock().read_to_end(&mut input).map_err(|error| {
        Failure::new(format!("{}: {error}", lang.pick("无法读取标准输入", "cannot read the standard input")), "")
    })?;
    Ok(input)
}

/// All of a file; what the argument might have been instead is said when there is none.
pub(crate) fn read_file(path: &str, otherwise: &str, lang: Lang) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        let message = match (lang, error.kind()) {
            (Lang::Zh, io::ErrorKind::NotFound) => format!("没有文件 {path}，也不是{otherwise}"),
            (Lang::En, io::ErrorKind::NotFound) => format!("{path} is neither a file nor {otherwise}"),
            (Lang::Zh, _) => format!("无法读取 {path}：{error}"),
            (Lang::En, _) => format!("cannot read {path}: {error}"),
        };
        Failure::new(message, usage(otherwise, lang))
    })
}

/// Where input may come from.
pub(crate) fn usage(otherwise: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("给出文件名、{otherwise}，或用 - 从标准输入读取"),
        Lang::En => format!("give a file, {otherwise}, or - for the standard input"),
    }
}
