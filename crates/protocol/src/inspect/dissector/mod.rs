//! A Wireshark dissector, generated from the declarations: one Lua file for Wireshark 3.4 and later, with a protocol tree
//! for each protocol.
//!
//! What the file knows of messages (fields, units, codes, which layout a body has) is written from the layouts; what is
//! written by hand, in `runtime/`, reads the kinds of fields and finds frames in a stream, with a part for each framing. A
//! test of the command line compares what tshark shows with what `decode` says, for all messages.
//!
//! # Names in filters
//!
//! Those of AA F5 begin with `aaf5.` and follow the same rules:
//!
//! - `ykc.<field>`, where every message that has a field of that name means the same by it: the same format, unit and
//!   table of codes. `ykc.pile_code`, `ykc.transaction_number`, `ykc.output_voltage`, `ykc.connector_state`.
//! - `ykc.<message>.<field>`, where messages differ: `ykc.remote_start_response.fail_reason`, whose codes are others than
//!   those of `ykc.remote_stop_response.fail_reason`.
//! - Fields of groups and of what some piles append are named like any other.
//! - `ykc.<flags>.<flag>` for each flag, and `ykc.slots.tier` for each run of equal half hours.
//! - What stands around a body: `ykc.frame_type`, `ykc.message` (the name that `voltapile frames` prints),
//!   `ykc.direction`, `ykc.sequence`, `ykc.length`, `ykc.encryption`, `ykc.crc`, `ykc.crc.status`, and so on; findings are
//!   `ykc.expert.<finding>`.
//!
//! Names are those of `decode --json`. Numbers with a unit are filtered in that unit, times as text that sorts
//! (`2026-01-31T08:15:00.000`, the pile's wall clock), codes by number or by text. A field that says "nothing", such as a
//! time of zeros, has no value to filter on.

mod book;
mod choices;
mod lua;
mod names;
mod tables;

use std::fmt::Write;

use super::lang::Lang;
use super::report::Options;
use crate::family::Protocol;
use crate::ykc::Dialect;
use book::Book;
use lua::string;
use names::Names;

/// Port where platforms listen unless told otherwise, whatever their piles speak.
pub const DEFAULT_PORT: u16 = 8768;

/// What the dissector does unless its preferences say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Language of labels and texts; the names in filters are the same in all.
    pub lang: Lang,
    /// How frames are read where the protocol leaves a choice.
    pub options: Options,
    /// The protocols of the file.
    pub protocols: Vec<Protocol>,
    /// TCP ports where platforms listen; the bytes say which protocol is spoken.
    pub ports: Vec<u16>,
}

impl Default for Settings {
    fn default() -> Self {
        let (lang, options) = (Lang::default(), Options::default());
        Self { lang, options, protocols: Protocol::ALL.into(), ports: vec![DEFAULT_PORT] }
    }
}

/// The runtime that all protocols share, in the order of its parts.
const SHARED: [&str; 7] = [
    include_str!("runtime/values.lua"),
    include_str!("runtime/fields.lua"),
    include_str!("runtime/body.lua"),
    include_str!("runtime/link.lua"),
    include_str!("runtime/frame.lua"),
    include_str!("runtime/stream.lua"),
    include_str!("runtime/register.lua"),
];

/// The dissector as Lua source.
#[must_use]
pub fn dissector(settings: &Settings) -> String {
    let mut out = head(settings);
    for part in SHARED {
        out.push('\n');
        out.push_str(part);
    }
    for protocol in &settings.protocols {
        out.push('\n');
        whole(Book::of(*protocol), &mut out);
    }
    out
}

/// A protocol: its declarations and its framing.
fn whole(book: &Book, out: &mut String) {
    let names = Names::new(book);
    let _ = writeln!(out, "-- {}, from its declarations.\n\ndo", book.protocol.name());
    let _ = writeln!(out, "local own = {}", book.maker());
    out.push_str("local F, T, L, choices = own.F, own.T, own.L, own.choices\n\n");
    tables::codes(book, out);
    out.push('\n');
    tables::filters(&names, out);
    for layout in book.layouts {
        out.push('\n');
        tables::layout(book, layout, &names, out);
    }
    out.push('\n');
    choices::write(book, out);
    out.push('\n');
    out.push_str(&(book.constants)());
    out.push_str(book.framing);
    out.push_str("\nregister(own)\nend\n");
}

/// What the file is, and the defaults of its preferences.
fn head(settings: &Settings) -> String {
    let mut out = String::from(
        "-- Dissector of YKC (云快充) 1.x and AA F5 (盛弘) for Wireshark 3.4 and later, made by `voltapile dissector` from\n\
         -- the protocols' declarations. To change it, make it anew.\n\n",
    );
    let ports: Vec<String> = settings.ports.iter().map(u16::to_string).collect();
    let ports = string(&ports.join(","));
    let lang = settings.lang.pick("1", "2");
    let dialect = Dialect::ALL.iter().position(|dialect| *dialect == settings.options.dialect).map_or(1, |at| at + 1);
    let fault_base = settings.options.fault_base;
    let _ = writeln!(
        out,
        "local DEFAULTS = {{ ports = {ports}, lang = {lang}, dialect = {dialect}, fault_base = {fault_base} }}"
    );
    out.push_str("local DIALECTS = {");
    for (at, dialect) in Dialect::ALL.iter().enumerate() {
        let name = string(dialect.name());
        let _ = write!(out, " {{ {name}, {name}, {} }},", at + 1);
    }
    out.push_str(" }\n");
    out
}

#[cfg(test)]
mod tests;
