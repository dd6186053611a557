//! Any body of any command of AA F5 decodes and encodes to the same bytes or names what does not fit.
//!
//! Input: command (low byte first), then the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use voltapile_protocol::aaf5::frame::{Envelope, MAX_LENGTH, MIN_LENGTH, write_message};
use voltapile_protocol::aaf5::{Dialect, Frame, Message, Relative};

fuzz_target!(|data: &[u8]| {
    // Whatever the bytes are, looking for a frame in them must end well.
    let _ = (Frame::parse(data), Relative::recognise(data));

    let Some((command, body)) = data.split_first_chunk::<2>() else { return };
    let command = u16::from_le_bytes(*command);
    let body = &body[..body.len().min(MAX_LENGTH - MIN_LENGTH)];
    match Message::decode(command, body, Dialect::Standard) {
        Ok(message) => assert_encodes(&message, body),
        Err(error) => {
            assert_eq!(error.code, command);
            assert!(error.offset <= body.len() && error.needed > error.available, "{error}");
            assert_eq!(error.offset + error.available, body.len(), "{error}");
        }
    }
});

/// The message becomes a frame of exactly this body, from which the same message is read again.
fn assert_encodes(message: &Message, body: &[u8]) {
    let mut out = Vec::with_capacity(body.len() + MIN_LENGTH);
    assert_eq!(write_message(&mut out, Envelope { info: 0x02, sequence: 7 }, message), Ok(()));
    let frame = Frame::parse(&out).expect("what was written is a frame");
    assert_eq!(frame.body, body);
    assert_eq!(Message::decode(frame.command, frame.body, Dialect::Standard).as_ref(), Ok(message));
}
