//! A small platform: the session of the protocol, and as much business as an exam asks for.

use std::collections::BTreeMap;
use std::sync::Arc;

use voltapile_certify::ConnectionId;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{CivilTime, Code, Cp56Time, Yuan, YuanPerKwh};
use voltapile_protocol::ykc::code::{ConfirmResult, Outcome, StartMethod, StartRefusal, VerifyResult};
use voltapile_protocol::ykc::field::{PileCode, TariffId, TariffSlots, TransactionNumber};
use voltapile_protocol::ykc::message::{
    ClockSyncRequest, HeartbeatResponse, LoginRequest, Message, StartRequest, StartResponse, TariffResponse,
    TariffVerifyResponse, TransactionRecordConfirm,
};
use voltapile_protocol::ykc::session::platform::{Connection, DeadlineEvent, Event, ReplyTo, Session, Settings};

use super::fault::{self, Fault};
use crate::world::{self, Said};

pub(crate) const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0x01, 0x19, 0x51, 0x01]);
pub(crate) const SECOND: PileCode = PileCode([0x32, 0x01, 0x06, 0x01, 0x19, 0x51, 0x02]);
pub(crate) const CARD: [u8; 8] = [0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78];
const TARIFF: TariffId = TariffId([0x00, 0x07]);

pub(crate) struct Platform {
    fault: Fault,
    settings: Arc<Settings>,
    lines: BTreeMap<ConnectionId, Connection>,
    books: Books,
}

/// What connections share.
struct Books {
    fault: Fault,
    owners: BTreeMap<[u8; 7], ConnectionId>,
    records: Vec<TransactionNumber>,
}

/// What a frame leads to besides its answer.
#[derive(Default)]
struct Turn {
    closes: bool,
    replaced: Option<ConnectionId>,
}

impl Platform {
    pub(crate) fn new(fault: Fault) -> Self {
        let mut settings = Settings::default();
        if fault == Fault::ImpatientWithSilence {
            settings.close_after = std::time::Duration::from_secs(15);
        }
        let books = Books { fault, owners: BTreeMap::new(), records: Vec::new() };
        Self { fault, settings: Arc::new(settings), lines: BTreeMap::new(), books }
    }

    /// The platform ends a connection.
    fn end(&mut self, line: ConnectionId) -> Vec<Said> {
        if !self.lines.contains_key(&line) {
            return Vec::new();
        }
        world::Platform::closed(self, line);
        vec![Said::Closed(line)]
    }
}

impl world::Platform for Platform {
    fn opened(&mut self, now: Tick, line: ConnectionId) -> Vec<Said> {
        self.lines.insert(line, Connection::new(Arc::clone(&self.settings), now));
        vec![Said::Opened(line)]
    }

    fn heard(&mut self, now: Tick, line: ConnectionId, bytes: &[u8]) -> Vec<Said> {
        let Some(connection) = self.lines.get_mut(&line) else { return Vec::new() };
        let bytes = fault::on_the_way_in(self.fault, bytes);
        let (mut out, mut turn) = (Vec::new(), Turn::default());
        let books = &mut self.books;
        let verdict = connection.handle_bytes(now, &bytes, &mut out, |session, event, _, out| {
            books.deal(now, line, session, event, out, &mut turn);
        });
        let skipped = connection.take_skipped().bytes > 0;
        let mut said = Vec::new();
        if !out.is_empty() {
            said.push(Said::Bytes(line, fault::on_the_way_out(self.fault, &out)));
        }
        if verdict.is_err() || turn.closes || (skipped && self.fault == Fault::ClosesOnGarbage) {
            said.extend(self.end(line));
        }
        said.extend(turn.replaced.into_iter().flat_map(|old| self.end(old)));
        said
    }

    fn closed(&mut self, line: ConnectionId) -> Vec<Said> {
        let gone = self.lines.remove(&line);
        if self.fault != Fault::OldEndDropsNew {
            self.books.owners.retain(|_, owner| *owner != line);
            return Vec::new();
        }
        // The pile goes offline with any of its connections, and what it says from then on is ignored.
        let piles: Vec<PileCode> =
            gone.into_iter().flat_map(|mut connection| connection.session().piles().collect::<Vec<_>>()).collect();
        for pile in piles {
            if let Some(newer) = self.books.owners.remove(&pile.0).and_then(|owner| self.lines.get_mut(&owner)) {
                newer.session().remove(pile);
            }
        }
        Vec::new()
    }

    fn next_deadline(&self) -> Option<Tick> {
        self.lines.values().map(Connection::next_deadline).min()
    }

    fn handle_deadline(&mut self, now: Tick) -> Vec<Said> {
        let (mut said, mut ended) = (Vec::new(), Vec::new());
        for (line, connection) in &mut self.lines {
            let mut out = Vec::new();
            let (books, mut turn) = (&mut self.books, Turn::default());
            while let Some(event) = connection.handle_deadline(now, &mut out, |session, event, _, out| {
                books.deal(now, *line, session, event, out, &mut turn);
            }) {
                match event {
                    DeadlineEvent::Close(_) => {
                        ended.push(*line);
                        break;
                    }
                    DeadlineEvent::ClockSync(pile_code) => set_clock(now, connection.session(), pile_code, &mut out),
                    DeadlineEvent::PileSilent(_) | DeadlineEvent::RequestTimedOut { .. } => {}
                }
            }
            if !out.is_empty() {
                said.push(Said::Bytes(*line, fault::on_the_way_out(self.fault, &out)));
            }
        }
        said.extend(ended.into_iter().flat_map(|line| self.end(line)));
        said
    }
}

