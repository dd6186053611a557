//! The protocol as tables: complete in each language.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

mod support;

use support::english_words;
use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::parameter::{INTEGERS, TEXTS};
use voltapile_protocol::inspect::{Lang, reference};

#[test]
fn the_messages_of_settings_name_them_all() {
    for (command, parameters) in [("1", INTEGERS), ("2", INTEGERS), ("3", TEXTS), ("4", TEXTS)] {
        let layout = reference::find(command, Some(Protocol::Aaf5)).unwrap().remove(0);
        for lang in [Lang::Zh, Lang::En] {
            let (text, markdown) = (reference::details_text(layout, lang), reference::details_markdown(layout, lang));
            for parameter in parameters {
                assert!(
                    text.contains(parameter.name) && text.contains(lang.pick(parameter.zh, parameter.en)),
                    "{text}"
                );
                assert!(markdown.contains(&format!("| {} | {} |", parameter.index, parameter.name)), "{markdown}");
            }
        }
    }
    let english = reference::details_text(reference::find("1", Some(Protocol::Aaf5)).unwrap().remove(0), Lang::En);
    let heartbeat = english.lines().find(|line| line.contains("heartbeat_period")).unwrap();
    let words: Vec<&str> = heartbeat.split_whitespace().collect();
    assert_eq!(words.join(" "), "21 heartbeat_period heartbeat period, 0 = unchanged s 3 read, write");
}

#[test]
fn chinese_tables_hold_no_english() {
    for layout in reference::all(Protocol::Ykc) {
        let text = reference::details_text(layout, Lang::Zh);
        let names: Vec<&str> = (layout.fields.iter())
            .chain(layout.repeated.iter().flat_map(|group| group.fields))
            .chain(layout.extensions.iter().flat_map(|extension| extension.fields))
            .map(|field| field.name)
            .chain([layout.name])
            .chain(layout.repeated.iter().map(|group| group.name))
            .collect();
        let english: Vec<&str> = english_words(&text).into_iter().filter(|word| !names.contains(word)).collect();
        assert!(english.is_empty(), "{}: {english:?} in\n{text}", layout.name);
    }
    let names: Vec<&str> = reference::all(Protocol::Ykc).iter().map(|layout| layout.name).collect();
    let text = reference::overview_text(&reference::all(Protocol::Ykc), Lang::Zh);
    let english: Vec<&str> = english_words(&text).into_iter().filter(|word| !names.contains(word)).collect();
    assert!(english.is_empty(), "{english:?}");
}

#[test]
fn english_tables_hold_no_chinese_but_names() {
    let is_chinese = |character: char| ('\u{4E00}'..='\u{9FFF}').contains(&character);
    let vendors = ["易联", "公牛", "国充"];
    for layout in reference::all(Protocol::Ykc) {
        let mut text = reference::details_text(layout, Lang::En);
        vendors.iter().for_each(|vendor| text = text.replace(vendor, ""));
        assert!(!text.contains(is_chinese), "{}:\n{text}", layout.name);
    }
}

#[test]
fn a_message_is_found_by_type_or_name_in_its_protocol() {
    let names = |wanted, protocol| {
        reference::find(wanted, protocol).map(|found| found.iter().map(|layout| layout.name).collect::<Vec<_>>())
    };
    assert_eq!(names("0x13", None), Ok(vec!["realtime_report"]));
    assert_eq!(names("13", Some(Protocol::Ykc)), Ok(vec!["realtime_report"]));
    assert_eq!(names("104", Some(Protocol::Aaf5)), Ok(vec!["status_report"]));
    assert_eq!(names("104", None), Ok(vec!["status_report"]), "YKC has no type of more than two digits");
    assert_eq!(names("status_report", None), Ok(vec!["status_report"]));
    assert_eq!(names("start_request", None).map(|found| found.len()), Ok(2), "each protocol has one");
    assert_eq!(names("status_reprt", Some(Protocol::Aaf5)), Err(Some("status_report")));
    let commands: Vec<u16> = reference::all(Protocol::Aaf5).iter().map(|layout| layout.code).collect();
    assert!(commands.is_sorted() && commands.len() > 70);
}

#[test]
fn commands_are_written_as_their_document_does() {
    let layout = reference::find("104", Some(Protocol::Aaf5)).unwrap()[0];
    let text = reference::details_text(layout, Lang::Zh);
    assert!(text.starts_with("CMD 104 充电桩状态信息包上报 (status_report)，上行"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("12 ") && line.contains("pile_code")), "offsets count the header");
    let overview = reference::overview_text(&reference::all(Protocol::Aaf5), Lang::En);
    assert!(overview.lines().any(|line| line.starts_with("1105 ") && line.contains("144")), "{overview}");
}
