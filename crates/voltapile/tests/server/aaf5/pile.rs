//! A pile's end of an AA F5 connection.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{SystemTime, UNIX_EPOCH};

use voltapile_protocol::aaf5::code::{DeviceType, ReportMode, WorkState};
use voltapile_protocol::aaf5::field::ConnectorNumber;
use voltapile_protocol::aaf5::frame::{ENCRYPTED, Envelope, write_frame};
use voltapile_protocol::aaf5::framer::{Framer, Piece};
use voltapile_protocol::aaf5::message::{
    Dialect, HeartbeatRequest, Message, SignInRequest, SignInResponse, StatusReport,
};
use voltapile_protocol::aaf5::{BodyCipher, field};
use voltapile_protocol::wire::{BcdTime, CivilTime, Decimal16, Decimal32, Minutes, SecondsByte, Text, Writer};

use crate::support::PATIENCE;

/// The random number of sign-ins.
pub(crate) const RANDOM: u32 = 0x1234_5678;

/// A connection of a pile.
pub(crate) struct Pile {
    pub(crate) code: field::PileCode,
    pub(crate) stream: TcpStream,
    /// What encrypts from now on.
    pub(crate) cipher: Option<BodyCipher>,
    framer: Framer,
    inbox: VecDeque<Received>,
    sequence: u8,
}

/// A frame that came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) info: u8,
    pub(crate) sequence: u8,
    pub(crate) command: u16,
    pub(crate) body: Vec<u8>,
}

/// The next message of a type; others are passed over.
macro_rules! take {
    ($pile:expr, $type:ident) => {
        $pile.until(|message| match message {
            voltapile_protocol::aaf5::message::Message::$type(message) => Some(message),
            _ => None,
        })
    };
}
pub(crate) use take;

impl Received {
    #[track_caller]
    pub(crate) fn message(&self) -> Message {
        Message::decode(self.command, &self.body, Dialect::default()).unwrap()
    }
}

/// A text in its field.
#[track_caller]
pub(crate) fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

/// Now, on the piles' clock.
pub(crate) fn now() -> CivilTime {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    CivilTime::in_china(u64::try_from(since_epoch.as_millis()).unwrap())
}

pub(crate) fn body_of(message: &Message) -> Vec<u8> {
    let mut body = Vec::new();
    message.write(&mut Writer::new(&mut body));
    body
}

/// A frame in plain text.
pub(crate) fn frame(sequence: u8, message: impl Into<Message>) -> Vec<u8> {
    let message = message.into();
    let mut out = Vec::new();
    let envelope = Envelope { info: 0x02, sequence };
    write_frame(&mut out, envelope, message.frame_type(), |writer| writer.put(&body_of(&message))).unwrap();
    out
}

impl Pile {
    #[track_caller]
    pub(crate) fn dial(address: SocketAddr, code: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let (framer, inbox) = (Framer::new(), VecDeque::new());
        Self { code: text(code), stream, cipher: None, framer, inbox, sequence: 0 }
    }

    /// What it signs in with: two connectors, V5.2, its clock right.
    pub(crate) fn sign_in_request(&self) -> SignInRequest {
        SignInRequest {
            pile_code: self.code,
            software_version: Decimal32::from_raw(21_001),
            report_mode: ReportMode::Reporting,
            sign_in_minutes: Minutes::from_raw(30),
            connector_count: 2,
            heartbeat_seconds: SecondsByte::from_raw(20),
            heartbeat_misses: 3,
            pile_time: BcdTime::new(now()),
            random: Some(RANDOM),
            protocol_version: Some(Decimal16::from_raw(52)),
            white_list_version: Some(7),
            device_type: Some(DeviceType::Pile),
            asset_code: Some(Text::default()),
            ..SignInRequest::default()
        }
    }

    /// Signs in and takes the answer.
    #[track_caller]
    pub(crate) fn sign_in(&mut self) -> SignInResponse {
        self.sign_in_with(self.sign_in_request())
    }

