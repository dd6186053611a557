//! What the platform of a pile's exam says in AA F5, and what it makes of what comes back.

use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::code::{Plug, WorkState};
use voltapile_protocol::aaf5::field::{CardNumber, PileCode};
use voltapile_protocol::aaf5::frame::{Envelope, USUAL_INFO, write_frame, write_message};
use voltapile_protocol::aaf5::message::Message;
use voltapile_protocol::aaf5::{Dialect, Frame};
use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Writer;

use super::answers::answer;
use super::request::{Clerk, Request, UNKNOWN};
use super::{PileExamOptions, rules, script};
use crate::aaf5::rule;
use crate::aaf5::view::View;
use crate::check::Finding;
use crate::exam::exchange::Mark;
use crate::exam::pile::Told;
use crate::exam::pile::host::{Asking, Host, Tongue, Way};
use crate::exam::pile::script::Step;
use crate::exam::{ConnectionId, Effect};
use crate::trace::Trace;

/// The number before that of the first request.
const SEQUENCE: u8 = 0x40;
/// Reserved fields of the request that looks whether they are echoed.
const RESERVED: [u8; 4] = [0x21, 0x43, 0x65, 0x87];
/// What a longer request has behind its end.
const TAIL: [u8; 7] = [0x5A; 7];
/// What a modem writes.
const GARBAGE: &[u8] = b"OK\r\n";
/// A begin with a length beyond all bounds.
const ABSURD: &[u8] = &[0xAA, 0xF5, 0xFF, 0xFF, 0x10, 0, 1, 0];
/// The connector at which the exam charges.
const CONNECTOR: u8 = 1;

/// A platform that speaks AA F5.
#[derive(Debug)]
pub struct Aaf5 {
    clerk: Option<Clerk>,
    card: Option<CardNumber>,
    sequence: u8,
    /// The pile's information byte.
    info: u8,
}

impl Tongue for Aaf5 {
    const PROTOCOL: Protocol = Protocol::Aaf5;
    const STEPS: &'static [Step<Request>] = script::STEPS;
    const FAREWELL: &'static [Step<Request>] = script::FAREWELL;
    const STOP: Request = Request::Stop;
    const BROKEN_OFF: (&'static str, &'static str) =
        ("充电、预约、白名单、参数、时钟", "charge, reservation, white list, parameter, clock");
    type Pile = PileCode;
    type Card = CardNumber;
    type Request = Request;

    fn new(options: &PileExamOptions) -> Self {
        let clerk = options.pile.map(|pile| Clerk::new(pile, options.card));
        Self { clerk, card: options.card, sequence: SEQUENCE, info: USUAL_INFO }
    }

    fn pile(&self) -> Option<PileCode> {
        self.clerk.as_ref().map(|clerk| clerk.pile)
    }

    fn name(pile: PileCode) -> String {
        pile.text()
    }

    fn undone_by(request: Request) -> Option<Request> {
        request.undone_by()
    }

    fn asking(&mut self, request: Request, unix_ms: u64) -> Option<Asking> {
        let message = self.clerk.as_mut().filter(|clerk| clerk.can_ask(request))?.message(request, unix_ms);
        let (command, mut body) = match &message {
            Some(message) => (message.frame_type(), body_of(message)),
            None => (UNKNOWN, vec![0; 8]),
        };
        match request {
            Request::Longer => body.extend(TAIL),
            Request::Reserved => body.iter_mut().zip(RESERVED).for_each(|(byte, reserved)| *byte = reserved),
            _ => {}
        }
        let count = if request == Request::Glued { 2 } else { 1 };
        let mut frames = (0..count).map(|_| self.frame(command, &body)).collect::<Option<Vec<_>>>()?;
        if request == Request::BadChecksum {
            frames.iter_mut().filter_map(|frame| frame.last_mut()).for_each(|byte| *byte ^= 0xA5);
        }
        let is_awaited = !matches!(request, Request::Unknown | Request::BadChecksum | Request::StatusNow);
        let way = match request {
            Request::Split => Way::Halves,
            Request::Garbage => Way::Behind(GARBAGE),
            Request::Absurd => Way::Behind(ABSURD),
            _ => Way::Whole,
        };
        let awaited = if is_awaited { vec![command; count] } else { Vec::new() };
        Some(Asking { frames, awaited, rule: request.rule(), way })
    }

