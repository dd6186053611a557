//! What the platform of a pile's exam says in YKC, and what it makes of what comes back.

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Writer;
use voltapile_protocol::ykc::Frame;
use voltapile_protocol::ykc::code::{ConnectorState, LoginResult, Outcome, Plugged, VerifyResult};
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};
use voltapile_protocol::ykc::frame::{Envelope, write_frame, write_message};
use voltapile_protocol::ykc::message::{LoginRequest, LoginResponse, Message, TariffSetRequest};

use super::manners::{Given, answers};
use super::request::{Clerk, Request, UNKNOWN_TYPE};
use super::view::{View, understand};
use super::{PileExamOptions, rules, steps};
use crate::check::Finding;
use crate::exam::exchange::Mark;
use crate::exam::pile::Told;
use crate::exam::pile::host::{Asking, Host, Tongue, Way};
use crate::exam::pile::script::{Manners, Step};
use crate::exam::{ConnectionId, Effect};
use crate::trace::{Happening, Trace};

/// The first number of the platform's requests: its bytes differ, so that an answer with swapped ones shows.
const FIRST_SEQUENCE: u16 = 0x1A01;
/// The connector at which the exam charges.
const CONNECTOR: u8 = 1;

/// A platform that speaks YKC.
#[derive(Debug)]
pub struct Ykc {
    clerk: Option<Clerk>,
    card: Option<PhysicalCardNumber>,
    given: Given,
    sequence: u16,
}

impl Tongue for Ykc {
    const PROTOCOL: Protocol = Protocol::Ykc;
    const STEPS: &'static [Step<Request>] = steps::STEPS;
    const FAREWELL: &'static [Step<Request>] = steps::FAREWELL;
    const STOP: Request = Request::Stop;
    const BROKEN_OFF: (&'static str, &'static str) = ("时钟、锁定、充电、离线卡", "clock, lock, charge, offline card");
    type Pile = PileCode;
    type Card = PhysicalCardNumber;
    type Request = Request;

    fn new(options: &PileExamOptions) -> Self {
        let clerk = options.pile.map(|pile| Clerk::new(pile, options.card));
        Self { clerk, card: options.card, given: Given::default(), sequence: FIRST_SEQUENCE }
    }

    fn pile(&self) -> Option<PileCode> {
        self.clerk.as_ref().map(|clerk| clerk.pile)
    }

    fn name(pile: PileCode) -> String {
        pile.to_string()
    }

    fn undone_by(request: Request) -> Option<Request> {
        request.undone_by()
    }

    fn asking(&mut self, request: Request, unix_ms: u64) -> Option<Asking> {
        let clerk = self.clerk.as_mut()?;
        let pile = clerk.pile;
        let message = clerk.message(request, unix_ms);
        let also = (request == Request::Glued).then(|| clerk.clock_sync(unix_ms));
        let (mut frames, mut awaited) = (Vec::new(), Vec::new());
        for message in [message, also].into_iter().flatten() {
            frames.push(self.frame(|out, envelope| write_message(out, envelope, &message).is_ok())?);
            awaited.push(u16::from(message.frame_type()));
        }
        match request {
            Request::Unknown => frames.push(self.frame(|out, envelope| {
                write_frame(out, envelope, UNKNOWN_TYPE, |writer| writer.put(&pile.0)).is_ok()
            })?),
            Request::BadCrc => {
                frames.iter_mut().flat_map(|frame| frame.iter_mut().rev().take(2)).for_each(|byte| *byte ^= 0xA5)
            }
            _ => {}
        }
        if matches!(request, Request::BadCrc | Request::OtherPile) {
            awaited.clear();
        }
        let way = if request == Request::Split { Way::Halves } else { Way::Whole };
        Some(Asking { frames, awaited, rule: request.rule(), way })
    }

    fn hear(&mut self, host: &mut Host<Self>, connection: ConnectionId, raw: &[u8]) {
        let Ok(frame) = Frame::parse(raw) else { return };
        let Some(message) = understand(&frame) else { return };
        match &message {
            Message::LoginRequest(login) if !self.admit(host, connection, frame.sequence, login) => return,
            Message::LoginRequest(_) => {}
            _ if !host.exchange.is_logged_in(connection) => return,
            _ => {}
        }
        let unix_ms = host.unix_ms();
        let Some(clerk) = &mut self.clerk else { return };
        let is_own = pile_in(&message).is_none_or(|pile| pile == clerk.pile);
        if !is_own {
            // Another pile of a concentrator: served, so that it does not disturb.
            let replies = answers(&message, Manners::GOOD, &mut Given::default(), clerk, unix_ms);
            return replies.iter().for_each(|reply| send(host, connection, frame.sequence, reply));
        }
        let replies = answers(&message, host.manners, &mut self.given, clerk, unix_ms);
        host.facts.note(message.layout().and_then(|layout| layout.reply_to), told(&message));
        self.take_tariff_answer(host, &message);
        for reply in replies {
            follow(host, connection, &reply);
            send(host, connection, frame.sequence, &reply);
        }
    }

