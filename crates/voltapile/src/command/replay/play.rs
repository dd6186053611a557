//! The comparison of one conversation then and now. Knows no socket and no clock: it is told what is sent and what
//! arrives.

use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::message::TextParameterRequest;
use voltapile_protocol::inspect::explain::Field;
use voltapile_protocol::inspect::scan::{Piece, scan};
use voltapile_protocol::inspect::{Options, Report};
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::Kind;

use super::difference::{Changed, Difference, Summary, What};
use super::script::field;
use super::translation::{Translation, meant, sequence};

/// A frame of the pile that was sent.
#[derive(Debug)]
struct Sent {
    frame_type: u16,
    connector: Option<Vec<u8>>,
    transaction: Option<Vec<u8>>,
    record: Option<Vec<u8>>,
    sequence: Vec<u8>,
    raw: Vec<u8>,
}

/// A frame that the platform said then and has not said yet now.
#[derive(Debug)]
struct Expected {
    at: u64,
    report: Report,
    /// The frame it answers, as it was sent now: its sequence number and bytes.
    asked: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether it was waited for long enough.
    overdue: bool,
}

/// One conversation while it is played.
#[derive(Debug)]
pub(super) struct Play {
    connection: usize,
    protocol: Protocol,
    options: Options,
    translation: Translation,
    sent: Vec<Sent>,
    expected: Vec<Expected>,
    /// What arrived and was not expected yet.
    early: Vec<Report>,
    differences: Vec<Difference>,
    summary: Summary,
}

/// Frames of the pile that are remembered to say what an answer answers: far more than a pile has under way.
const REMEMBERED: usize = 64;

impl Play {
    pub(super) fn new(connection: usize, protocol: Protocol, piles: &[(String, String)], options: Options) -> Self {
        Self {
            connection,
            protocol,
            options,
            translation: Translation::new(protocol, piles),
            sent: Vec::new(),
            expected: Vec::new(),
            early: Vec::new(),
            differences: Vec::new(),
            summary: Summary { connections: 1, ..Summary::default() },
        }
    }

    /// The pile says something; gives back the bytes to send.
    pub(super) fn send(&mut self, report: &Report) -> Vec<u8> {
        let raw = self.translation.up(report);
        self.summary.sent += 1;
        let now = self.read(&raw);
        if let Some((now, header)) = now.as_ref().and_then(|now| Some((now, now.header?))) {
            if self.sent.len() == REMEMBERED {
                self.sent.remove(0);
            }
            self.sent.push(Sent {
                frame_type: header.frame_type,
                connector: field(now, "connector_number").map(<[u8]>::to_vec),
                transaction: field(now, "transaction_number").map(<[u8]>::to_vec),
                record: field(now, "record_index").map(<[u8]>::to_vec),
                sequence: sequence(now).unwrap_or_default().to_vec(),
                raw: raw.clone(),
            });
        }
        raw
    }

    /// The platform said this then, so it should now.
    pub(super) fn expect(&mut self, at: u64, report: Report) {
        let asked = self.asked_by(&report).map(|sent| (sent.sequence.clone(), sent.raw.clone()));
        let expected = Expected { at, report, asked, overdue: false };
        match self.early.iter().position(|now| self.matches(&expected.report, now)) {
            Some(index) => {
                let now = self.early.remove(index);
                self.judge(&expected, &now);
            }
            None => self.expected.push(expected),
        }
    }

    /// The platform says this now.
    pub(super) fn arrived(&mut self, raw: &[u8]) {
        let Some(mut now) = self.read(raw) else { return };
        now.direction = Some(Direction::Down);
        match self.expected.iter().position(|expected| self.matches(&expected.report, &now)) {
            Some(index) => {
                let expected = self.expected.remove(index);
                self.judge(&expected, &now);
            }
            None => self.early.push(now),
        }
    }

    /// Whether something that was said then may still be said.
    pub(super) fn waits(&self) -> bool {
        self.expected.iter().any(|expected| !expected.overdue)
    }

    /// What has not been said by now is not waited for any more; it counts all the same where it comes.
    pub(super) fn go_on(&mut self) {
        self.expected.iter_mut().for_each(|expected| expected.overdue = true);
    }

    /// The connection ended early: so many frames could not be sent.
    pub(super) fn closed(&mut self, at: u64, unsent: usize) {
        let asked = self.sent.last().map(|sent| sent.raw.clone());
        self.differ(at, What::Closed { unsent }, asked);
    }

