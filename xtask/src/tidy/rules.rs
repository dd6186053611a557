//! The rules themselves: pure functions of a path and a text.

use super::Finding;

/// A file longer than this hides rooms that deserve their own name.
const LINES_MAX: usize = 400;

/// Files that may be longer, each with its reason. Message tables (`/message/`) may always be.
const LONG: &[(&str, &str)] = &[];

/// Unfinished work and leftovers of debugging. Spelled in halves, or this file would break its own rule.
const MARKERS: &[(&str, &str)] = &[
    (concat!("TO", "DO"), "finish it, or open an issue"),
    (concat!("FIX", "ME"), "fix it, or open an issue"),
    (concat!("dbg", "!"), "use tracing, or remove it"),
    (concat!("to", "do!"), "finish it"),
    (concat!("unimpl", "emented!"), "finish it, or return a typed error"),
    (concat!("#[ig", "nore"), "make the test pass, or remove it"),
];

/// Beginnings of paths that exist on one person's machine only.
const MACHINE_PATHS: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

/// Kinds of files written by hand; captures and goldens keep the blanks they came with.
const WRITTEN: &[&str] = &[
    "rs",
    "toml",
    "md",
    "sh",
    "yml",
    "yaml",
    "css",
    "js",
    "mjs",
    "html",
    "sql",
    "lua",
    "service",
    "conf",
    "run",
    "Dockerfile",
    "gitignore",
];

/// All findings in one file.
pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(too_long(path, text));
    findings.extend(undocumented_crate(path, text));
    for (index, line) in text.lines().enumerate() {
        let mut find = |what| findings.push(Finding { path: path.into(), line: index + 1, what });
        if path.ends_with(".rs") {
            markers(line).into_iter().for_each(&mut find);
        }
        if is_written(path) && has_trailing_blank(line) {
            find("trailing whitespace".into());
        }
        if let Some(prefix) = machine_path(line) {
            find(format!("`{prefix}` is a path of one machine"));
        }
    }
    if is_written(path) && text.contains("\r\n") {
        findings.push(Finding { path: path.into(), line: 0, what: "lines end in CRLF".into() });
    }
    findings
}

/// Entries of [`LONG`] that no file needs any more.
pub(super) fn exemptions(files: &[String]) -> Vec<Finding> {
    let gone = LONG.iter().filter(|(path, _)| !files.iter().any(|file| file == path));
    gone.map(|(path, _)| Finding {
        path: (*path).into(),
        line: 0,
        what: "may be long, but does not exist: remove the exemption".into(),
    })
    .collect()
}

fn too_long(path: &str, text: &str) -> Option<Finding> {
    let is_judged = path.starts_with("crates/") && path.contains("/src/") && path.ends_with(".rs");
    if !is_judged || path.contains("/message/") {
        return None;
    }
    let lines = text.lines().count();
    let is_exempt = LONG.iter().any(|(long, _)| *long == path);
    let what = match (lines > LINES_MAX, is_exempt) {
        (true, false) => format!("{lines} lines, at most {LINES_MAX}: split it by subject"),
        (false, true) => format!("only {lines} lines: remove the exemption"),
        _ => return None,
    };
    Some(Finding { path: path.into(), line: 0, what })
}

/// A crate's root says in its first lines what the crate is for.
fn undocumented_crate(path: &str, text: &str) -> Option<Finding> {
    let is_root = path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
    let is_documented = text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//!"));
    (is_root && !is_documented).then(|| Finding {
        path: path.into(),
        line: 1,
        what: "begin with `//!` and say what the crate is for".into(),
    })
}

fn markers(line: &str) -> Vec<String> {
    let present = MARKERS.iter().filter(|(marker, _)| has_word(line, marker));
    present.map(|(marker, remedy)| format!("`{marker}`: {remedy}")).collect()
}

/// Whether `word` stands in `line` on its own, not as a part of a longer identifier.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(start + word.len()..).and_then(|text| text.chars().next());
        let ends_in_letter = word.ends_with(char::is_alphanumeric);
        let is_part = before.is_some_and(is_identifier) || (ends_in_letter && after.is_some_and(is_identifier));
        !is_part
    })
}

