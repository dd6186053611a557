//! The flags of `voltapile sim`.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};
use voltapile_simulator::fault::FaultPlan;
use voltapile_simulator::model::VinCharacters;
use voltapile_simulator::scenario::{parse_card, parse_pile_code, parse_span, parse_vin};

use super::load::LoadArgs;
use crate::command::Language;

/// Play virtual piles against any platform, or measure how fast it is.
///
/// The piles log in, charge and bill until Ctrl-C or --for, then a summary tells what happened and what the platform owes
/// them. Exits with 0 when all is well, 1 when the platform (or a scenario's expectation) failed, 2 when used wrongly.
/// Without --pile-code their codes are 99 and twelve digits; register them or serve with --open-enrollment.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where the platform listens for piles
    #[arg(long, value_name = "HOST:PORT", required_unless_present_any = ["echo", "list_faults", "list_firmwares"])]
    pub(super) server: Option<String>,
    #[command(flatten)]
    pub(super) fleet: FleetArgs,
    #[command(flatten)]
    pub(super) play: PlayArgs,
    #[command(flatten)]
    pub(super) load: LoadArgs,
    /// Print what came out as JSON
    #[arg(long, help_heading = "Output", conflicts_with = "interactive")]
    pub(super) json: bool,
    /// Write what passes to this pcapng file, for Wireshark and for replay
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) capture: Option<PathBuf>,
    /// Language (default: from LC_ALL, LC_MESSAGES or LANG)
    #[arg(long, value_enum, help_heading = "Output")]
    pub(super) lang: Option<Language>,
    /// Print the fault menu
    #[arg(long, help_heading = "Output")]
    pub(super) list_faults: bool,
    /// Print the firmwares that piles can have
    #[arg(long, help_heading = "Output")]
    pub(super) list_firmwares: bool,
}

/// Which piles.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Piles")]
pub(crate) struct FleetArgs {
    /// How many piles [default: 3; 1 with --pile-code or --interactive]
    #[arg(long, value_parser = piles, conflicts_with = "scenario")]
    piles: Option<usize>,
    /// Code of the first pile; the others count on from it. With --scenario its piles get these codes
    #[arg(long, value_name = "CODE", value_parser = parse_pile_code, conflicts_with = "load")]
    pub(super) pile_code: Option<PileCode>,
    /// Number of the first pile behind the 99, where there is no --pile-code
    #[arg(
        long,
        default_value_t = 1,
        value_parser = clap::value_parser!(u64).range(..=FIRST_PILE_MAX),
        conflicts_with_all = ["pile_code", "scenario"]
    )]
    pub(super) first_pile: u64,
    /// Kind of current
    #[arg(long = "type", value_enum, default_value_t, conflicts_with = "scenario")]
    pub(super) current: CurrentName,
    /// Connectors of each pile
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=12), conflicts_with = "scenario")]
    pub(super) connectors: u8,
    /// What the piles speak [default: ykc]; with --scenario all of its piles speak it, whatever it says
    #[arg(long, value_enum)]
    pub(super) protocol: Option<ProtocolName>,
    /// Firmware of the piles, see --list-firmwares
    #[arg(long, value_name = "NAME", conflicts_with = "scenario")]
    pub(super) firmware: Option<String>,
    /// Key with which AA F5 piles encrypt, 64 hex digits; a sign-in that is answered with another one, or with none, is not
    /// taken. Whoever lists processes sees it: --aes-key-file keeps it to itself
    // Not parsed here: clap would repeat it where it is wrong.
    #[arg(long, value_name = "HEX", conflicts_with = "load")]
    pub(super) aes_key: Option<String>,
    /// The same from a file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["load", "aes_key"])]
    pub(super) aes_key_file: Option<PathBuf>,
    /// A card that visitors swipe, up to 16 hex digits; may be repeated. Without one they charge with offline cards, and those of AA F5 ask with cards that nobody knows
    #[arg(long = "card", value_name = "NUMBER", value_parser = parse_card)]
    pub(super) cards: Vec<PhysicalCardNumber>,
    /// VIN of the car that the key v of --interactive plugs in; without it each car has its own
    #[arg(long, value_parser = parse_vin, requires = "interactive")]
    pub(super) vin: Option<VinCharacters>,
    /// Nobody walks up by himself: only the platform starts charges
    #[arg(long, conflicts_with = "scenario")]
    pub(super) unattended: bool,
}

/// How they play.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Playing")]
pub(crate) struct PlayArgs {
    /// What goes wrong, in words of the fault menu: a name, name:probability or name@moment; may be repeated
    #[arg(long, value_name = "WORDS", value_parser = fault_words, conflicts_with = "scenario")]
    pub(super) fault: Vec<FaultPlan>,
    /// Where chance begins: the same seed plays the same cars [default: 1]
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Simulated seconds per second, such as 60x [default: 1]
    #[arg(long, value_parser = speed)]
    pub(super) speed: Option<u32>,
    /// End by itself after this time, such as 90s or 10m
    #[arg(long = "for", value_name = "TIME", value_parser = parse_span)]
    lasts: Option<Duration>,
    /// The same in seconds; with --load for how long is asked [default there: 10]
    #[arg(long, conflicts_with = "lasts")]
    seconds: Option<u64>,
    /// Play this scenario and say what became of its steps; it has a limit of its own
    #[arg(long, value_name = "FILE", conflicts_with_all = ["interactive", "lasts", "seconds"])]
    pub(super) scenario: Option<PathBuf>,
    /// Take the piles into your own hands: a page on the terminal with keys to plug, swipe, break and cut
    #[arg(long)]
    pub(super) interactive: bool,
}

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProtocolName {
    /// 云快充
    Ykc,
    /// AA F5, the family of 盛弘 (Sinexcel)
    Aaf5,
}

/// Kind of current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum CurrentName {
    /// Direct current, 120 kW per connector
    #[default]
    Dc,
    /// Alternating current, 7 kW per connector
    Ac,
}

/// Piles when nothing is said.
const PILES: usize = 3;
/// Piles at most: more than a machine has sockets for.
const PILES_MAX: usize = 100_000;
/// Last number behind the 99 of a code: twelve digits.
const FIRST_PILE_MAX: u64 = 999_999_999_999;
/// Fastest that time may run: a day in 24 s.
const SPEED_MAX: u32 = 3_600;

impl Args {
    /// How many piles play.
    pub(super) fn piles(&self) -> usize {
        let is_one = self.fleet.pile_code.is_some() || self.play.interactive;
        self.fleet.piles.unwrap_or(if is_one { 1 } else { PILES })
    }

    /// For how long; until somebody ends it where nothing is said.
    pub(super) fn lasts(&self) -> Option<Duration> {
        self.play.lasts.or(self.play.seconds.map(Duration::from_secs))
    }

    /// What goes wrong.
    pub(super) fn faults(&self) -> FaultPlan {
        FaultPlan::new(self.play.fault.iter().flat_map(|plan| plan.planned().iter().copied()).collect())
    }
}

fn fault_words(words: &str) -> Result<FaultPlan, String> {
    words.parse().map_err(|error| format!("{error}"))
}

fn piles(text: &str) -> Result<usize, String> {
    let number = text.parse().ok();
    number.filter(|piles| (1..=PILES_MAX).contains(piles)).ok_or_else(|| format!("expected 1 to {PILES_MAX}"))
}

/// `60x` or `60`.
fn speed(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('x').unwrap_or(text).parse().ok();
    number.filter(|speed| (1..=SPEED_MAX).contains(speed)).ok_or_else(|| format!("expected 1x to {SPEED_MAX}x"))
}
