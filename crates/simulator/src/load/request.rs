//! Frames that are encoded once and patched for each sending, and the judgement of their answers.

use std::time::Duration;

use voltapile_protocol::Protocol;
use voltapile_protocol::wire::{Cp56Time, KilowattHours, MeterReading, Vin, Yuan, YuanPerKwh};
use voltapile_protocol::ykc::code::{ConnectorHealth, StartSource, StopReason};
use voltapile_protocol::ykc::crc::crc16;
use voltapile_protocol::ykc::field::{ConnectorNumber, PileCode, TransactionNumber as YkcNumber};
use voltapile_protocol::ykc::frame::{Envelope, HEADER_LENGTH, write_message};
use voltapile_protocol::ykc::message::{
    HeartbeatRequest, HeartbeatResponse, LoginRequest, LoginResponse, Message, TransactionRecord,
    TransactionRecordConfirm,
};

use super::{Against, aaf5};
use crate::frames::Found;
use crate::model::{TransactionNumber, civil_time};

/// Where the sequence number begins in a frame.
const SEQUENCE_AT: usize = 2;
/// Bytes of a CRC at the end of a frame.
const CRC_LENGTH: usize = 2;
/// Transaction numbers that one second of the clock gives.
const NUMBERS_PER_SECOND: u64 = 10_000;

/// What a pile asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Login,
    Heartbeat,
    Record,
}

/// What a frame that came is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The answer.
    Answer,
    /// An answer, but not the right one.
    Mismatch,
    /// Nothing that was asked for.
    Unsolicited,
}

/// A pile's question, asked again and again.
#[derive(Debug)]
pub(super) struct Request {
    protocol: Protocol,
    question: Question,
    pile_code: PileCode,
    connector: u8,
    transaction_number: Option<TransactionNumber>,
    /// Wall clock at which the transaction numbers begin.
    unix_ms: u64,
    asked: u64,
    frame: Vec<u8>,
}

impl Request {
    /// Of the first connector, where it is about one.
    pub(super) fn new(protocol: Protocol, question: Question, pile_code: PileCode, unix: Duration) -> Self {
        Self::of(protocol, question, pile_code, 1, unix)
    }

    /// Of a connector.
    pub(super) fn of(
        protocol: Protocol,
        question: Question,
        pile_code: PileCode,
        connector: u8,
        unix: Duration,
    ) -> Self {
        let unix_ms = u64::try_from(unix.as_millis()).unwrap_or_default();
        let mut frame = match protocol {
            Protocol::Ykc => ykc_frame(question, pile_code, connector, unix_ms),
            Protocol::Aaf5 => aaf5::frame(question, &pile_code.to_string(), connector, unix_ms),
        };
        frame.shrink_to_fit();
        Self { protocol, question, pile_code, connector, transaction_number: None, unix_ms, asked: 0, frame }
    }

    /// The frame to send next: a new sequence number, a new transaction number.
    pub(super) fn next_frame(&mut self) -> &[u8] {
        if self.question == Question::Record {
            let start = civil_time(self.unix_ms + self.asked / NUMBERS_PER_SECOND * 1_000);
            let counter = (self.asked % NUMBERS_PER_SECOND) as u16;
            self.transaction_number = Some(TransactionNumber::made_by(self.pile_code, self.connector, start, counter));
        }
        match self.protocol {
            Protocol::Ykc => self.renew(),
            Protocol::Aaf5 => aaf5::renew(&mut self.frame, self.asked, self.transaction_number),
        }
        self.asked += 1;
        &self.frame
    }

    fn renew(&mut self) {
        patch(&mut self.frame, SEQUENCE_AT, &(self.asked as u16).to_le_bytes());
        if let Some(number) = self.transaction_number {
            patch(&mut self.frame, HEADER_LENGTH, &YkcNumber::from(number).0);
        }
        let crc_at = self.frame.len().saturating_sub(CRC_LENGTH);
        let crc = crc16(self.frame.get(SEQUENCE_AT..crc_at).unwrap_or_default());
        patch(&mut self.frame, crc_at, &crc.to_le_bytes());
    }

    /// What a frame is that came after the last sending.
    pub(super) fn judge(&self, frame: &Found<'_>, against: Against) -> Verdict {
        if against == Against::Echo {
            return if frame.raw == self.frame { Verdict::Answer } else { Verdict::Mismatch };
        }
        let (is_answer, is_right) = match self.protocol {
            Protocol::Ykc => self.judge_ykc(frame),
            Protocol::Aaf5 => {
                let asked = self.asked.saturating_sub(1);
                aaf5::judge(self.question, asked, (frame.frame_type, frame.body, frame.raw))
            }
        };
        match (is_answer, is_right) {
            (false, _) => Verdict::Unsolicited,
            (true, true) => Verdict::Answer,
            (true, false) => Verdict::Mismatch,
        }
    }

