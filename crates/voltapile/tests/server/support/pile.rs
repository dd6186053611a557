//! A pile's end of a connection.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use voltapile_protocol::ykc::code::LoginResult;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_protocol::ykc::frame::{Envelope, write_message};
use voltapile_protocol::ykc::framer::{Framer, Piece};
use voltapile_protocol::ykc::message::Message;
use voltapile_protocol::ykc::{CrcOrder, Dialect};

use super::{PATIENCE, messages};

/// A connection of a pile, or of a concentrator that speaks for several.
pub(crate) struct Pile {
    pub(crate) code: PileCode,
    pub(crate) stream: TcpStream,
    framer: Framer,
    inbox: VecDeque<Received>,
    sequence: u16,
}

/// A frame that came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) sequence: [u8; 2],
    pub(crate) encryption: u8,
    pub(crate) frame_type: u8,
    pub(crate) body: Vec<u8>,
    pub(crate) crc_order: CrcOrder,
}

/// The message that comes next, which must be of this type.
macro_rules! take {
    ($pile:expr, $type:ident) => {
        match $pile.receive().message() {
            voltapile_protocol::ykc::Message::$type(message) => message,
            other => panic!("expected {}, got {other:?}", stringify!($type)),
        }
    };
}
pub(crate) use take;

/// A frame in plain text, its CRC low byte first.
pub(crate) fn frame(sequence: [u8; 2], message: impl Into<Message>) -> Vec<u8> {
    frame_with(Envelope { sequence, ..Envelope::default() }, message)
}

pub(crate) fn frame_with(envelope: Envelope, message: impl Into<Message>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_message(&mut bytes, envelope, &message.into()).unwrap();
    bytes
}

impl Received {
    #[track_caller]
    pub(crate) fn message(&self) -> Message {
        assert_eq!(self.encryption, 0);
        Message::decode(self.frame_type, &self.body, Dialect::V16).unwrap()
    }
}

impl Pile {
    #[track_caller]
    pub(crate) fn dial(address: SocketAddr, code: PileCode) -> Self {
        Self::over(TcpStream::connect(address).unwrap(), code)
    }

    pub(crate) fn over(stream: TcpStream, code: PileCode) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { code, stream, framer: Framer::new(), inbox: VecDeque::new(), sequence: 0 }
    }

    /// Logs in and takes what follows: the acceptance and the clock.
    #[track_caller]
    pub(crate) fn log_in(&mut self) {
        self.log_in_as(self.code);
    }

    /// Logs in one pile of several.
    #[track_caller]
    pub(crate) fn log_in_as(&mut self, code: PileCode) {
        self.send(messages::login(code));
        let answer = take!(self, LoginResponse);
        assert_eq!((answer.pile_code, answer.login_result), (code, LoginResult::Accepted));
        assert_eq!(take!(self, ClockSyncRequest).pile_code, code);
    }

    /// Sends a message with a new sequence number, which it gives.
    #[track_caller]
    pub(crate) fn send(&mut self, message: impl Into<Message>) -> [u8; 2] {
        let sequence = self.next_sequence();
        self.write(&frame(sequence, message));
        sequence
    }

    /// Sends a message with its CRC in an order.
    #[track_caller]
    pub(crate) fn send_with(&mut self, crc_order: CrcOrder, message: impl Into<Message>) -> [u8; 2] {
        let sequence = self.next_sequence();
        self.write(&frame_with(Envelope { sequence, crc_order, ..Envelope::default() }, message));
        sequence
    }

    pub(crate) fn next_sequence(&mut self) -> [u8; 2] {
        self.sequence = self.sequence.wrapping_add(0x0101);
        self.sequence.to_le_bytes()
    }

    #[track_caller]
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// The next frame.
    #[track_caller]
    pub(crate) fn receive(&mut self) -> Received {
        self.next_frame().expect("the server closed the connection")
    }

    /// A heartbeat and its answer. Whatever was sent before and is answered would have been answered before it.
    #[track_caller]
    pub(crate) fn beat(&mut self) {
        self.beat_as(self.code);
    }

    #[track_caller]
    pub(crate) fn beat_as(&mut self, code: PileCode) {
        let sequence = self.send(messages::heartbeat(code));
        let received = self.receive();
        assert_eq!(received.sequence, sequence, "{received:02x?} is no answer to the heartbeat");
        match received.message() {
            Message::HeartbeatResponse(answer) => assert_eq!(answer.pile_code, code),
            other => panic!("expected the answer to a heartbeat, got {other:?}"),
        }
    }

    /// Waits for the server to close, which must have nothing more to say.
    #[track_caller]
    pub(crate) fn expect_close(&mut self) {
        let more = self.next_frame();
        assert!(more.is_none(), "expected the end, got {more:02x?}");
    }

    /// The next frame; `None` once the server has closed.
    #[track_caller]
    pub(crate) fn next_frame(&mut self) -> Option<Received> {
        let mut bytes = [0; 4096];
        loop {
            if let Some(received) = self.inbox.pop_front() {
                return Some(received);
            }
            let count = match self.stream.read(&mut bytes) {
                Ok(0) => return None,
                Ok(count) => count,
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => {
                    return None;
                }
                Err(error) => panic!("nothing came: {error}"),
            };
            let inbox = &mut self.inbox;
            self.framer.push(&bytes[..count], |piece| match piece {
                Piece::Frame(frame) => inbox.push_back(Received {
                    sequence: frame.sequence,
                    encryption: frame.encryption,
                    frame_type: frame.frame_type,
                    body: frame.body.to_vec(),
                    crc_order: frame.crc_order,
                }),
                Piece::Relative(relative) => panic!("the server speaks {relative:?}"),
            });
            assert_eq!(self.framer.skipped().bytes, 0, "the server sends only whole frames");
        }
    }
}
