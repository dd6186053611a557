//! `voltapile certify pile`: a platform that examines the pile which connects to it.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use voltapile_certify::Exam;
use voltapile_certify::pile::{PileExam, PileExamOptions, steps};
use voltapile_certify::runner::{Answers, Clock, Ends};
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};

use super::{Interruption, Output, capture, card_number, examine};
use crate::command::{Failure, announce, say};

/// Examine a pile that connects to this address: set it as the pile's platform, and switch the pile on.
///
/// The pile is led through login, telemetry, charges, bills and more; some steps ask a person to plug in, swipe a card
/// or pull the plug, and go on by themselves. A whole exam takes half an hour or so, --quick a third of it. Charges are
/// real: use a load or a car that may be charged for some minutes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to listen for the pile
    #[arg(long, value_name = "ADDRESS:PORT", required_unless_present = "capture")]
    listen: Option<SocketAddr>,
    /// Judge the pile in this capture (pcap or pcapng) instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["listen", "quick", "steps", "skip", "card"])]
    capture: Option<String>,
    /// The pile to examine; others are sent away [default: the first that logs in]
    #[arg(long, value_name = "CODE")]
    pile: Option<PileCode>,
    /// Leave out what mostly waits: repeated records, the idle pile, heartbeats without answers
    #[arg(long)]
    quick: bool,
    /// The only steps to go through; a wrong name lists all
    #[arg(long, value_name = "STEP", value_delimiter = ',', value_parser = step)]
    steps: Vec<String>,
    /// Steps to leave out
    #[arg(long, value_name = "STEP", value_delimiter = ',', value_parser = step)]
    skip: Vec<String>,
    /// Physical number of the card that pays, 16 hex digits [default: one that no card has]
    #[arg(long, value_name = "NUMBER", value_parser = card_number)]
    card: Option<PhysicalCardNumber>,
    #[command(flatten)]
    output: Output,
}

/// The name of a step.
fn step(text: &str) -> Result<String, String> {
    if steps().any(|(name, ..)| name == text) {
        return Ok(text.to_owned());
    }
    let names: Vec<_> = steps().map(|(name, ..)| name).collect();
    Err(format!("there is no such step; there are {}", names.join(", ")))
}

pub(super) async fn run(args: Args) -> Result<(Vec<u8>, ExitCode), Failure> {
    let Some(listen) = args.listen else {
        let report = capture::judged(args.capture.as_deref().unwrap_or_default(), args.pile, args.output.lang())?;
        return args.output.deliver(&report);
    };
    let cannot = |error: std::io::Error| {
        Failure::new(format!("cannot listen on {listen}: {error}"), "is the address this machine's, and free?")
    };
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let interruption = Interruption::new()?;
    let clock = Clock::start();
    let lang = args.output.lang();
    let mut exam = PileExam::new(PileExamOptions {
        pile: args.pile,
        quick: args.quick,
        only: args.steps,
        skip: args.skip,
        card: args.card,
        began_unix_ms: clock.began_unix_ms(),
    });
    let ready = format!("ready piles={address}");
    if args.output.is_json_printed() {
        say(&ready)
    } else {
        announce(&ready)
    }
    say(&waiting(address, lang));
    let is_attended = std::io::stdin().is_terminal();
    let answers = if is_attended { Answers::typed() } else { Answers::of_nobody() };
    examine(&mut exam, clock, Ends::Listen(listener), answers, interruption, lang).await?;
    if exam.pile().is_none() {
        let hint = format!("set {address} as the pile's platform, as it is reached from the pile");
        return Err(Failure::new("no pile logged in", hint));
    }
    args.output.deliver(&exam.report())
}

fn waiting(address: SocketAddr, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("等待充电桩连接 {address}；Ctrl-C 结束并给出已有结论"),
        Lang::En => format!("waiting for the pile at {address}; Ctrl-C ends with what is known by then"),
    }
}
