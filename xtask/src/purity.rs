//! `cargo xtask purity`: the pure crates stay pure, and dependencies point one way.

use std::collections::BTreeSet;

use crate::{Failure, process};

/// Which of our crates may stand below which. A crate with none is pure: no socket, clock, file or randomness; time
/// comes in as an argument, effects go out as values.
const MAY_USE: &[(&str, &[&str])] = &[
    ("voltapile-protocol", &[]),
    ("voltapile-platform", &[]),
    ("voltapile-capture", &[]),
    ("voltapile-simulator", &["voltapile-protocol"]),
    ("voltapile-certify", &["voltapile-protocol"]),
    ("voltapile-server", &["voltapile-protocol", "voltapile-platform", "voltapile-capture"]),
];

/// What must appear nowhere below a pure crate, by what it would bring.
const IMPURE: &[(&str, &str)] = &[
    ("a runtime", "async-executor async-std glommio monoio smol tokio tokio-util"),
    ("sockets", "async-io mio polling socket2 quinn"),
    ("HTTP", "axum hyper hyper-util reqwest tower-http ureq"),
    ("TLS", "aws-lc-sys native-tls openssl-sys ring rustls"),
    ("a store", "libsqlite3-sys postgres redb rusqlite sqlx tokio-postgres"),
    ("a broker", "async-nats rdkafka rumqttc"),
    ("randomness", "fastrand getrandom rand"),
    ("files", "memmap2 notify tempfile walkdir"),
    ("a clock", "chrono jiff time"),
    ("a command line", "clap tracing-subscriber"),
];

pub(crate) fn run() -> Result<(), Failure> {
    let mut findings = Vec::new();
    for (package, may_use) in MAY_USE {
        let below = below(package)?;
        for culprit in misplaced(&below, may_use) {
            findings.push(format!("{package} must not depend on {culprit}:\n{}", path_to(package, culprit)));
        }
        if !may_use.is_empty() {
            continue;
        }
        for (what, culprit) in impure(&below) {
            findings.push(format!("{package} is pure, but {culprit} brings {what}:\n{}", path_to(package, culprit)));
        }
    }
    if findings.is_empty() {
        println!("purity: the pure crates are pure, and dependencies point one way");
        return Ok(());
    }
    for finding in &findings {
        println!("purity: {finding}");
    }
    Err(Failure::Failed(format!("purity: {} wrong", findings.len())))
}

/// The names of all packages below `package` in a normal build, for every platform and with every feature.
fn below(package: &str) -> Result<BTreeSet<String>, Failure> {
    let mut args = tree_of(package);
    args.extend(["--prefix", "none"]);
    let tree = process::output(&process::cargo(), &args)?;
    Ok(names(&tree).filter(|name| *name != package).map(str::to_owned).collect())
}

fn tree_of(package: &str) -> Vec<&str> {
    let normal = ["-e", "normal", "--all-features", "--target", "all"];
    ["tree", "-p", package].into_iter().chain(normal).collect()
}

/// The first word of each line of `cargo tree --prefix none`: `serde v1.0.229 (*)`.
fn names(tree: &str) -> impl Iterator<Item = &str> {
    tree.lines().filter_map(|line| line.split_whitespace().next())
}

fn impure(below: &BTreeSet<String>) -> Vec<(&'static str, &'static str)> {
    let known = IMPURE.iter().flat_map(|(what, names)| names.split(' ').map(|name| (*what, name)));
    known.filter(|(_, name)| below.contains(*name)).collect()
}

fn misplaced<'a>(below: &'a BTreeSet<String>, may_use: &[&str]) -> Vec<&'a str> {
    let ours = below.iter().filter(|name| *name == "voltapile" || name.starts_with("voltapile-"));
    ours.map(String::as_str).filter(|name| !may_use.contains(name)).collect()
}

/// How the culprit got in, for the reader; the finding stands even if cargo cannot say.
fn path_to(package: &str, culprit: &str) -> String {
    let mut args = tree_of(package);
    args.extend(["-i", culprit]);
    process::output(&process::cargo(), &args).unwrap_or_else(|_| format!("(see `{}`)", process::shown("cargo", &args)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
voltapile-simulator v0.1.0 (crates/simulator)
voltapile-protocol v0.1.0 (crates/protocol)
voltapile-platform v0.1.0 (crates/platform)
rand_core v0.9.0
mio v1.0.0 (*)
";

    fn tree() -> BTreeSet<String> {
        names(TREE).map(str::to_owned).collect()
    }

    #[test]
    fn culprits_are_found_by_whole_names() {
        assert_eq!(impure(&tree()), [("sockets", "mio")]);
    }

    #[test]
    fn only_named_crates_may_stand_below() {
        let may_use = ["voltapile-protocol", "voltapile-simulator"];
        assert_eq!(misplaced(&tree(), &may_use), ["voltapile-platform"]);
    }
}