    /// The conversation is over.
    pub(super) fn finish(mut self) -> (Vec<Difference>, Summary) {
        for expected in std::mem::take(&mut self.expected) {
            self.summary.missing += 1;
            let asked = expected.asked.map(|(_, raw)| raw);
            self.differ(expected.at, What::Missing { then: Box::new(expected.report) }, asked);
        }
        for now in std::mem::take(&mut self.early) {
            self.summary.unasked += 1;
            self.differ(u64::MAX, What::Unasked { now: Box::new(now) }, None);
        }
        (self.differences, self.summary)
    }

    fn differ(&mut self, at: u64, what: What, sent: Option<Vec<u8>>) {
        self.differences.push(Difference { connection: self.connection, at, what, sent });
    }

    fn read(&self, raw: &[u8]) -> Option<Report> {
        scan(raw, self.options).into_iter().find_map(|piece| match piece {
            Piece::Found(found) => Some(Report::new(&found, self.options)),
            Piece::Skipped { .. } => None,
        })
    }

    /// The frame of the pile that a frame of the platform answers: the last of the right type, connector and order.
    fn asked_by(&self, then: &Report) -> Option<&Sent> {
        let asked = then.layout?.reply_to?;
        let (connector, record) = (field(then, "connector_number"), field(then, "record_index"));
        let transaction = self.now(then, "transaction_number");
        let agree = |one: Option<&[u8]>, other: Option<&[u8]>| one.is_none() || other.is_none() || one == other;
        self.sent.iter().rev().find(|sent| {
            sent.frame_type == asked
                && agree(sent.connector.as_deref(), connector)
                && agree(sent.record.as_deref(), record)
                && agree(sent.transaction.as_deref(), transaction.as_deref())
        })
    }

    /// A field of a frame of then as it is called now.
    fn now(&self, then: &Report, name: &str) -> Option<Vec<u8>> {
        let raw = field(then, name)?;
        Some(self.translation.of(name, raw).unwrap_or_else(|| raw.to_vec()))
    }

    /// Whether a frame is the one of then: of the same type, for the same pile and connector, and about the same order
    /// where it answers a frame that names one.
    fn matches(&self, then: &Report, now: &Report) -> bool {
        let same_type = then.header.map(|header| header.frame_type) == now.header.map(|header| header.frame_type);
        let same = |name: &str| {
            let (then, now) = (self.now(then, name), field(now, name));
            then.as_deref().map(|raw| meant(self.protocol, raw)) == now.map(|raw| meant(self.protocol, raw))
        };
        let of_order = self.asked_by(then).is_some_and(|sent| sent.transaction.is_some());
        let names = ["pile_code", "connector_number", "record_index"];
        same_type && names.into_iter().all(same) && (!of_order || same("transaction_number"))
    }

    /// Compares a frame with the one of then.
    fn judge(&mut self, expected: &Expected, now: &Report) {
        self.translation.learn(&expected.report, now);
        let changed = self.changed(&expected.report, now);
        let sequences = expected
            .asked
            .as_ref()
            .and_then(|(sent, _)| Some((sent.clone(), sequence(now)?.to_vec())))
            .filter(|(sent, answered)| sent != answered);
        if changed.is_empty() && sequences.is_none() {
            self.summary.same += 1;
            return;
        }
        self.summary.different += 1;
        let what =
            What::Different { then: Box::new(expected.report.clone()), now: Box::new(now.clone()), changed, sequences };
        self.differ(expected.at, what, expected.asked.as_ref().map(|(_, raw)| raw.clone()));
    }

    /// Fields that differ, but for times and for what is called differently.
    fn changed(&self, then: &Report, now: &Report) -> Vec<Changed> {
        let mut changed = Vec::new();
        let sets_clock = sets_clock(then) && sets_clock(now);
        let compared = |field: &&Field| {
            let is_time = matches!(field.kind, Kind::Time | Kind::BcdTime) || (sets_clock && field.name == "value");
            !is_time && !matches!(field.kind, Kind::Reserved)
        };
        for old in then.fields.iter().filter(compared) {
            let new = now.fields.iter().find(|new| new.name == old.name);
            let wanted = self.translation.of(&old.name, &old.raw);
            let is_same = new.is_some_and(|new| match wanted {
                Some(wanted) => meant(self.protocol, &new.raw) == meant(self.protocol, &wanted),
                // What stands behind the zero of a text means nothing.
                None if matches!(old.kind, Kind::Text) => new.value == old.value,
                None => new.raw == old.raw && new.number == old.number,
            });
            if !is_same {
                changed.push(Changed::new(Some(old), new));
            }
        }
        let added = now.fields.iter().filter(compared).filter(|new| then.fields.iter().all(|old| old.name != new.name));
        changed.extend(added.map(|new| Changed::new(None, Some(new))));
        changed
    }
}