    fn hear(&mut self, host: &mut Host<Self>, connection: ConnectionId, raw: &[u8]) {
        let Ok(frame) = Frame::parse(raw) else { return };
        let Ok(message) = Message::decode(frame.command, frame.body, Dialect::Standard) else { return };
        if !self.is_examined(host, connection, &message) {
            return;
        }
        let Some(clerk) = &mut self.clerk else { return };
        if let Message::IntegerParameterResponse(said) = &message {
            clerk.learn(said, &host.owed);
        }
        host.facts.note(message.layout().and_then(|layout| layout.reply_to), told(&message));
        self.info = frame.info & 0x7F;
        let unix_ms = host.unix_ms();
        let Some(reply) = answer(&message, host.manners, clerk, unix_ms) else { return };
        if let Message::SignInResponse(_) = reply {
            host.let_in(connection);
        }
        // Whoever is let in charges soon, before 104 shows it.
        let lets_in = matches!(reply, Message::AccountQueryResponse(_) | Message::VinStartResponse(_));
        if lets_in && host.manners.allows_cards {
            host.owe(Request::Stop);
        }
        let mut bytes = Vec::new();
        if write_message(&mut bytes, Envelope { info: self.info, sequence: frame.sequence }, &reply).is_ok() {
            host.exchange.send(connection, bytes, None);
        }
    }

    fn judge(trace: &Trace, pile: PileCode, until: Tick, marks: &[Mark]) -> Vec<Finding> {
        rule::judge(rules::all(), &View::new(trace, pile, until, Some(marks), false))
    }
}

impl Aaf5 {
    /// A request's frame with the next number.
    fn frame(&mut self, command: u16, body: &[u8]) -> Option<Vec<u8>> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut frame = Vec::new();
        let envelope = Envelope { info: self.info, sequence: self.sequence };
        write_frame(&mut frame, envelope, command, |writer| writer.put(body)).ok()?;
        Some(frame)
    }

    /// Whether a message is the examined pile's. Another one that signs in is sent away.
    fn is_examined(&mut self, host: &mut Host<Self>, connection: ConnectionId, message: &Message) -> bool {
        let Message::SignInRequest(request) = message else { return host.current == Some(connection) };
        let clerk = self.clerk.get_or_insert_with(|| Clerk::new(request.pile_code, self.card));
        if clerk.pile.says(&request.pile_code) {
            clerk.connectors = request.connector_count;
            return true;
        }
        let (other, own) = (request.pile_code.text(), clerk.pile.text());
        host.exchange.effects.push(Effect::Tell(Bilingual::new(
            format!("另一台桩 {other} 要签到，已断开：一次只检测一台（{own}）"),
            format!("another pile, {other}, was sent away: one is examined at a time ({own})"),
        )));
        host.close(connection);
        false
    }
}

fn body_of(message: &Message) -> Vec<u8> {
    let mut body = Vec::new();
    message.write(&mut Writer::new(&mut body));
    body
}

/// What a message tells the exam.
fn told(message: &Message) -> Option<Told> {
    Some(match message {
        Message::SignInRequest(_) => Told::Login,
        Message::HeartbeatRequest(_) => Told::Heartbeat,
        Message::AccountQueryRequest(_) | Message::VinStartRequest(_) => Told::Asked,
        Message::ChargeRecord(_) | Message::FineChargeRecord(_) => Told::Record,
        Message::BmsReport(_) => Told::Bms,
        Message::StatusReport(status) if status.connector_number.number() == CONNECTOR => {
            Told::Report { plugged: status.plug == Plug::Connected, charging: status.work_state == WorkState::Charging }
        }
        _ => return None,
    })
}
