//! `voltapile certify platform`: a pile that examines the platform which it dials.

use std::process::ExitCode;

use voltapile_certify::Exam;
use voltapile_certify::platform::{PlatformExam, PlatformOptions};
use voltapile_certify::runner::{Answers, Clock, Ends};
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};

use super::{Interruption, Output, card_number, examine};
use crate::command::sim::resolve;
use crate::command::{Failure, say};

/// Examine a platform as a pile that does everything a pile may do, and much that it should not.
///
/// The pile has to be registered at the platform, with a tariff, and connected nowhere else. Take a test station: small
/// bills are sent, and charged to --card where one is given.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where the platform listens for piles
    #[arg(long, value_name = "HOST:PORT")]
    server: String,
    /// A pile that is registered at the platform
    #[arg(long, value_name = "CODE")]
    pile: PileCode,
    /// Another one, to see two piles on one connection
    #[arg(long, value_name = "CODE")]
    second_pile: Option<PileCode>,
    /// A pile that is not registered [default: 99999999999999]
    #[arg(long, value_name = "CODE")]
    unknown_pile: Option<PileCode>,
    /// Physical number of a card that may charge, 16 hex digits: a small bill will be booked on it
    #[arg(long, value_name = "NUMBER", value_parser = card_number)]
    card: Option<PhysicalCardNumber>,
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
    let mut options = PlatformOptions::new(args.server.as_str(), args.pile, clock.began_unix_ms());
    options.second_pile = args.second_pile;
    options.unknown_pile = args.unknown_pile.unwrap_or(options.unknown_pile);
    options.known_card = args.card;
    options.quick = args.quick;
    let mut exam = PlatformExam::new(options);
    let (ends, lang) = (Ends::Dial(server), args.output.lang());
    say(&match lang {
        Lang::Zh => format!("正在检测 {server}；Ctrl-C 结束并给出已有结论"),
        Lang::En => format!("examining {server}; Ctrl-C ends with what is known by then"),
    });
    examine(&mut exam, clock, ends, Answers::of_nobody(), interruption, lang).await?;
    args.output.deliver(&exam.report())
}
