//! Any body of any frame type, in every dialect, decodes and encodes to the same bytes or names what does not fit.
//!
//! Input: frame type, then the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use voltapile_protocol::ykc::frame::{Envelope, MAX_BODY, write_message};
use voltapile_protocol::ykc::{CrcOrder, Dialect, Frame, Message};

fuzz_target!(|data: &[u8]| {
    // Whatever the bytes are, looking for a frame in them must end well.
    let _ = Frame::parse(data);

    let Some((&frame_type, body)) = data.split_first() else { return };
    let body = &body[..body.len().min(MAX_BODY)];
    for dialect in [Dialect::V16, Dialect::Guochong, Dialect::Gongniu] {
        match Message::decode(frame_type, body, dialect) {
            Ok(message) => assert_encodes(&message, body, dialect),
            Err(error) => {
                assert_eq!(error.code, u16::from(frame_type));
                assert!(error.offset <= body.len() && error.needed > error.available, "{error}");
                assert_eq!(error.offset + error.available, body.len(), "{error}");
            }
        }
    }
});

/// The message becomes a frame of exactly this body, from which the same message is read again.
fn assert_encodes(message: &Message, body: &[u8], dialect: Dialect) {
    let crc_order = if body.len() % 2 == 0 { CrcOrder::LowFirst } else { CrcOrder::HighFirst };
    let mut out = Vec::with_capacity(body.len() + 8);
    let written = write_message(&mut out, Envelope { crc_order, ..Envelope::default() }, message);
    assert_eq!(written, Ok(()));
    let frame = Frame::parse(&out).expect("what was written is a frame");
    assert_eq!(frame.body, body);
    assert_eq!(Message::decode(frame.frame_type, frame.body, dialect).as_ref(), Ok(message));
}
