//! `voltapile decode`: explains frames.

mod capture;
mod filter;
mod form;
mod key;

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use clap::ValueEnum;
use voltapile_capture::read::Format;
use voltapile_protocol::inspect::declared::title;
use voltapile_protocol::inspect::text::Style;
use voltapile_protocol::inspect::{InputError, Item, Lang, Options, Report, Stray, inspect, inspect_each, read_input};

use super::{Failure, Language, Printer, Reading};
use crate::traffic::log::{Heading, heading};
use filter::{Chooser, Filter, Place};
use form::Form;
use key::Key;

/// Explain frames: each field, and what is wrong with it.
///
/// Takes frames as you have them: captures (pcap, pcapng), hex in any dress, log lines, C arrays, hex dumps, binary
/// files.
/// Exits with 0 when no frame has an error, 1 when one has, 2 when there was nothing to explain.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A file, hex bytes, or - for the standard input (the default when something is piped in)
    #[arg(value_name = "FILE | - | HEX")]
    input: Vec<String>,
    /// Print one JSON object for each frame
    #[arg(long)]
    json: bool,
    /// Print one line for each frame
    #[arg(long, alias = "frames-only", conflicts_with = "json")]
    brief: bool,
    #[command(flatten)]
    filter: Filter,
    /// Protocol of the frames
    #[arg(long, value_enum, default_value_t)]
    protocol: Protocol,
    /// Key of encrypted bodies of AA F5, as 105 gives it: such frames are shown as they were before
    #[arg(long, value_name = "HEX", value_parser = Key::parse)]
    key: Option<Key>,
    /// Language (default: from LC_ALL, LC_MESSAGES or LANG)
    #[arg(long, value_enum)]
    lang: Option<Language>,
    #[command(flatten)]
    reading: Reading,
    /// When to colour
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

/// Protocol of the frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Protocol {
    /// Whatever the bytes look like
    #[default]
    Auto,
    /// 云快充 1.x
    Ykc,
    /// AA F5, 盛弘 family
    Aaf5,
}