/// Whether a frame sets the clock of a pile that has it among its settings.
fn sets_clock(report: &Report) -> bool {
    const CLOCK: u64 = 2;
    let is_text = report.layout.is_some_and(|layout| layout.name == TextParameterRequest::LAYOUT.name);
    is_text && report.fields.iter().any(|field| field.name == "index" && field.number == CLOCK)
}

#[cfg(test)]
mod aaf5_tests;

#[cfg(test)]
mod tests {
    use voltapile_protocol::wire::Yuan;
    use voltapile_protocol::ykc::field::PileCode;
    use voltapile_protocol::ykc::frame::{Envelope, write_message};
    use voltapile_protocol::ykc::message::{
        HeartbeatRequest, HeartbeatResponse, Message, StartRequest, StartResponse, TransactionRecord,
        TransactionRecordConfirm,
    };

    use super::*;

    fn raw(sequence: u8, message: impl Into<Message>) -> Vec<u8> {
        let mut out = Vec::new();
        let envelope = Envelope { sequence: [sequence, 0], ..Envelope::default() };
        write_message(&mut out, envelope, &message.into()).unwrap();
        out
    }

    fn report(raw: &[u8]) -> Report {
        Play::new(1, Protocol::Ykc, &[], Options::default()).read(raw).unwrap()
    }

    fn pile(digits: &str) -> PileCode {
        digits.parse().unwrap()
    }

    fn answer(order: u8, balance: u32, to: PileCode) -> StartResponse {
        let mut answer = StartResponse { pile_code: to, ..StartResponse::default() };
        answer.transaction_number.0 = [order; 16];
        answer.account_balance = Yuan::from_raw(balance);
        answer
    }

    #[test]
    fn a_new_order_is_carried_into_what_the_pile_says_later() {
        let (old, new) = (pile("11"), pile("22"));
        let mut play = Play::new(1, Protocol::Ykc, &[("11".into(), "22".into())], Options::default());
        let start = play.send(&report(&raw(5, StartRequest { pile_code: old, ..StartRequest::default() })));
        assert_eq!(start, raw(5, StartRequest { pile_code: new, ..StartRequest::default() }));
        play.expect(1, report(&raw(5, answer(0x11, 700, old))));
        assert!(play.waits());
        play.arrived(&raw(5, answer(0x99, 700, new)));
        assert!(!play.waits());
        let mut record = TransactionRecord { pile_code: old, ..TransactionRecord::default() };
        record.transaction_number.0 = [0x11; 16];
        let sent = play.send(&report(&raw(6, record.clone())));
        record.transaction_number.0 = [0x99; 16];
        record.pile_code = new;
        assert_eq!(sent, raw(6, record));
        let mut confirm = TransactionRecordConfirm::default();
        confirm.transaction_number.0 = [0x99; 16];
        play.arrived(&raw(6, confirm.clone()));
        confirm.transaction_number.0 = [0x11; 16];
        play.expect(2, report(&raw(6, confirm)));
        let (differences, summary) = play.finish();
        assert!(differences.is_empty(), "{differences:?}");
        assert_eq!((summary.sent, summary.same), (2, 2));
    }

    #[test]
    fn other_answers_other_sequences_and_silence_are_told() {
        let code = pile("11");
        let mut play = Play::new(3, Protocol::Ykc, &[], Options::default());
        play.send(&report(&raw(5, StartRequest { pile_code: code, ..StartRequest::default() })));
        play.arrived(&raw(4, answer(1, 50, code)));
        play.expect(1, report(&raw(5, answer(1, 700, code))));
        play.send(&report(&raw(6, HeartbeatRequest { pile_code: code, ..HeartbeatRequest::default() })));
        play.expect(2, report(&raw(6, HeartbeatResponse { pile_code: code, ..HeartbeatResponse::default() })));
        play.arrived(&raw(9, answer(2, 0, code)));
        let (differences, summary) = play.finish();
        let counts = (summary.same, summary.different, summary.missing, summary.unasked);
        assert_eq!(counts, (0, 1, 1, 1));
        let What::Different { changed, sequences, .. } = &differences[0].what else { panic!("{differences:?}") };
        assert_eq!(
            (changed.len(), changed[0].name.as_str(), sequences.clone()),
            (1, "account_balance", Some((vec![5, 0], vec![4, 0])))
        );
        assert!(matches!(&differences[1].what, What::Missing { .. }));
        assert!(matches!(&differences[2].what, What::Unasked { .. }));
    }
}