fn is_identifier(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

fn is_written(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let kind = name.rsplit('.').next().unwrap_or(name);
    WRITTEN.contains(&kind) && !name.contains(".min.")
}

fn has_trailing_blank(line: &str) -> bool {
    line.ends_with([' ', '\t'])
}

/// The machine path in a line, if there is one; `https://host/…` and `./…` are not paths of a machine.
fn machine_path(line: &str) -> Option<&'static str> {
    MACHINE_PATHS.iter().copied().find(|prefix| {
        line.match_indices(prefix).any(|(start, _)| {
            let before = line.get(..start).and_then(|text| text.chars().next_back());
            !before.is_some_and(|char| is_identifier(char) || ".-~})%".contains(char))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: &str = "crates/server/src/gateway/wheel.rs";

    fn whats(path: &str, text: &str) -> Vec<String> {
        check(path, text).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn a_clean_file_has_no_findings() {
        assert_eq!(whats(ROOM, "//! A wheel.\n\nfn main() {}\n"), [""; 0]);
    }

    #[test]
    fn length_is_judged_in_crates_but_not_in_message_tables() {
        let at_most = "//\n".repeat(LINES_MAX);
        let over = "//\n".repeat(LINES_MAX + 1);
        assert_eq!(whats(ROOM, &at_most), [""; 0]);
        assert_eq!(whats(ROOM, &over), ["401 lines, at most 400: split it by subject"]);
        assert_eq!(whats("crates/protocol/src/ykc/message/bms.rs", &over), [""; 0]);
        assert_eq!(whats("crates/protocol/tests/golden.rs", &over), [""; 0]);
    }

    #[test]
    fn markers_count_as_whole_words_in_rust_only() {
        for (marker, _) in MARKERS {
            let line = format!("    {marker} something");
            assert_eq!(check(ROOM, &line).len(), 1, "{line}");
            assert_eq!(check("docs/page.md", &line).len(), 0, "{line}");
        }
        let longer =
            [concat!("METHO", "DO"), concat!("TO", "DOS"), concat!("auto", "do!()"), concat!("_", "dbg", "!()")];
        for line in longer {
            assert_eq!(whats(ROOM, line), [""; 0], "{line}");
        }
        assert_eq!(check(ROOM, concat!("std::", "dbg", "!(x)")).len(), 1);
        assert_eq!(check(ROOM, concat!("#[ig", "nore = \"slow\"]")).len(), 1);
    }

    #[test]
    fn a_finding_names_its_line() {
        let found = check(ROOM, "//! ok\n\nlet a = 1; \n");
        let expected = Finding { path: ROOM.into(), line: 3, what: "trailing whitespace".into() };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn captures_keep_their_blanks() {
        assert_eq!(whats("crates/protocol/tests/captures/login.hex", "68 22 \n"), [""; 0]);
        assert_eq!(whats("README.md", "a\t\n"), ["trailing whitespace"]);
        assert_eq!(whats(".ci/run", "a \n"), ["trailing whitespace"]);
        assert_eq!(whats("README.md", "a\r\n"), ["lines end in CRLF"]);
    }

    #[test]
    fn a_crate_begins_with_its_purpose() {
        let undocumented = "begin with `//!` and say what the crate is for";
        assert_eq!(whats("crates/server/src/lib.rs", "mod x;\n"), [undocumented]);
        assert_eq!(whats("crates/server/src/lib.rs", ""), [undocumented]);
        assert_eq!(whats("crates/server/src/lib.rs", "\n//! I/O.\n"), [""; 0]);
        assert_eq!(whats(ROOM, "mod x;\n"), [""; 0]);
    }

    #[test]
    fn paths_of_one_machine_are_told_from_relative_ones() {
        for prefix in MACHINE_PATHS {
            for line in [format!("see {prefix}x"), format!("\"{prefix}x\""), format!("file://{prefix}x")] {
                assert_eq!(check("docs/page.md", &line).len(), 1, "{line}");
            }
            let fine = [format!("https://example.com{prefix}x"), format!("./x{prefix}y"), format!("~{prefix}x")];
            for line in fine {
                assert_eq!(whats("docs/page.md", &line), [""; 0], "{line}");
            }
        }
    }

    #[test]
    fn every_exemption_has_a_reason() {
        assert!(LONG.iter().all(|(_, reason)| !reason.is_empty()));
    }
}