    fn judge_ykc(&self, frame: &Found<'_>) -> (bool, bool) {
        let number = self.transaction_number.map(|number| YkcNumber::from(number).0).unwrap_or_default();
        let (answer_type, is_right) = match self.question {
            Question::Login => (LoginResponse::CODE, accepts(frame.body, &self.pile_code.0)),
            Question::Heartbeat => (HeartbeatResponse::CODE, frame.body.starts_with(&self.pile_code.0)),
            Question::Record => (TransactionRecordConfirm::CODE, accepts(frame.body, &number)),
        };
        let sequence = SEQUENCE_AT..SEQUENCE_AT + 2;
        (
            frame.frame_type == u16::from(answer_type),
            is_right && self.frame.get(sequence.clone()) == frame.raw.get(sequence),
        )
    }
}

/// Whether the body of an answer names what was asked and says 0: accepted, uploaded.
fn accepts(body: &[u8], asked: &[u8]) -> bool {
    matches!(body.split_last(), Some((0, named)) if named == asked)
}

fn ykc_frame(question: Question, pile_code: PileCode, connector: u8, unix_ms: u64) -> Vec<u8> {
    let message = match question {
        Question::Login => login(pile_code),
        Question::Heartbeat => heartbeat(pile_code, connector),
        Question::Record => record(pile_code, connector, unix_ms),
    };
    let mut frame = Vec::new();
    let written = write_message(&mut frame, Envelope::default(), &message);
    debug_assert!(written.is_ok(), "these messages fit into a frame");
    frame
}

