//! `voltapile certify pile`: a platform that examines the pile which connects to it.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use voltapile_certify::Exam;
use voltapile_certify::aaf5::pile as aaf5;
use voltapile_certify::runner::{Answers, Clock, Ends};
use voltapile_certify::ykc::pile::{PileExam, PileExamOptions, steps};
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::ykc::field::PileCode;

use super::{Interruption, Output, capture, card_number, examine, in_shape, name_of_32, protocol};
use crate::command::{Failure, announce, say};

/// Examine a pile that connects to this address: set it as the pile's platform, and switch the pile on.
///
/// The pile is led through login, telemetry, charges, bills and more; some steps ask a person to plug in, swipe a card
/// or pull the plug, and go on by themselves. A whole exam takes half an hour or so, --quick a third of it. Charges are
/// real: use a load or a car that may be charged for some minutes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What the pile speaks: ykc or aaf5
    #[arg(long, value_name = "NAME", default_value = "ykc", value_parser = protocol)]
    protocol: Protocol,
    /// Where to listen for the pile
    #[arg(long, value_name = "ADDRESS:PORT", required_unless_present = "capture")]
    listen: Option<SocketAddr>,
    /// Judge the pile in this capture (pcap or pcapng) instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["listen", "quick", "steps", "skip", "card"])]
    capture: Option<String>,
    /// The pile to examine; others are sent away [default: the first that logs in]
    #[arg(long, value_name = "CODE")]
    pile: Option<String>,
    /// Leave out what mostly waits: repeated records, the idle pile, heartbeats without answers
    #[arg(long)]
    quick: bool,
    /// The only steps to go through; a wrong name lists all
    #[arg(long, value_name = "STEP", value_delimiter = ',', value_parser = step)]
    steps: Vec<String>,
    /// Steps to leave out
    #[arg(long, value_name = "STEP", value_delimiter = ',', value_parser = step)]
    skip: Vec<String>,
    /// Number of the card that pays: 16 hex digits for ykc [default: one that no card has]
    #[arg(long, value_name = "NUMBER")]
    card: Option<String>,
    #[command(flatten)]
    output: Output,
}

/// The name of a step.
fn step(text: &str) -> Result<String, String> {
    if steps().chain(aaf5::steps()).any(|(name, ..)| name == text) {
        return Ok(text.to_owned());
    }
    let ykc: Vec<_> = steps().map(|(name, ..)| name).collect();
    let of_aaf5: Vec<_> = aaf5::steps().map(|(name, ..)| name).collect();
    Err(format!("there is no such step; there are for ykc {}, for aaf5 {}", ykc.join(", "), of_aaf5.join(", ")))
}

/// An exam of a pile, and the name of the pile once it is there.
enum AnyExam {
    Ykc(PileExam),
    Aaf5(aaf5::PileExam),
}

impl AnyExam {
    fn new(args: &Args, began_unix_ms: u64) -> Result<Self, Failure> {
        let (pile, card) = (args.pile.as_deref(), args.card.as_deref());
        let (quick, only, skip) = (args.quick, args.steps.clone(), args.skip.clone());
        Ok(match args.protocol {
            Protocol::Ykc => {
                let pile = pile.map(|text| in_shape("--pile", text, pile_code)).transpose()?;
                let card = card.map(|text| in_shape("--card", text, card_number)).transpose()?;
                Self::Ykc(PileExam::new(PileExamOptions { pile, quick, only, skip, card, began_unix_ms }))
            }
            Protocol::Aaf5 => {
                let pile = pile.map(|text| in_shape("--pile", text, name_of_32)).transpose()?;
                let card = card.map(|text| in_shape("--card", text, name_of_32)).transpose()?;
                let options = aaf5::PileExamOptions { pile, quick, only, skip, card, began_unix_ms };
                Self::Aaf5(aaf5::PileExam::new(options))
            }
        })
    }

    fn exam(&mut self) -> &mut dyn Exam {
        match self {
            Self::Ykc(exam) => exam,
            Self::Aaf5(exam) => exam,
        }
    }

    fn has_pile(&self) -> bool {
        match self {
            Self::Ykc(exam) => exam.pile().is_some(),
            Self::Aaf5(exam) => exam.pile().is_some(),
        }
    }
}

/// A pile code of YKC.
pub(super) fn pile_code(text: &str) -> Result<PileCode, String> {
    text.parse::<PileCode>().map_err(|error| error.to_string())
}

pub(super) async fn run(args: Args) -> Result<(Vec<u8>, ExitCode), Failure> {
    let Some(listen) = args.listen else {
        let (path, lang) = (args.capture.as_deref().unwrap_or_default(), args.output.lang());
        let report = capture::judged(path, args.protocol, args.pile.as_deref(), lang)?;
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
    let mut exam = AnyExam::new(&args, clock.began_unix_ms())?;
    let ready = format!("ready piles={address}");
    if args.output.is_json_printed() {
        say(&ready)
    } else {
        announce(&ready)
    }
    say(&waiting(address, lang));
    let is_attended = std::io::stdin().is_terminal();
    let answers = if is_attended { Answers::typed() } else { Answers::of_nobody() };
    examine(exam.exam(), clock, Ends::Listen(listener), answers, interruption, lang).await?;
    if !exam.has_pile() {
        let hint = format!("set {address} as the pile's platform, as it is reached from the pile");
        return Err(Failure::new("no pile logged in", hint));
    }
    args.output.deliver(&exam.exam().report())
}

fn waiting(address: SocketAddr, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("等待充电桩连接 {address}；Ctrl-C 结束并给出已有结论"),
        Lang::En => format!("waiting for the pile at {address}; Ctrl-C ends with what is known by then"),
    }
}
