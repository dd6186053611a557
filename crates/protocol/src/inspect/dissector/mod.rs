//! A Wireshark dissector, generated from the declarations: one Lua file for Wireshark 3.4 and later.
//!
//! What the file knows of messages (fields, units, codes, which layout a body has) is written from the layouts; what is
//! written by hand, in `runtime/`, reads the kinds of fields, checks CRCs, and finds frames in a stream. A test of the
//! command line compares what tshark shows with what `decode` says, for all messages.
//!
//! # Names in filters
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

mod choices;
mod lua;
mod names;
mod tables;

use std::fmt::Write;

use super::lang::Lang;
use super::report::Options;
use crate::ykc::Dialect;
use crate::ykc::message::LAYOUTS;
use lua::string;
use names::Names;

/// Port where platforms listen unless told otherwise.
pub const DEFAULT_PORT: u16 = 8768;

/// What the dissector does unless its preferences say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Language of labels and texts; the names in filters are the same in all.
    pub lang: Lang,
    /// How frames are read where the protocol leaves a choice.
    pub options: Options,
    /// TCP ports where platforms listen.
    pub ports: Vec<u16>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { lang: Lang::default(), options: Options::default(), ports: vec![DEFAULT_PORT] }
    }
}

const VALUES: &str = include_str!("runtime/values.lua");
const FIELDS: &str = include_str!("runtime/fields.lua");
const LINK: &str = include_str!("runtime/link.lua");
const FRAME: &str = include_str!("runtime/frame.lua");
const STREAM: &str = include_str!("runtime/stream.lua");
const REGISTER: &str = include_str!("runtime/register.lua");

/// The dissector as Lua source.
#[must_use]
pub fn dissector(settings: &Settings) -> String {
    let names = Names::new();
    let mut out = head(settings);
    for part in [VALUES, FIELDS] {
        out.push('\n');
        out.push_str(part);
    }
    out.push_str("\n-- Part 3: the protocol, from its declarations.\n\n");
    tables::codes(&mut out);
    out.push('\n');
    tables::filters(&names, &mut out);
    for layout in LAYOUTS {
        out.push('\n');
        tables::layout(layout, &names, &mut out);
    }
    out.push('\n');
    choices::write(&mut out);
    for part in [LINK, FRAME, STREAM, REGISTER] {
        out.push('\n');
        out.push_str(part);
    }
    out
}

/// What the file is, and the defaults of its preferences.
fn head(settings: &Settings) -> String {
    let mut out = String::from(
        "-- Dissector of YKC (云快充) 1.x for Wireshark 3.4 and later, made by `voltapile dissector` from the protocol's\n\
         -- declarations. To change it, make it anew.\n\n",
    );
    let ports: Vec<String> = settings.ports.iter().map(u16::to_string).collect();
    let lang = settings.lang.pick("1", "2");
    let dialect = Dialect::ALL.iter().position(|dialect| *dialect == settings.options.dialect).map_or(1, |at| at + 1);
    let fault_base = settings.options.fault_base;
    let ports = string(&ports.join(","));
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
