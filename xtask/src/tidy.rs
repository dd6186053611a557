//! `cargo xtask tidy`: the house rules a machine can check. Rules that need judgement are in CONTRIBUTING.md.

mod rules;

use std::path::Path;

use crate::{Failure, process};

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// Counted from 1; 0 when the whole file is meant.
    line: usize,
    what: String,
}

pub(crate) fn run() -> Result<(), Failure> {
    let root = process::root();
    let files = tracked(&root)?;
    let mut findings = rules::exemptions(&files);
    let mut checked = 0_usize;
    for path in &files {
        // A listed file may be gone from the disk, or be binary: neither has lines to judge.
        let Ok(text) = std::fs::read_to_string(root.join(path)) else {
            continue;
        };
        findings.extend(rules::check(path, &text));
        checked += 1;
    }
    if findings.is_empty() {
        println!("tidy: {checked} files in order");
        return Ok(());
    }
    for Finding { path, line, what } in &findings {
        match line {
            0 => println!("{path}: {what}"),
            line => println!("{path}:{line}: {what}"),
        }
    }
    Err(Failure::Failed(format!("tidy: {} found in {checked} files", findings.len())))
}

/// The files git tracks or would add, so that a new file is judged before it is committed.
fn tracked(root: &Path) -> Result<Vec<String>, Failure> {
    // A clone may belong to another user than the one who checks it; reading its list of files is harmless.
    let trust = format!("safe.directory={}", root.display());
    let args = ["-c", &trust, "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let mut files: Vec<String> =
        process::output("git", &args)?.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}
