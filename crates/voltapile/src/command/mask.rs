//! `voltapile mask`: takes out of captures and logs what tells who somebody is, so that they can be shared.

mod address;
mod capture;
mod frame;
mod parameter;
mod pseudonym;
mod stream;
mod text;

use std::io::Write;
use std::process::ExitCode;

use voltapile_capture::read::Format;
use voltapile_protocol::inspect::{Lang, Options, read_input};

use super::{Failure, Language, Reading};
use pseudonym::{Class, Key, Pseudonyms};

/// Replace card numbers, VINs, pile codes, SIM cards, accounts and passwords in a capture or log, so that it can be
/// shared.
///
/// The same number becomes the same everywhere in a file, and in other files masked with the same key. Lengths, digits
/// and check sums stay what they were. What belongs to no frame is blanked in captures; in logs, look at what the
/// command says it has left.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A capture (pcap, pcapng), a log, or binary frames; - for the standard input
    #[arg(value_name = "FILE")]
    input: String,
    /// Where the masked file goes (default: the standard output)
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
    /// Leave pile codes as they are
    #[arg(long)]
    keep_pile_codes: bool,
    /// Mask IP and MAC addresses, too
    #[arg(long)]
    addresses: bool,
    /// A secret text: files masked with the same one can be compared (default: a new random key)
    #[arg(long, value_name = "TEXT")]
    key: Option<String>,
    /// Language (default: from LC_ALL, LC_MESSAGES or LANG)
    #[arg(long, value_enum)]
    lang: Option<Language>,
    #[command(flatten)]
    reading: Reading,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    match mask(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => super::fail(&failure),
    }
}

fn mask(args: &Args) -> Result<(), Failure> {
    let lang = super::language(args.lang);
    let options = args.reading.options();
    let input = match args.input.as_str() {
        "-" => super::standard_input(lang)?,
        path => super::read_file(path, lang.pick("标准输入 -", "- for the standard input"), lang)?,
    };
    let key = match &args.key {
        Some(text) => Key::of(text),
        None => Key::random().map_err(|error| Failure::new(error, lang.pick("请用 --key", "give a --key")))?,
    };
    let mut masking = Masking {
        options,
        pseudonyms: Pseudonyms::new(key, args.keep_pile_codes),
        addresses: args.addresses,
        tally: Tally::default(),
    };
    let output = masked(&input, &mut masking, lang)?;
    if masking.tally.frames == 0 {
        let message = lang.pick("没有找到帧，没有写出任何内容", "no frame was found, so nothing was written");
        return Err(Failure::new(message, lang.pick("先用 voltapile decode 看看", "look at it with voltapile decode")));
    }
    write(args.output.as_deref(), &output)?;
    masking.say(lang);
    Ok(())
}

fn masked(input: &[u8], masking: &mut Masking, lang: Lang) -> Result<Vec<u8>, Failure> {
    if Format::recognise(input).is_some() {
        return Ok(capture::mask(input, masking));
    }
    let chunks = read_input(input).map_err(|error| {
        Failure::new(error.to_string(), lang.pick("先用 voltapile decode 看看", "look at it with voltapile decode"))
    })?;
    Ok(match chunks.as_slice() {
        [only] if only.line.is_none() => stream::mask(&only.bytes, masking),
        _ => text::mask(input, &chunks, masking),
    })
}

fn write(path: Option<&str>, output: &[u8]) -> Result<(), Failure> {
    let written = match path {
        Some(path) => std::fs::write(path, output),
        None => std::io::stdout().lock().write_all(output),
    };
    written.map_err(|error| super::not_written(&error))
}

/// What is masked, how, and what came of it.
struct Masking {
    options: Options,
    pseudonyms: Pseudonyms,
    /// Whether addresses are masked, too.
    addresses: bool,
    tally: Tally,
}

/// What was done.
#[derive(Debug, Default)]
struct Tally {
    /// Frames whose fields were masked.
    frames: usize,
    /// Frames whose whole body was blanked, as nobody can say what is in it.
    blanked_frames: usize,
    /// Bytes of no frame that were blanked.
    blanked_bytes: usize,
    /// Packets of something else than TCP that were blanked.
    blanked_packets: usize,
    /// Records of a capture that were left out: names, statistics, keys, what is damaged.
    dropped_records: usize,
    /// Lines of a log that still hold hex or long numbers outside of frames, from 1.
    doubtful_lines: Vec<usize>,
}

/// Lines that are told one by one.
const LINES_SAID: usize = 20;

impl Masking {
    fn say(&self, lang: Lang) {
        let count = |class| self.pseudonyms.count(class);
        let parts = [
            (count(Class::Pile), "桩编号", "pile codes"),
            (count(Class::Transaction), "交易流水号", "transaction numbers"),
            (count(Class::Session), "并充序号", "parallel session numbers"),
            (count(Class::Card), "卡号或账号", "cards and accounts"),
            (count(Class::Vin), "VIN", "VINs"),
            (count(Class::Sim), "SIM 卡", "SIM cards"),
            (count(Class::Other), "其他文本和编号", "other texts and numbers"),
        ];
        let masked: Vec<String> = parts
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, zh, en)| format!("{count} {}", lang.pick(zh, en)))
            .collect();
        let Tally { frames, blanked_frames, blanked_bytes, blanked_packets, dropped_records, doubtful_lines } =
            &self.tally;
        let masked = masked.join(lang.pick("、", ", "));
        super::say(&match lang {
            Lang::Zh => format!("voltapile: {frames} 帧，已脱敏：{masked}"),
            Lang::En => format!("voltapile: {frames} frames, masked: {masked}"),
        });
        let blanked = [
            (*blanked_frames, "帧的消息体（无法解析）已清零", "bodies of frames that nobody can read were blanked"),
            (*blanked_bytes, "字节不属于任何帧，已清零", "bytes of no frame were blanked"),
            (*blanked_packets, "个非 TCP 的包已清零", "packets of something else than TCP were blanked"),
            (
                *dropped_records,
                "条记录（名称、统计、密钥、损坏）已去掉",
                "records were left out: names, statistics, keys, damage",
            ),
        ];
        for (count, zh, en) in blanked.iter().filter(|(count, ..)| *count > 0) {
            super::say(&format!("voltapile: {count} {}", lang.pick(zh, en)));
        }
        if doubtful_lines.is_empty() {
            return;
        }
        let lines: Vec<String> = doubtful_lines.iter().take(LINES_SAID).map(usize::to_string).collect();
        let (count, more) = (doubtful_lines.len(), if doubtful_lines.len() > LINES_SAID { " …" } else { "" });
        let lines = lines.join(", ");
        super::say(&match lang {
            Lang::Zh => {
                format!("voltapile: 请检查：{count} 行在帧之外还有长数字或十六进制，原样保留：第 {lines}{more} 行")
            }
            Lang::En => format!(
                "voltapile: please look: {count} lines hold long numbers or hex outside of frames, left as they are: \
                 {lines}{more}"
            ),
        });
    }
}
