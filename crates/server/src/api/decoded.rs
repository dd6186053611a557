//! Frames as JSON, explained by the inspector.

use serde_json::{Map, Value};
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::{Lang, Options, inspect};
use voltapile_protocol::ykc::Profile;

use crate::core::PileLive;

/// How the frames of a pile are read: as its model writes them.
pub(super) fn options(pile: &PileLive) -> Options {
    let state = pile.state();
    let profile = Profile::of(state.profile.as_deref(), state.model.as_deref());
    let protocol = state.declared.as_ref().and_then(|declared| Protocol::named(declared.protocol));
    Options { protocol, dialect: profile.dialect, fault_base: profile.fault_base }
}

/// A frame as `voltapile decode --json` prints it, with its findings in a language; empty when the bytes are none.
pub(super) fn decode(frame: &[u8], options: Options, lang: Lang) -> Map<String, Value> {
    let inspection = inspect(frame, options);
    let json = inspection.reports.first().map(|report| serde_json::to_value(FrameJson::new(report, lang)));
    match json {
        Some(Ok(Value::Object(members))) => members,
        _ => Map::new(),
    }
}

/// Bytes as hex digits, as the inspector writes them.
pub(super) fn hex(bytes: &[u8]) -> String {
    voltapile_protocol::inspect::value::hex(bytes)
}

/// A frame type, or a message's command number, as its protocol writes it.
pub(super) fn type_name(protocol: &str, number: u16) -> String {
    Protocol::named(protocol).unwrap_or(Protocol::Ykc).written(number)
}