    fn judge(trace: &Trace, pile: PileCode, until: Tick, marks: &[Mark]) -> Vec<Finding> {
        rules::judge(&View::new(trace, pile, until, Some(marks)))
    }
}

impl Ykc {
    /// A frame with the next number.
    fn frame(&mut self, write: impl FnOnce(&mut Vec<u8>, Envelope) -> bool) -> Option<Vec<u8>> {
        let envelope = Envelope { sequence: self.sequence.to_le_bytes(), ..Envelope::default() };
        self.sequence = self.sequence.wrapping_add(1);
        let mut out = Vec::new();
        write(&mut out, envelope).then_some(out)
    }

    /// Whether a login is of the pile under examination or beside it on its connection. Anybody else is sent away.
    fn admit(
        &mut self,
        host: &mut Host<Self>,
        connection: ConnectionId,
        sequence: [u8; 2],
        login: &LoginRequest,
    ) -> bool {
        let pile = login.pile_code;
        let clerk = self.clerk.get_or_insert_with(|| Clerk::new(pile, self.card));
        if clerk.pile == pile {
            clerk.connectors = login.connector_count;
            return true;
        }
        if host.current == Some(connection) {
            return true;
        }
        let examined = clerk.pile;
        host.exchange.effects.push(Effect::Tell(Bilingual::new(
            format!("另一台桩 {pile} 要登录，已拒绝：一次只检测一台（{examined}）"),
            format!("another pile, {pile}, was sent away: one is examined at a time ({examined})"),
        )));
        let login_result = LoginResult::Refused;
        let refusal = LoginResponse { pile_code: pile, login_result, ..Default::default() };
        send(host, connection, sequence, &refusal.into());
        host.close(connection);
        false
    }

    /// A tariff that was set and taken is the one that the pile has from now on.
    fn take_tariff_answer(&mut self, host: &Host<Self>, message: &Message) {
        let Message::TariffSetResponse(answer) = message else { return };
        let set = host.exchange.recorder.trace().entries().iter().rev().find_map(|entry| match &entry.happening {
            Happening::Frame(Direction::Down, raw) => {
                let frame = Frame::parse(raw).ok().filter(|frame| frame.frame_type == TariffSetRequest::CODE)?;
                TariffSetRequest::decode(frame.body).ok()
            }
            _ => None,
        });
        if let Some(set) = set.filter(|_| answer.set_result == Outcome::Succeeded) {
            self.given.number = Some(set.tariff_id);
        }
    }
}

/// What a message tells the exam.
fn told(message: &Message) -> Option<Told> {
    Some(match message {
        Message::LoginRequest(_) => Told::Login,
        Message::HeartbeatRequest(_) => Told::Heartbeat,
        Message::StartRequest(_) => Told::Asked,
        Message::TransactionRecord(_) => Told::Record,
        Message::RealtimeReport(report) if report.connector_number.number() == CONNECTOR => Told::Report {
            plugged: report.plugged == Plugged::Yes,
            charging: report.connector_state == ConnectorState::Charging,
        },
        _ => return None,
    })
}

/// What an answer of ours changes.
fn follow(host: &mut Host<Ykc>, connection: ConnectionId, reply: &Message) {
    match reply {
        Message::LoginResponse(answer) if answer.login_result == LoginResult::Accepted => host.let_in(connection),
        Message::LoginResponse(_) => host.refuse(connection),
        Message::TariffResponse(_) => host.facts.settle_tariff(),
        Message::TariffVerifyResponse(answer) if answer.verify_result == VerifyResult::Same => {
            host.facts.settle_tariff();
        }
        _ => {}
    }
}

fn send(host: &mut Host<Ykc>, connection: ConnectionId, sequence: [u8; 2], message: &Message) {
    let mut bytes = Vec::new();
    // The exam's own messages fit into a frame.
    if write_message(&mut bytes, Envelope { sequence, ..Envelope::default() }, message).is_ok() {
        host.exchange.send(connection, bytes, None);
    }
}

/// The pile that a message names.
fn pile_in(message: &Message) -> Option<PileCode> {
    let mut body = Vec::new();
    message.write(&mut Writer::new(&mut body));
    let (_, bytes) = message.layout()?.find(&body, |field| field.name == "pile_code")?;
    bytes.first_chunk().copied().map(PileCode)
}
