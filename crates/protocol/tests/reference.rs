//! The protocol as tables: complete in each language.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

mod support;

use support::english_words;
use voltapile_protocol::inspect::{Lang, reference};

#[test]
fn chinese_tables_hold_no_english() {
    for layout in reference::all() {
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
    let names: Vec<&str> = reference::all().iter().map(|layout| layout.name).collect();
    let text = reference::overview_text(&reference::all(), Lang::Zh);
    let english: Vec<&str> = english_words(&text).into_iter().filter(|word| !names.contains(word)).collect();
    assert!(english.is_empty(), "{english:?}");
}

#[test]
fn english_tables_hold_no_chinese_but_names() {
    let is_chinese = |character: char| ('\u{4E00}'..='\u{9FFF}').contains(&character);
    let vendors = ["易联", "公牛", "国充"];
    for layout in reference::all() {
        let mut text = reference::details_text(layout, Lang::En);
        vendors.iter().for_each(|vendor| text = text.replace(vendor, ""));
        assert!(!text.contains(is_chinese), "{}:\n{text}", layout.name);
    }
}
