//! The fleet test at full size: a thousand piles with every fault, for half an hour, against the release build.

use std::str::FromStr;

use crate::{Failure, process};

pub(crate) const HELP: &str = "\
Plays a fleet with every fault of the menu against the real program, kills it every five minutes, and checks promises 1 to 5
from outside: through the API, in the database, and by what the piles themselves know. Prints how it goes, and at the end
a table of faults and promises. It is the test `fleet` of crates/voltapile/tests/server, longer and larger.

Usage: cargo xtask soak [OPTIONS]

Options:
  --piles N     piles, up to 9999 [default: 1000]
  --minutes N   how long they play, in real time, besides some minutes to begin and end [default: 30]
  --speed N     simulated seconds per second: how fast batteries fill; deadlines are in real time [default: 10]
  --seed N      where chance begins [default: 1]
  --ledger FILE writes what the piles did, in lines of JSON
  --debug       with the debug build, which needs no long compilation

Exit status: 0 every promise held, 1 one did not, 2 misuse.
";

/// What is played.
#[derive(Debug, PartialEq, Eq)]
struct Soak {
    piles: u32,
    minutes: u32,
    speed: u32,
    seed: u64,
    ledger: Option<String>,
    is_debug: bool,
}

/// Plays it.
pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let soak = Soak::parse(args)?;
    let mut variables = vec![
        ("VOLTAPILE_FLEET_PILES", soak.piles.to_string()),
        ("VOLTAPILE_FLEET_SECONDS", (u64::from(soak.minutes) * 60).to_string()),
        ("VOLTAPILE_FLEET_SPEED", soak.speed.to_string()),
        ("VOLTAPILE_FLEET_SEED", soak.seed.to_string()),
    ];
    variables.extend(soak.ledger.map(|path| ("VOLTAPILE_FLEET_LEDGER", path)));
    let mut command = vec!["test", "--package", "voltapile", "--test", "server"];
    if !soak.is_debug {
        command.push("--release");
    }
    command.extend(["fleet::", "--", "--nocapture"]);
    process::run_with(&process::cargo(), &command, &variables)
}

impl Soak {
    fn parse(args: &[String]) -> Result<Self, Failure> {
        let mut soak = Self { piles: 1_000, minutes: 30, speed: 10, seed: 1, ledger: None, is_debug: false };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--piles" => soak.piles = number(arg, args.next())?,
                "--minutes" => soak.minutes = number(arg, args.next())?,
                "--speed" => soak.speed = number(arg, args.next())?,
                "--seed" => soak.seed = number(arg, args.next())?,
                "--ledger" => soak.ledger = Some(file(arg, args.next())?),
                "--debug" => soak.is_debug = true,
                other => return Err(Failure::Misuse(format!("`soak` knows no `{other}`"))),
            }
        }
        if !(1..=9_999).contains(&soak.piles) || soak.minutes == 0 || soak.speed == 0 {
            return Err(Failure::Misuse("`soak` needs 1 to 9999 piles, a minute and a speed of 1 at least".into()));
        }
        Ok(soak)
    }
}

fn number<T: FromStr>(option: &str, value: Option<&String>) -> Result<T, Failure> {
    let parsed = value.and_then(|value| value.parse().ok());
    parsed.ok_or_else(|| Failure::Misuse(format!("`{option}` needs a whole number")))
}

/// A file as the caller names it; the test runs in another directory.
fn file(option: &str, value: Option<&String>) -> Result<String, Failure> {
    let value = value.ok_or_else(|| Failure::Misuse(format!("`{option}` needs a file")))?;
    let path = std::path::absolute(value).map_err(|error| Failure::Misuse(format!("`{option} {value}`: {error}")))?;
    Ok(path.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Soak, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Soak::parse(&words)
    }

    #[test]
    fn options_are_read_in_any_order() {
        let soak = parse("--seed 7 --piles 20 --debug --minutes 2").unwrap();
        assert_eq!(soak, Soak { piles: 20, minutes: 2, speed: 10, seed: 7, ledger: None, is_debug: true });
        assert_eq!(parse("").unwrap().piles, 1_000);
    }

    #[test]
    fn misuse_is_refused() {
        for line in ["--piles", "--piles x", "--piles 0", "--piles 10000", "--ledger", "--minutes 0", "--fast"] {
            assert!(matches!(parse(line), Err(Failure::Misuse(_))), "{line}");
        }
    }
}
