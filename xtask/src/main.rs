//! Repository chores, in plain Rust so that they run wherever the workspace builds: `cargo xtask --help`.

mod needs;
mod process;
mod purity;
mod schemathesis;
mod soak;
mod test;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
Chores of this repository.

Usage: cargo xtask <COMMAND> [ARGS]

Commands:
  test [ARGS]  get what the tests need, then run every test and schemathesis; ARGS go to `cargo test`
               (`cargo xtask test -p voltapile-protocol`, `cargo xtask test -- --nocapture`)
  api          run schemathesis alone, against the API of the debug build
  soak [ARGS]  play a thousand piles with every fault for half an hour and check what the server promises
               (`cargo xtask soak --help`)
  tidy         check the house rules that a machine can check
  purity       check that the pure crates pull in no I/O and that dependencies point one way
  ci           run all that .ci/run runs, with the time of each step

Options:
  -h, --help   print this

Exit status: 0 all well, 1 a check or test failed, 2 misuse.
";

/// Why a chore did not succeed; decides the exit status.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A check or test failed, or what it needs is missing.
    Failed(String),
    /// The command line makes no sense.
    Misuse(String),
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Failed(why)) => {
            eprintln!("xtask: {why}");
            ExitCode::from(1)
        }
        Err(Failure::Misuse(why)) => {
            eprintln!("xtask: {why}\nTry `cargo xtask --help`.");
            ExitCode::from(2)
        }
    }
}

fn run(args: &[String]) -> Result<(), Failure> {
    let Some((command, rest)) = args.split_first() else {
        return Err(Failure::Misuse("no command given; there are test, api, soak, tidy, purity, ci".into()));
    };
    // What follows `test` belongs to `cargo test`, but a first `--help` is a question to us.
    if rest.first().is_some_and(|arg| is_help(arg)) {
        print!("{}", if command == "soak" { soak::HELP } else { HELP });
        return Ok(());
    }
    match command.as_str() {
        "test" => test::run(rest),
        "soak" => soak::run(rest),
        "api" => no_arguments(command, rest).and_then(|()| test::api()),
        "tidy" => no_arguments(command, rest).and_then(|()| tidy::run()),
        "purity" => no_arguments(command, rest).and_then(|()| purity::run()),
        "ci" => no_arguments(command, rest).and_then(|()| ci()),
        help if is_help(help) => {
            print!("{HELP}");
            Ok(())
        }
        other => {
            Err(Failure::Misuse(format!("unknown command `{other}`; there are test, api, soak, tidy, purity, ci")))
        }
    }
}

/// The list of steps lives in `.ci/run` alone, so that the two cannot drift apart.
fn ci() -> Result<(), Failure> {
    process::run("bash", &[".ci/run"])
}

fn is_help(arg: &str) -> bool {
    matches!(arg, "-h" | "--help" | "help")
}

fn no_arguments(command: &str, rest: &[String]) -> Result<(), Failure> {
    match rest.first() {
        None => Ok(()),
        Some(extra) => Err(Failure::Misuse(format!("`{command}` takes no arguments, but got `{extra}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn misuse_is_told_apart_from_failure() {
        for line in ["", "tset", "tidy --fix", "purity x", "ci now"] {
            assert!(matches!(run(&words(line)), Err(Failure::Misuse(_))), "{line}");
        }
    }

    #[test]
    fn help_is_found_everywhere() {
        for line in ["--help", "-h", "help", "test --help", "tidy -h"] {
            assert!(run(&words(line)).is_ok(), "{line}");
        }
    }
}
