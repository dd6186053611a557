//! The lists of checks in the documentation are the catalogues'. `UPDATE_DOCS=1` writes them anew.

use std::path::PathBuf;

use voltapile_certify::Check;
use voltapile_certify::aaf5;
use voltapile_certify::ykc::{pile, platform};
use voltapile_protocol::inspect::Lang;

/// The lines between `<!-- checks: pile -->` and `<!-- end -->`.
fn list(checks: impl Iterator<Item = &'static Check>, lang: Lang) -> String {
    let mut lines =
        format!("\n| {} | {} | {} |\n|---|---|---|\n", "id", lang.pick("规则", "rule"), lang.pick("依据", "source"));
    for check in checks {
        let rule = lang.pick(check.zh, check.en);
        let source = check.source.split_once(" / ").map_or(check.source, |(zh, en)| lang.pick(zh, en));
        lines.push_str(&format!("| `{}` | {rule} | {source} |\n", check.id));
    }
    lines.push('\n');
    lines
}

#[test]
fn the_documentation_lists_every_check() {
    for (file, lang) in [("certify.md", Lang::En), ("certify.zh-CN.md", Lang::Zh)] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
        let mut text = std::fs::read_to_string(&path).unwrap();
        let lists = [
            ("pile", list(pile::checks(), lang)),
            ("platform", list(platform::checks(), lang)),
            ("aaf5 pile", list(aaf5::pile::checks(), lang)),
            ("aaf5 platform", list(aaf5::platform::checks(), lang)),
        ];
        for (subject, list) in lists {
            let (begin, end) = (format!("<!-- checks: {subject} -->\n"), "<!-- end -->");
            let from = text.find(&begin).unwrap_or_else(|| panic!("{file} has no list of {subject}")) + begin.len();
            let to = from + text[from..].find(end).unwrap();
            if std::env::var_os("UPDATE_DOCS").is_some() {
                text.replace_range(from..to, &list);
            } else {
                assert_eq!(&text[from..to], list, "{file}: run again with UPDATE_DOCS=1");
            }
        }
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, text).unwrap();
        }
    }
}

#[test]
fn every_source_with_words_has_them_in_both_languages() {
    let is_chinese = |text: &str| text.chars().any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character));
    for check in pile::checks().chain(platform::checks()) {
        let (id, source) = (check.id, check.source);
        assert!(is_chinese(check.zh) && !is_chinese(check.en), "{id}: {} / {}", check.zh, check.en);
        match source.split_once(" / ") {
            Some((zh, en)) => assert!(is_chinese(zh) && !is_chinese(en), "{id}: {source}"),
            // Sections and open questions read the same in both: `V1.6 §6.3; OQ-15`.
            None => {
                let is_place = |part: &str| part.starts_with(['V', '§', 'O']) && !part.contains(char::is_lowercase);
                assert!(source.split("; ").all(is_place), "{id}: {source}");
            }
        }
    }
}
