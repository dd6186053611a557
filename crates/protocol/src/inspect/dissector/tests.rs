//! What is generated, without Wireshark: names that do not collide, and two messages as they are written.

use super::*;
use crate::ykc::message::{OfflineCardSyncRequest, RealtimeReport};

#[test]
fn no_field_has_the_name_of_what_stands_around_a_body() {
    for book in Protocol::ALL.map(Book::of) {
        let own = names::of_runtime(book);
        assert!(own.contains(&"frame_type") && own.contains(&"skipped"), "{own:?}");
        for name in Names::new(book).declared().into_keys() {
            assert!(!own.contains(&name.as_str()), "{}.{name} is taken", book.protocol.name());
        }
    }
}

#[test]
fn a_layout_is_written_as_it_is_declared() {
    let mut out = String::new();
    let book = Book::of(Protocol::Ykc);
    let names = Names::new(book);
    tables::layout(book, OfflineCardSyncRequest::LAYOUT, &names, &mut out);
    tables::layout(book, RealtimeReport::LAYOUT, &names, &mut out);
    insta::assert_snapshot!("layouts_lua", out);
}

#[test]
fn the_defaults_are_those_asked_for() {
    let options = Options { dialect: Dialect::Gongniu, fault_base: 1, ..Options::default() };
    let protocols = vec![Protocol::Ykc];
    let lua = dissector(&Settings { lang: Lang::Zh, options, protocols, ports: vec![8768, 9000] });
    let defaults = "local DEFAULTS = { ports = \"8768,9000\", lang = 1, dialect = 3, fault_base = 1 }";
    assert!(!lua.contains("\"aaf5\""));
    assert!(lua.contains(defaults), "{}", lua.lines().take(5).collect::<Vec<_>>().join("\n"));
}

#[test]
fn nothing_that_is_written_by_hand_knows_a_message() {
    for book in Protocol::ALL.map(Book::of) {
        let runtime = [SHARED.concat().as_str(), book.framing].concat();
        for layout in book.layouts {
            assert!(!runtime.contains(layout.name), "{} stands in the runtime", layout.name);
        }
    }
}
