//! `voltapile encode`: makes frames from JSON.

use std::path::Path;
use std::process::ExitCode;

use serde_json::Value as Json;
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::{Lang, Options, compose};

use super::frames::named;
use super::{Failure, Language, Reading};

/// Make frames from JSON: the type or name, and the fields that are not zero.
///
/// Takes one object, JSON Lines or a list; what `decode --json` prints gives the same bytes again.
/// For example: {"type":"0x03","fields":{"pile_code":"20231212000010","connector_number":1}}
/// or of AA F5: {"type":"103","fields":{"connector_number":1}}
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// JSON, a file, or - for the standard input (the default when something is piped in)
    #[arg(value_name = "JSON | FILE | -")]
    input: Option<String>,
    /// Write the bytes themselves instead of hex
    #[arg(long, conflicts_with = "upper")]
    binary: bool,
    /// Write hex in upper case
    #[arg(long)]
    upper: bool,
    /// Protocol of descriptions that do not say it: ykc or aaf5 (default: as their type is written, else ykc)
    #[arg(long, value_name = "PROTOCOL", value_parser = named)]
    protocol: Option<Protocol>,
    /// Language of messages (default: from LC_ALL, LC_MESSAGES or LANG)
    #[arg(long, value_enum)]
    lang: Option<Language>,
    #[command(flatten)]
    reading: Reading,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    super::finish(encode(args).map(|output| (output, ExitCode::SUCCESS)))
}

fn encode(args: &Args) -> Result<Vec<u8>, Failure> {
    let lang = super::language(args.lang);
    let options = Options { protocol: args.protocol, ..args.reading.options() };
    let mut out = Vec::new();
    for (index, description) in descriptions(&input(args, lang)?, lang)?.iter().enumerate() {
        let frame = compose(description, options).map_err(|error| {
            let (number, text) = (index + 1, error.text(lang));
            let message = match lang {
                Lang::Zh => format!("第 {number} 帧：{text}"),
                Lang::En => format!("frame {number}: {text}"),
            };
            Failure::new(message, "")
        })?;
        match (args.binary, args.upper) {
            (true, _) => out.extend_from_slice(&frame),
            (false, true) => out.extend(frame.iter().flat_map(|byte| format!("{byte:02X}").into_bytes())),
            (false, false) => out.extend(frame.iter().flat_map(|byte| format!("{byte:02x}").into_bytes())),
        }
        if !args.binary {
            out.push(b'\n');
        }
    }
    Ok(out)
}

fn input(args: &Args, lang: Lang) -> Result<Vec<u8>, Failure> {
    match args.input.as_deref() {
        None => super::piped_input(lang)?.ok_or_else(|| {
            let example = r#"voltapile encode '{"type":"0x03","fields":{"pile_code":"20231212000010"}}'"#;
            let hint = format!("{}{example}", lang.pick("例如：", "for example: "));
            Failure::new(lang.pick("没有输入", "nothing to encode"), hint)
        }),
        Some("-") => super::standard_input(lang),
        Some(json) if json.trim_start().starts_with(['{', '[']) && !Path::new(json).exists() => {
            Ok(json.as_bytes().to_vec())
        }
        Some(path) => super::read_file(path, lang.pick("帧的 JSON 描述", "JSON"), lang),
    }
}

/// The descriptions in an input: objects one after the other, or lists of them.
fn descriptions(input: &[u8], lang: Lang) -> Result<Vec<Json>, Failure> {
    let mut descriptions = Vec::new();
    for json in serde_json::Deserializer::from_slice(input).into_iter::<Json>() {
        match json {
            Ok(Json::Array(list)) => descriptions.extend(list),
            Ok(json) => descriptions.push(json),
            Err(error) => {
                let example = r#"{"type":"0x03","fields":{"connector_number":1}}"#;
                let hint = match lang {
                    Lang::Zh => format!("每帧用一个对象描述，例如 {example}"),
                    Lang::En => format!("a description is an object such as {example}"),
                };
                return Err(Failure::new(format!("{}{error}", lang.pick("不是 JSON：", "not JSON: ")), hint));
            }
        }
    }
    if descriptions.is_empty() {
        return Err(Failure::new(
            lang.pick("输入中没有帧的描述", "the input holds no description of a frame"),
            lang.pick("用法见 voltapile encode --help", "see voltapile encode --help"),
        ));
    }
    Ok(descriptions)
}