fn patch(frame: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = frame.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

fn login(pile_code: PileCode) -> Message {
    LoginRequest { pile_code, connector_count: 1, protocol_version: 0x10, ..Default::default() }.into()
}

/// A heartbeat of a connector.
fn heartbeat(pile_code: PileCode, connector: u8) -> Message {
    HeartbeatRequest {
        pile_code,
        connector_number: ConnectorNumber::bcd(connector),
        connector_health: ConnectorHealth::Normal,
        ..Default::default()
    }
    .into()
}

/// A record whose sums hold: 10 kWh at 1.6 yuan and 20 kWh at 0.5 yuan.
fn record(pile_code: PileCode, connector: u8, unix_ms: u64) -> Message {
    let (peak, valley) = (KilowattHours::from_raw(100_000), KilowattHours::from_raw(200_000));
    let total = KilowattHours::from_raw(300_000);
    let end_time = Cp56Time::new(civil_time(unix_ms));
    TransactionRecord {
        pile_code,
        connector_number: ConnectorNumber::bcd(connector),
        start_time: Cp56Time::new(civil_time(unix_ms.saturating_sub(3_600_000))),
        end_time,
        peak_unit_price: YuanPerKwh::from_raw(160_000),
        peak_energy: peak,
        peak_energy_with_loss: peak,
        peak_amount: Yuan::from_raw(160_000),
        valley_unit_price: YuanPerKwh::from_raw(50_000),
        valley_energy: valley,
        valley_energy_with_loss: valley,
        valley_amount: Yuan::from_raw(100_000),
        meter_start: MeterReading::from_raw(1_000_000),
        meter_stop: MeterReading::from_raw(1_300_000),
        total_energy: total,
        total_energy_with_loss: total,
        total_amount: Yuan::from_raw(260_000),
        vin: Vin(*b"LVPTEST10SA000000"),
        start_source: StartSource::OfflineCard,
        transaction_time: end_time,
        stop_reason: StopReason(0x41),
        ..Default::default()
    }
    .into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use voltapile_protocol::ykc::{Dialect, Frame};

    use super::*;

    const PILE: PileCode = PileCode([0x99, 0, 0, 0, 0, 0, 0x01]);
    const UNIX: Duration = Duration::from_millis(1_795_132_800_000);

    fn found(bytes: &[u8]) -> Found<'_> {
        let Frame { frame_type, body, raw, .. } = Frame::parse(bytes).unwrap();
        Found { frame_type: frame_type.into(), body, raw, is_opened: false }
    }

    #[test]
    fn questions_in_aaf5_are_whole_and_know_their_answers() {
        use voltapile_protocol::aaf5::frame::{Envelope, Frame, write_message};
        use voltapile_protocol::aaf5::message::{Dialect, FineChargeRecord, FineRecordConfirm, Message};
        let mut request = Request::new(Protocol::Aaf5, Question::Record, PILE, UNIX);
        for number in 0..3_u8 {
            let frame = Frame::parse(request.next_frame()).unwrap();
            assert_eq!((frame.sequence, frame.command), (number, FineChargeRecord::CODE));
            let Ok(Message::FineChargeRecord(record)) = Message::decode(222, frame.body, Dialect::default()) else {
                panic!("222")
            };
            assert_eq!((record.record_index, record.pile_code.text()), (number.into(), PILE.to_string()));
            assert!(record.transaction_number.unwrap().text().starts_with(&PILE.to_string()));
        }
        for (index, verdict) in [(2, Verdict::Answer), (1, Verdict::Mismatch)] {
            let answer = FineRecordConfirm { record_index: Some(index), ..Default::default() }.into();
            let mut raw = Vec::new();
            write_message(&mut raw, Envelope { sequence: 2, ..Envelope::default() }, &answer).unwrap();
            let frame = Frame::parse(&raw).unwrap();
            let found = Found { frame_type: frame.command, body: frame.body, raw: frame.raw, is_opened: false };
            assert_eq!(request.judge(&found, Against::Platform), verdict);
        }
    }

    fn judge(request: &Request, sequence: [u8; 2], message: &Message) -> Verdict {
        let mut bytes = Vec::new();
        write_message(&mut bytes, Envelope { sequence, ..Envelope::default() }, message).unwrap();
        request.judge(&found(&bytes), Against::Platform)
    }

    #[test]
    fn every_frame_is_whole_and_new() {
        for question in [Question::Heartbeat, Question::Record] {
            let mut request = Request::new(Protocol::Ykc, question, PILE, UNIX);
            for number in 0..3_u16 {
                let frame = Frame::parse(request.next_frame()).unwrap();
                assert_eq!(frame.sequence, number.to_le_bytes());
                Message::decode(frame.frame_type, frame.body, Dialect::V16).unwrap();
            }
        }
    }

    #[test]
    fn transaction_numbers_do_not_repeat() {
        let mut request = Request::new(Protocol::Ykc, Question::Record, PILE, UNIX);
        let mut seen = HashSet::new();
        for _ in 0..25_000 {
            request.next_frame();
            assert!(seen.insert(request.transaction_number), "{:?}", request.transaction_number);
        }
    }

    #[test]
    fn an_answer_repeats_the_sequence_and_names_what_it_answers() {
        let mut request = Request::new(Protocol::Ykc, Question::Heartbeat, PILE, UNIX);
        request.next_frame();
        request.next_frame();
        let answer = |pile_code| HeartbeatResponse { pile_code, ..Default::default() }.into();
        assert_eq!(judge(&request, [1, 0], &answer(PILE)), Verdict::Answer);
        assert_eq!(judge(&request, [0, 0], &answer(PILE)), Verdict::Mismatch);
        assert_eq!(judge(&request, [1, 0], &answer(PileCode([1; 7]))), Verdict::Mismatch);
        assert_eq!(judge(&request, [1, 0], &login(PILE)), Verdict::Unsolicited);
    }

    #[test]
    fn a_record_is_confirmed_only_by_its_number_and_a_zero() {
        let mut request = Request::new(Protocol::Ykc, Question::Record, PILE, UNIX);
        request.next_frame();
        let answer = |transaction_number, result| {
            let confirm_result = voltapile_protocol::wire::Code::from_number(result);
            TransactionRecordConfirm { transaction_number, confirm_result, ..Default::default() }.into()
        };
        let number = request.transaction_number.unwrap().into();
        assert_eq!(judge(&request, [0, 0], &answer(number, 0)), Verdict::Answer);
        assert_eq!(judge(&request, [0, 0], &answer(number, 1)), Verdict::Mismatch);
        assert_eq!(judge(&request, [0, 0], &answer(YkcNumber([1; 16]), 0)), Verdict::Mismatch);
    }

    #[test]
    fn an_echo_has_to_be_verbatim() {
        let mut request = Request::new(Protocol::Ykc, Question::Heartbeat, PILE, UNIX);
        let mut echoed = request.next_frame().to_vec();
        let judge = |bytes: &[u8]| request.judge(&found(bytes), Against::Echo);
        assert_eq!(judge(&echoed), Verdict::Answer);
        let crc_at = echoed.len() - 2;
        echoed[crc_at..].reverse();
        assert_eq!(judge(&echoed), Verdict::Mismatch);
    }
}