impl Protocol {
    const fn only(self) -> Option<voltapile_protocol::Protocol> {
        match self {
            Self::Auto => None,
            Self::Ykc => Some(voltapile_protocol::Protocol::Ykc),
            Self::Aaf5 => Some(voltapile_protocol::Protocol::Aaf5),
        }
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    decode(args).unwrap_or_else(|failure| super::fail(&failure))
}

fn decode(args: &Args) -> Result<ExitCode, Failure> {
    let lang = super::language(args.lang);
    let options = Options { protocol: args.protocol.only(), ..args.reading.options() };
    let (input, from_words) = input(args, lang)?;
    let mut showing = Showing::new(args, options, lang);
    let strays = if Format::recognise(&input).is_some() {
        capture::show(&input, options, &mut showing);
        Vec::new()
    } else {
        text(&input, from_words, options, &mut showing)?
    };
    let Showing { printer, frames, shown, has_error, .. } = showing;
    printer.finish().map_err(|error| super::not_written(&error))?;
    if frames == 0 {
        return Err(of_another(&input, &strays, options, lang).unwrap_or_else(|| no_frame(&strays, lang)));
    }
    say_strays(&strays, lang);
    if shown == 0 {
        return Err(none_chosen(frames, lang));
    }
    Ok(if has_error { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Explains the frames in text or plain bytes; gives back where there was none.
fn text(input: &[u8], from_words: bool, options: Options, showing: &mut Showing<'_>) -> Result<Vec<Stray>, Failure> {
    let mut chunks = read_input(input).map_err(|error| nothing_usable(error, showing.style.lang))?;
    if from_words {
        // The command line is no text whose lines anybody counts.
        chunks.iter_mut().for_each(|chunk| chunk.line = None);
    }
    let text = String::from_utf8_lossy(input);
    let mut lines = text.lines().enumerate();
    let (mut current, mut strays) = ((None, Heading::default()), Vec::new());
    inspect_each(&chunks, options, |item| match item {
        Item::Frame(mut report) => {
            if report.line != current.0 {
                let line = report.line.and_then(|line| lines.find(|(index, _)| index + 1 == line));
                current = (report.line, line.map(|(_, text)| heading(text)).unwrap_or_default());
            }
            if let Some(direction) = current.1.direction {
                report.went(direction);
            }
            showing.frame(&report, &Place { at: current.1.at, in_utc: false, talk: None });
        }
        Item::Stray(stray) => strays.push(stray),
    });
    Ok(strays)
}

/// Shows frames as they are found.
struct Showing<'a> {
    chooser: Chooser<'a>,
    form: Form,
    style: Style,
    /// What opens encrypted bodies, and how they are read then.
    key: Option<(&'a Key, Options)>,
    printer: Printer,
    /// How many frames there were.
    frames: usize,
    /// How many of them were shown.
    shown: usize,
    /// Whether one of those has an error.
    has_error: bool,
}

impl<'a> Showing<'a> {
    fn new(args: &'a Args, options: Options, lang: Lang) -> Self {
        let form = match (args.json, args.brief) {
            (true, _) => Form::Json,
            (false, true) => Form::Brief,
            (false, false) => Form::Full,
        };
        let (chooser, style) = (Chooser::new(&args.filter), style(args, lang));
        let key = args.key.as_ref().map(|key| (key, options));
        Self { chooser, form, style, key, printer: Printer::new(), frames: 0, shown: 0, has_error: false }
    }

    fn frame(&mut self, report: &Report, place: &Place) {
        self.frames += 1;
        let opened = self.key.and_then(|(key, options)| key.open(report, options)).transpose();
        let opened = opened.unwrap_or_else(|error| {
            let (number, problem) = (self.frames, self.style.lang.pick("秘钥不对", "not its key"));
            super::say(&format!("voltapile: #{number}: {problem}: {error}"));
            None
        });
        let report = opened.as_ref().unwrap_or(report);
        if self.chooser.takes(report, place) {
            self.shown += 1;
            self.has_error |= report.has_error();
            self.printer.print(&self.form.of(report, place, self.shown, self.style));
        }
    }
}

fn none_chosen(frames: usize, lang: Lang) -> Failure {
    let message = match lang {
        Lang::Zh => format!("{frames} 帧中没有符合条件的"),
        Lang::En => format!("none of {frames} frames is one of those asked for"),
    };
    Failure::new(
        message,
        lang.pick(
            "去掉 --pile、--type、--connection、--from、--to 再试",
            "leave out --pile, --type, --connection, --from or --to",
        ),
    )
}

/// Runs of bytes without a frame that are told one by one.
const STRAYS_SAID: usize = 8;

fn say_strays(strays: &[Stray], lang: Lang) {
    for stray in strays.iter().take(STRAYS_SAID) {
        let (count, offset, bytes) = (stray.bytes.len(), stray.offset, stray.preview());
        super::say(&match lang {
            Lang::Zh => format!("voltapile: 偏移 {offset} 处 {count} 字节中没有帧：{bytes}"),
            Lang::En => format!("voltapile: no frame in {count} bytes at {offset}: {bytes}"),
        });
    }
    let rest = strays.get(STRAYS_SAID..).unwrap_or_default();
    if !rest.is_empty() {
        let (runs, count) = (rest.len(), rest.iter().map(|stray| stray.bytes.len()).sum::<usize>());
        super::say(&match lang {
            Lang::Zh => format!("voltapile: 另有 {runs} 段共 {count} 字节中没有帧"),
            Lang::En => format!("voltapile: no frame in {runs} more runs of {count} bytes in all"),
        });
    }
}

/// The input and whether it is the words of the command line: a file when there is one of that name, else hex, else the
/// standard input.
fn input(args: &Args, lang: Lang) -> Result<(Vec<u8>, bool), Failure> {
    let input = match args.input.as_slice() {
        [] => super::piped_input(lang)?
            .ok_or_else(|| Failure::new(lang.pick("没有输入", "nothing to decode"), super::usage(hex(lang), lang))),
        [dash] if dash == "-" => super::standard_input(lang),
        [path] if Path::new(path).exists() => super::read_file(path, hex(lang), lang),
        words => {
            let joined = words.join(" ");
            match (read_input(joined.as_bytes()), words) {
                (Err(InputError::NoHex | InputError::NoStart), [path]) => super::read_file(path, hex(lang), lang),
                (Err(InputError::NoHex | InputError::NoStart), [first, ..]) if !is_hex(first) => Err(Failure::new(
                    lang.pick("一次只能解析一个文件", "one file at a time").to_owned(),
                    lang.pick("用 cat 合并后经管道输入", "join several with cat and pipe them in").to_owned(),
                )),
                _ => return Ok((joined.into_bytes(), true)),
            }
        }
    };
    Ok((input?, false))
}

/// What an argument may be instead of a file.
const fn hex(lang: Lang) -> &'static str {
    lang.pick("十六进制报文", "hex")
}

fn is_hex(word: &str) -> bool {
    word.chars().all(|character| character.is_ascii_hexdigit() || character == 'x')
}

fn nothing_usable(error: InputError, lang: Lang) -> Failure {
    let zh = match error {
        InputError::Empty => "输入为空",
        InputError::NoHex => "文本中没有十六进制报文",
        InputError::NoStart => "文本中有十六进制，但没有以 68 或 AA F5 开头、至少 8 字节的一段",
    };
    let hint = lang.pick(
        "报文形如 68 0D 25 D3 00 03 …；可以带空格、0x、逗号、日志前缀，也可以是十进制列表 [104, 13, 37, -45, …]",
        "frames look like 68 0D 25 D3 00 03 …; spaces, 0x, commas and log prefixes are fine, and so are lists of decimal \
         bytes, [104, 13, 37, -45, …]",
    );
    Failure::new(lang.pick(zh, &error.to_string()), hint)
}

/// Says whose frames there are, where only those of another protocol were asked for.
fn of_another(input: &[u8], strays: &[Stray], options: Options, lang: Lang) -> Option<Failure> {
    let only = options.protocol?;
    let any = Options { protocol: None, ..options };
    let holds = |report: &&Report| report.framing.holds();
    let count = if Format::recognise(input).is_some() {
        capture::count(input, any)
    } else {
        strays.iter().map(|stray| inspect(&stray.bytes, any).reports.iter().filter(holds).count()).sum()
    };
    let other =
        voltapile_protocol::Protocol::ALL.into_iter().find(|protocol| *protocol != only).filter(|_| count > 0)?;
    let ((only_zh, only_en), (other_zh, other_en), name) = (title(only), title(other), only.name());
    Some(match lang {
        Lang::Zh => Failure::new(
            format!("没有“{only_zh}”的帧，但有 {count} 帧“{other_zh}”的"),
            format!("去掉 --protocol {name}，或用 --protocol {}", other.name()),
        ),
        Lang::En => Failure::new(
            format!("there is no frame of {only_en}, but {count} of {other_en}"),
            format!("leave out --protocol {name}, or say --protocol {}", other.name()),
        ),
    })
}

fn no_frame(strays: &[Stray], lang: Lang) -> Failure {
    if strays.is_empty() {
        let message = lang.pick("抓包中没有帧", "there is no frame in the capture");
        return Failure::new(message, lang.pick("两种协议都跑在 TCP 上，不加密", "both protocols run on plain TCP"));
    }
    let count: usize = strays.iter().map(|stray| stray.bytes.len()).sum();
    let bytes = strays.first().map(Stray::preview).unwrap_or_default();
    let message = match lang {
        Lang::Zh => format!("{count} 字节中没有帧：{bytes}"),
        Lang::En => format!("no frame in {count} bytes: {bytes}"),
    };
    let hint = lang.pick(
        "云快充 V1.x 的帧以 68 开头，随后是长度、序列号（2）、加密标志、帧类型；AA F5 的帧以 AA F5 开头，随后是长度（2）",
        "a frame of YKC 1.x begins with 68, then length, sequence (2), encryption flag and type; one of AA F5 with AA F5 and \
         its length (2)",
    );
    Failure::new(message, hint)
}

fn style(args: &Args, lang: Lang) -> Style {
    let colour = match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            std::io::stdout().is_terminal() && !no_color
        }
    };
    Style { lang, colour }
}