    #[track_caller]
    pub(crate) fn sign_in_with(&mut self, request: SignInRequest) -> SignInResponse {
        let sequence = self.send(request);
        let received = self.receive();
        assert_eq!((received.sequence, received.info), (sequence, 0x02), "{received:02x?}");
        match received.message() {
            Message::SignInResponse(answer) => answer,
            other => panic!("expected the answer to a sign-in, got {other:?}"),
        }
    }

    /// Sends a message with a new sequence number, which it gives.
    #[track_caller]
    pub(crate) fn send(&mut self, message: impl Into<Message>) -> u8 {
        self.sequence = self.sequence.wrapping_add(1);
        let message = message.into();
        let bytes = match &self.cipher {
            None => frame(self.sequence, message),
            Some(cipher) => {
                let (mut out, body) = (Vec::new(), cipher.encrypt(&body_of(&message)));
                let envelope = Envelope { info: ENCRYPTED | 0x02, sequence: self.sequence };
                write_frame(&mut out, envelope, message.frame_type(), |writer| writer.put(&body)).unwrap();
                out
            }
        };
        self.write(&bytes);
        self.sequence
    }

    #[track_caller]
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// The state of connector 1.
    pub(crate) fn status(&self, work_state: WorkState, number: &str) -> StatusReport {
        StatusReport {
            pile_code: self.code,
            connector_count: 2,
            connector_number: ConnectorNumber(1),
            work_state,
            transaction_number: Some(text(number)),
            plug: voltapile_protocol::aaf5::code::Plug::Connected,
            vin: Some(Default::default()),
            vin_end: Some(Default::default()),
            outlet_temperature: Some(Default::default()),
            ambient_temperature: Some(Default::default()),
            gun_temperature: Some(Default::default()),
            stowed: Some(Default::default()),
            limiting: Some(Default::default()),
            door_reserved: Some(Default::default()),
            ..StatusReport::default()
        }
    }

    /// Reports a state of connector 1.
    #[track_caller]
    pub(crate) fn report(&mut self, work_state: WorkState, number: &str) {
        let status = self.status(work_state, number);
        self.send(status);
    }

    /// A heartbeat and its answer. Whatever was sent before and is answered would have been answered before it.
    #[track_caller]
    pub(crate) fn beat(&mut self) {
        let counter = u16::from(self.sequence);
        let sequence = self.send(HeartbeatRequest { pile_code: self.code, counter, ..HeartbeatRequest::default() });
        loop {
            let received = self.receive();
            if received.command == 101 {
                assert_eq!(received.sequence, sequence);
                return;
            }
        }
    }

    /// The next frame, opened.
    #[track_caller]
    pub(crate) fn receive(&mut self) -> Received {
        self.next_frame().expect("the server closed the connection")
    }

    /// The next message that is of a kind; others are passed over.
    #[track_caller]
    pub(crate) fn until<T>(&mut self, of_kind: impl Fn(Message) -> Option<T>) -> T {
        loop {
            if let Some(taken) = of_kind(self.receive().message()) {
                return taken;
            }
        }
    }

    /// Waits for the server to close, which must have nothing more to say.
    #[track_caller]
    pub(crate) fn expect_close(&mut self) {
        let more = self.next_frame();
        assert!(more.is_none(), "expected the end, got {more:02x?}");
    }

    #[track_caller]
    pub(crate) fn next_frame(&mut self) -> Option<Received> {
        let mut bytes = [0; 4096];
        loop {
            if let Some(mut received) = self.inbox.pop_front() {
                if received.info & ENCRYPTED != 0 {
                    received.body = self.cipher.as_ref().unwrap().decrypt(&received.body).unwrap();
                }
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
                    info: frame.info,
                    sequence: frame.sequence,
                    command: frame.command,
                    body: frame.body.to_vec(),
                }),
                Piece::Relative(relative) => panic!("the server speaks {relative:?}"),
            });
            assert_eq!(self.framer.skipped().bytes, 0, "the server sends only whole frames");
        }
    }
}
