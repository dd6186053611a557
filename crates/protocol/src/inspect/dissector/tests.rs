//! What is generated, without Wireshark: names that do not collide, and two messages as they are written.

use super::*;
use crate::ykc::message::{OfflineCardSyncRequest, RealtimeReport};

/// The names behind `ykc.` that the runtime gives to what stands around a body.
fn own_names() -> Vec<&'static str> {
    let heads = FIELDS.lines().chain(FRAME.lines()).filter(|line| line.contains("head_field(\""));
    heads.filter_map(|line| line.split('"').nth(3)).collect()
}

#[test]
fn no_field_has_the_name_of_what_stands_around_a_body() {
    let own = own_names();
    assert!(own.contains(&"frame_type") && own.contains(&"crc.status"), "{own:?}");
    for name in Names::new().declared().into_keys() {
        assert!(!own.contains(&name.as_str()), "ykc.{name} is taken");
    }
}

#[test]
fn a_layout_is_written_as_it_is_declared() {
    let mut out = String::new();
    tables::layout(OfflineCardSyncRequest::LAYOUT, &Names::new(), &mut out);
    tables::layout(RealtimeReport::LAYOUT, &Names::new(), &mut out);
    insta::assert_snapshot!("layouts_lua", out);
}

#[test]
fn the_defaults_are_those_asked_for() {
    let options = Options { dialect: Dialect::Gongniu, fault_base: 1 };
    let lua = dissector(&Settings { lang: Lang::Zh, options, ports: vec![8768, 9000] });
    let defaults = "local DEFAULTS = { ports = \"8768,9000\", lang = 1, dialect = 3, fault_base = 1 }";
    assert!(lua.contains(defaults), "{}", lua.lines().take(5).collect::<Vec<_>>().join("\n"));
}

#[test]
fn nothing_that_is_written_by_hand_knows_a_message() {
    let runtime = [VALUES, FIELDS, LINK, FRAME, STREAM, REGISTER].concat();
    for layout in LAYOUTS {
        assert!(!runtime.contains(layout.name), "{} stands in the runtime", layout.name);
    }
}