fn set_clock(now: Tick, session: &mut Session, pile_code: PileCode, out: &mut Vec<u8>) {
    let time = CivilTime { year: 2026, month: 11, day: 21, hour: 9, minute: 0, millisecond: 0 };
    let message = ClockSyncRequest { pile_code, current_time: Cp56Time::new(time), ..Default::default() };
    session.request(now, pile_code, &message.into(), std::time::Duration::from_secs(30), 0, out).unwrap();
}

impl Books {
    fn deal(
        &mut self,
        now: Tick,
        line: ConnectionId,
        session: &mut Session,
        event: Event<'_>,
        out: &mut Vec<u8>,
        turn: &mut Turn,
    ) {
        match event {
            Event::Login { reply_to, request, .. } => self.login(now, line, session, reply_to, &request, out, turn),
            Event::Record { reply_to, transaction: Some(number), logged_in, .. }
                if logged_in || self.fault != Fault::NoRecordsBeforeLogin =>
            {
                self.record(session, reply_to, number, out);
            }
            Event::Message { reply_to, message, .. } => self.message(session, reply_to, message, out, turn),
            _ => {}
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a test's platform")]
    fn login(
        &mut self,
        now: Tick,
        line: ConnectionId,
        session: &mut Session,
        reply_to: ReplyTo,
        request: &LoginRequest,
        out: &mut Vec<u8>,
        turn: &mut Turn,
    ) {
        let known = [PILE, SECOND].contains(&request.pile_code) || self.fault == Fault::TakesUnknownPiles;
        let owner = self.owners.get(&request.pile_code.0).copied().filter(|owner| *owner != line);
        let refuses_second = self.fault == Fault::RefusesSecondConnection && owner.is_some();
        if !known || refuses_second {
            session.refuse_login(reply_to, request, out);
            turn.closes = true;
            return;
        }
        session.accept_login(now, reply_to, request, out).unwrap();
        self.owners.insert(request.pile_code.0, line);
        if self.fault != Fault::OldEndDropsNew {
            turn.replaced = owner;
        }
    }

    fn record(&mut self, session: &mut Session, reply_to: ReplyTo, number: TransactionNumber, out: &mut Vec<u8>) {
        let again = self.records.contains(&number);
        if self.fault == Fault::NoConfirm || (again && self.fault == Fault::IgnoresDuplicates) {
            return;
        }
        self.records.push(number);
        let confirm_result = match self.fault {
            Fault::ConfirmsInAscii => ConfirmResult::from_number(0x30),
            Fault::DuplicatesAreIllegal if again => ConfirmResult::Illegal,
            _ => ConfirmResult::Uploaded,
        };
        let mut confirm = TransactionRecordConfirm { transaction_number: number, confirm_result, ..Default::default() };
        if self.fault == Fault::ConfirmsOtherNumber {
            confirm.transaction_number.0[0] ^= 0x10;
        }
        session.reply(reply_to, &confirm.into(), out).unwrap();
    }

    fn message(&self, session: &mut Session, reply_to: ReplyTo, message: Message, out: &mut Vec<u8>, turn: &mut Turn) {
        let answer: Message = match message {
            Message::TariffVerifyRequest(request) => {
                let same = request.tariff_id == TARIFF || self.fault == Fault::EveryTariffIsRight;
                let verify_result = if same { VerifyResult::Same } else { VerifyResult::Differs };
                let (pile_code, tariff_id) = (request.pile_code, request.tariff_id);
                TariffVerifyResponse { pile_code, tariff_id, verify_result, ..Default::default() }.into()
            }
            Message::TariffRequest(request) => tariff(request.pile_code).into(),
            Message::StartRequest(request) => self.start(&request).into(),
            Message::RealtimeReport(report) if self.fault == Fault::AnswersTelemetry => {
                HeartbeatResponse { pile_code: report.pile_code, ..Default::default() }.into()
            }
            Message::Unknown { .. } if self.fault == Fault::ClosesOnUnknownType => {
                turn.closes = true;
                return;
            }
            _ => return,
        };
        session.reply(reply_to, &answer, out).unwrap();
    }

    fn start(&self, request: &StartRequest) -> StartResponse {
        let known = request.account_or_physical_card_number.0 == CARD && request.start_method == StartMethod::Card;
        let (pile_code, connector_number) = (request.pile_code, request.connector_number);
        let named = StartResponse { pile_code, connector_number, ..Default::default() };
        if known || self.fault == Fault::TakesUnknownCards {
            let transaction_number = TransactionNumber([0x32; 16]);
            let account_balance = Yuan::from_raw(5000);
            return StartResponse { transaction_number, account_balance, auth_result: Outcome::Succeeded, ..named };
        }
        StartResponse { auth_result: Outcome::Failed, fail_reason: StartRefusal::AccountUnknown, ..named }
    }
}

fn tariff(pile_code: PileCode) -> TariffResponse {
    let price = YuanPerKwh::from_raw(120_000);
    TariffResponse {
        pile_code,
        tariff_id: TARIFF,
        sharp_energy_rate: price,
        peak_energy_rate: price,
        flat_energy_rate: price,
        valley_energy_rate: price,
        slots: TariffSlots([2; 48]),
        ..Default::default()
    }
}
