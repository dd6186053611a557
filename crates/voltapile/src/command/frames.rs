//! `voltapile frames`: prints the protocol from its declarations.

use std::process::ExitCode;

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::inspect::reference::{self, LayoutJson};

use super::{Failure, Language};

/// Print a protocol: all frame types, or one with its fields.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A frame type (0x13, of AA F5 104) or name (realtime_report); all when left out
    #[arg(value_name = "TYPE")]
    frame: Option<String>,
    /// Protocol: ykc or aaf5 (all messages: ykc unless told; one message: of all that have it)
    #[arg(long, value_name = "PROTOCOL", value_parser = named)]
    protocol: Option<Protocol>,
    /// Print JSON, one object for each message
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print Markdown tables
    #[arg(long)]
    markdown: bool,
    /// Language (default: from LC_ALL, LC_MESSAGES or LANG)
    #[arg(long, value_enum)]
    lang: Option<Language>,
}

/// The protocol of that name.
pub(super) fn named(name: &str) -> Result<Protocol, String> {
    Protocol::named(name).ok_or_else(|| format!("{name:?} is neither ykc nor aaf5"))
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    super::finish(frames(args).map(|output| (output.into_bytes(), ExitCode::SUCCESS)))
}

fn frames(args: &Args) -> Result<String, Failure> {
    let lang = super::language(args.lang);
    let layouts = match &args.frame {
        None => reference::all(args.protocol.unwrap_or(Protocol::Ykc)),
        Some(wanted) => reference::find(wanted, args.protocol).map_err(|nearest| {
            let message = match (lang, nearest) {
                (Lang::Zh, Some(nearest)) => format!("没有帧“{wanted}”，是否为“{nearest}”？"),
                (Lang::Zh, None) => format!("没有帧“{wanted}”"),
                (Lang::En, Some(nearest)) => format!("no frame {wanted:?}, did you mean {nearest:?}?"),
                (Lang::En, None) => format!("no frame {wanted:?}"),
            };
            Failure::new(message, lang.pick("voltapile frames 列出全部", "voltapile frames lists all"))
        })?,
    };
    if args.json {
        let lines = layouts.into_iter().map(|layout| serde_json::to_string(&LayoutJson::new(layout)));
        let lines = lines.collect::<Result<Vec<_>, _>>().map_err(|error| Failure::new(error.to_string(), ""))?;
        return Ok(format!("{}\n", lines.join("\n")));
    }
    Ok(match (&args.frame, args.markdown) {
        (None, false) => reference::overview_text(&layouts, lang),
        (None, true) => reference::overview_markdown(&layouts, lang),
        (Some(_), false) => {
            layouts.iter().map(|layout| reference::details_text(layout, lang)).collect::<Vec<_>>().join("\n")
        }
        (Some(_), true) => {
            layouts.iter().map(|layout| reference::details_markdown(layout, lang)).collect::<Vec<_>>().join("\n")
        }
    })
}
