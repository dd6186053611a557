//! `cargo xtask test`: every test of the workspace with plain `cargo test`, so that a fresh machine needs nothing else.

use std::time::Instant;

use crate::{Failure, needs, process, schemathesis};

/// Benches are left out on purpose: as tests they would only cost time.
const TARGETS: &[&str] = &["--lib", "--bins", "--tests", "--examples"];

pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let start = Instant::now();
    needs::meet()?;
    let result = plan(args).iter().try_for_each(|line| {
        println!("test: {}", process::shown("cargo", line));
        process::run(&process::cargo(), line)
    });
    // Who asks for some tests does not want the API tried.
    let result = if args.is_empty() { result.and_then(|()| schemathesis::run()) } else { result };
    let seconds = start.elapsed().as_secs();
    match result {
        Ok(()) => {
            println!("test: everything passed ({seconds} s)");
            Ok(())
        }
        Err(Failure::Failed(why)) => Err(Failure::Failed(format!("{why}\ntest: FAILED ({seconds} s)"))),
        Err(misuse) => Err(misuse),
    }
}

/// Tries the API as the debug build serves it.
pub(crate) fn api() -> Result<(), Failure> {
    needs::meet()?;
    process::run(&process::cargo(), &["build", "-p", "voltapile"])?;
    schemathesis::run()
}

/// The `cargo test` command lines for what was asked. Doc tests need a line of their own, because cargo does not mix
/// them with chosen targets. Who chooses packages or targets gets one line with just those.
fn plan(args: &[String]) -> Vec<Vec<String>> {
    let cargo_args = args.iter().take_while(|arg| *arg != "--");
    let (mut packages, mut targets) = (false, false);
    for arg in cargo_args {
        packages |= chooses_packages(arg);
        targets |= chooses_targets(arg);
    }
    let whole: &[&str] = if packages { &[] } else { &["--workspace"] };
    if packages || targets {
        return vec![line(whole, &[], args)];
    }
    vec![line(whole, TARGETS, args), line(whole, &["--doc"], args)]
}

fn line(packages: &[&str], targets: &[&str], args: &[String]) -> Vec<String> {
    let fixed = ["test"].into_iter().chain(packages.iter().copied()).chain(targets.iter().copied());
    fixed.map(str::to_owned).chain(args.iter().cloned()).collect()
}

fn chooses_packages(arg: &str) -> bool {
    let long = arg.split('=').next().unwrap_or(arg);
    matches!(long, "--package" | "--workspace" | "--all" | "--manifest-path")
        || (arg.starts_with("-p") && !arg.starts_with("--"))
}

fn chooses_targets(arg: &str) -> bool {
    let long = arg.split('=').next().unwrap_or(arg);
    let one_of_a_kind = ["--lib", "--bin", "--test", "--example", "--bench", "--doc"].contains(&long);
    one_of_a_kind || ["--bins", "--tests", "--examples", "--benches", "--all-targets"].contains(&long)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(line: &str) -> Vec<String> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        plan(&args).iter().map(|line| line.join(" ")).collect()
    }

    #[test]
    fn everything_is_two_lines() {
        let all = ["test --workspace --lib --bins --tests --examples", "test --workspace --doc"];
        assert_eq!(planned(""), all);
        assert_eq!(planned("framer -- --nocapture -p"), all.map(|line| format!("{line} framer -- --nocapture -p")));
    }

    #[test]
    fn a_choice_is_one_line() {
        assert_eq!(planned("-p voltapile"), ["test -p voltapile"]);
        assert_eq!(planned("--package=voltapile x"), ["test --package=voltapile x"]);
        assert_eq!(planned("-pvoltapile --lib"), ["test -pvoltapile --lib"]);
        assert_eq!(planned("--test e2e"), ["test --workspace --test e2e"]);
        assert_eq!(planned("--doc"), ["test --workspace --doc"]);
    }
}
