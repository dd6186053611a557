//! `voltapile certify platform`: a pile that examines the platform which it dials.

use std::process::ExitCode;

use voltapile_certify::Exam;
use voltapile_certify::aaf5::platform as aaf5;
use voltapile_certify::runner::{Answers, Clock, Ends};
use voltapile_certify::ykc::platform::{PlatformExam, PlatformOptions};
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Lang;

use super::pile::pile_code;
use super::{Interruption, Output, card_number, examine, in_shape, name_of_32, protocol};
use crate::command::sim::resolve;
use crate::command::{Failure, say};

/// Examine a platform as a pile that does everything a pile may do, and much that it should not.
///
/// The pile has to be registered at the platform, with a tariff, and connected nowhere else. Take a test station: small
/// bills are sent, and charged to --card where one is given.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What the platform is asked in: ykc or aaf5
    #[arg(long, value_name = "NAME", default_value = "ykc", value_parser = protocol)]
    protocol: Protocol,
    /// Where the platform listens for piles
    #[arg(long, value_name = "HOST:PORT")]
    server: String,
    /// A pile that is registered at the platform
    #[arg(long, value_name = "CODE")]
    pile: String,
    /// Another one, to see two piles on one connection (ykc; aaf5 has one pile on each)
    #[arg(long, value_name = "CODE")]
    second_pile: Option<String>,
    /// A pile that is not registered [default: 99999999999999]
    #[arg(long, value_name = "CODE")]
    unknown_pile: Option<String>,
    /// Number of a card that may charge, for ykc 16 hex digits: a small bill will be booked on it
    #[arg(long, value_name = "NUMBER")]
    card: Option<String>,
    /// Leave out what takes minutes
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn run(args: Args) -> Result<(Vec<u8>, ExitCode), Failure> {
    let server = resolve(&args.server)?;
    let interruption = Interruption::new()?;
    let clock = Clock::start();
    let mut exam = exam(&args, clock.began_unix_ms())?;
    let (ends, lang) = (Ends::Dial(server), args.output.lang());
    say(&match lang {
        Lang::Zh => format!("正在检测 {server}；Ctrl-C 结束并给出已有结论"),
        Lang::En => format!("examining {server}; Ctrl-C ends with what is known by then"),
    });
    examine(exam.as_mut(), clock, ends, Answers::of_nobody(), interruption, lang).await?;
    args.output.deliver(&exam.report())
}

/// The exam that is asked for.
fn exam(args: &Args, began_unix_ms: u64) -> Result<Box<dyn Exam>, Failure> {
    let (server, pile) = (args.server.as_str(), args.pile.as_str());
    let (unknown, card) = (args.unknown_pile.as_deref(), args.card.as_deref());
    Ok(match args.protocol {
        Protocol::Ykc => {
            let mut options = PlatformOptions::new(server, in_shape("--pile", pile, pile_code)?, began_unix_ms);
            let second = args.second_pile.as_deref();
            options.second_pile = second.map(|text| in_shape("--second-pile", text, pile_code)).transpose()?;
            if let Some(unknown) = unknown {
                options.unknown_pile = in_shape("--unknown-pile", unknown, pile_code)?;
            }
            options.known_card = card.map(|text| in_shape("--card", text, card_number)).transpose()?;
            options.quick = args.quick;
            Box::new(PlatformExam::new(options))
        }
        Protocol::Aaf5 => {
            let pile = in_shape("--pile", pile, name_of_32)?;
            let mut options = aaf5::PlatformOptions::new(server, pile, began_unix_ms);
            if let Some(unknown) = unknown {
                options.unknown_pile = in_shape("--unknown-pile", unknown, name_of_32)?;
            }
            options.known_card = card.map(|text| in_shape("--card", text, name_of_32)).transpose()?;
            options.quick = args.quick;
            Box::new(aaf5::PlatformExam::new(options))
        }
    })
}
