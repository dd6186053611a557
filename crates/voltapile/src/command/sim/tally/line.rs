//! What a frame of either protocol brings.

use voltapile_protocol::layout::Layout;
use voltapile_protocol::{Protocol, aaf5, ykc};
use voltapile_simulator::frames::Found;

/// What a frame brings.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it lives as long as one look at a frame")]
pub(super) enum Brought {
    Ykc(ykc::message::Message),
    Aaf5(aaf5::Message),
    /// Nothing that can be read.
    Undecodable,
}

/// The layout of a frame, and what it brings.
pub(super) fn brought(protocol: Protocol, frame: &Found<'_>) -> (Option<&'static Layout>, Brought) {
    let (length, body) = (frame.body.len(), frame.body);
    match protocol {
        Protocol::Ykc => {
            let dialect = ykc::Dialect::V16;
            let Ok(frame_type) = u8::try_from(frame.frame_type) else { return (None, Brought::Undecodable) };
            let message = ykc::message::Message::decode(frame_type, body, dialect);
            (ykc::message::layout(frame_type, length, dialect), message.map_or(Brought::Undecodable, Brought::Ykc))
        }
        Protocol::Aaf5 => {
            let dialect = aaf5::Dialect::default();
            let message = aaf5::Message::decode(frame.frame_type, body, dialect);
            let layout = aaf5::message::layout(frame.frame_type, length, dialect);
            (layout, message.map_or(Brought::Undecodable, Brought::Aaf5))
        }
    }
}
