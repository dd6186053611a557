//! Where the events of one connection are dealt with.

use std::sync::Arc;
use std::time::Duration;

use voltapile_platform::enrolment::{LoginDecision, RefusalReason};
use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::code::ParkingLock;
use voltapile_protocol::aaf5::field;
use voltapile_protocol::aaf5::frame::{Frame, MIN_LENGTH};
use voltapile_protocol::aaf5::message::{self, Dialect, HeartbeatRequest, SignInRequest};
use voltapile_protocol::aaf5::profile::Profile;
use voltapile_protocol::aaf5::session::platform::{DeadlineEvent, Event, ReplyTo, Session, SignInAnswer, SignInError};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Quantity;

use super::errand::Errands;
use super::record::Confirm;
use super::start::Asked;
use super::uplink::Said;
use super::{downlink, translate};
use crate::core::{Knock, PileLive};
use crate::gateway::desk::{self, NO_COMMAND};
use crate::gateway::dialogue::Tongue;
use crate::gateway::link::Letter;
use crate::gateway::protocol::Flow;

/// Time that a pile has to answer 3.
const CLOCK_SYNC_WITHIN: Duration = Duration::from_secs(30);
/// Index of the clock among the text parameters.
pub(super) const CLOCK: u32 = 2;

/// AA F5, as the adapter's desk speaks it.
pub(in crate::gateway) struct Aaf5;

impl Tongue for Aaf5 {
    const PROTOCOL: Protocol = Protocol::Aaf5;
    const BAD_CHECK: &'static str = "bad_checksum";
    type Session = Session;
    /// A connection has one pile.
    type Code = ();
    type Start = Asked;
    type Record = Confirm;
    type Own = Own;

    fn hear(
        desk: &mut Desk,
        now: Tick,
        session: &mut Session,
        event: Event<'_>,
        frame: Option<&Frame<'_>>,
        out: &mut Vec<u8>,
    ) {
        desk.handle(now, session, event, frame, out);
    }

    fn read(desk: &mut Desk, now: Tick, session: &mut Session, letter: Letter, out: &mut Vec<u8>) -> Flow {
        match letter {
            Letter::Command(command) => desk.command(now, session, &command, out),
            Letter::StartDecided { token, decision } => desk.start_decided(session, token, decision.as_deref(), out),
            Letter::WorkForbidden => desk.forbid_work(now, session, out),
            Letter::Lose(pile, joined) => return desk.lose(pile, joined).map_or(Flow::Continue, |((), flow)| flow),
            Letter::Kept { token, kept } => desk.record_kept(now, session, token, kept, out),
        }
        Flow::Continue
    }

    fn due(desk: &mut Desk, now: Tick, session: &mut Session, due: DeadlineEvent, out: &mut Vec<u8>) -> Flow {
        match due {
            DeadlineEvent::PileSilent(_) => desk.silent(()),
            DeadlineEvent::ClockSync(_) => desk.sync_clock(now, session, out),
            DeadlineEvent::RequestTimedOut { token, .. } => desk.unanswered(now, session, token, out),
            DeadlineEvent::Close(reason) => return Flow::Close(reason.name()),
        }
        Flow::Continue
    }

    fn next_deadline(own: &Own) -> Option<Tick> {
        own.errands.next_deadline()
    }

    fn desk_due(desk: &mut Desk, now: Tick) {
        desk.errands_due(now);
    }

    fn sees_written(desk: &Desk, out: &[u8]) {
        desk.sees_written(out);
    }
}

/// What only this protocol's connections remember: what the pile said of itself, and what it was asked.
#[derive(Default)]
pub(in crate::gateway) struct Own {
    pub(super) wire_code: field::PileCode,
    pub(super) connectors: u8,
    /// Version of the protocol times ten, 0 where the pile does not tell.
    pub(super) version: u16,
    pub(super) white_list_version: u32,
    /// Whether the pile is not to work: each answer to a sign-in says it again.
    pub(super) suspended: bool,
    pub(super) errands: Errands,
    /// The charges that vehicles were allowed to start, by connector: 210 does not name them.
    pub(super) vin_starts: Vec<(ConnectorNumber, TransactionNumber)>,
    /// The start that each connector last reported as failed: 104 repeats that, too.
    pub(super) failed_starts: Vec<(ConnectorNumber, TransactionNumber)>,
    /// How the parking locks stood when they were last heard of: 104 repeats it every few seconds.
    pub(super) locks: Vec<(ConnectorNumber, ParkingLock)>,
}

/// Connectors whose state is remembered; a pile that invents more gains nothing.
const CONNECTORS_MAX: usize = 32;

impl Own {
    /// Whether a parking lock stands otherwise than before.
    pub(super) fn lock_moved(&mut self, connector: ConnectorNumber, position: ParkingLock) -> bool {
        is_news(&mut self.locks, connector, position)
    }

    /// Whether a start is reported as failed for the first time.
    pub(super) fn start_failed(&mut self, connector: ConnectorNumber, number: TransactionNumber) -> bool {
        is_news(&mut self.failed_starts, connector, number)
    }
}

/// Whether what a connector says differs from what it said last.
fn is_news<T: PartialEq>(known: &mut Vec<(ConnectorNumber, T)>, connector: ConnectorNumber, said: T) -> bool {
    if let Some((_, known)) = known.iter_mut().find(|(at, _)| *at == connector) {
        let is_news = *known != said;
        *known = said;
        return is_news;
    }
    let has_room = known.len() < CONNECTORS_MAX;
    if has_room {
        known.push((connector, said));
    }
    has_room
}

/// Everything of a connection that is not protocol.
pub(in crate::gateway) type Desk = desk::Desk<Aaf5>;

impl Desk {
    /// Deals with one event. `frame` is there for all but [`Event::Relative`].
    pub(super) fn handle(
        &mut self,
        now: Tick,
        session: &mut Session,
        event: Event<'_>,
        frame: Option<&Frame<'_>>,
        out: &mut Vec<u8>,
    ) {
        if let Some(frame) = frame {
            self.count_up(frame.command);
        }
        self.deal(now, session, event, frame, out);
        if let Some(frame) = frame {
            // After a sign-in its pile may be watched too.
            self.show(frame.raw, false, |_| None);
        }
    }

    fn deal(
        &mut self,
        now: Tick,
        session: &mut Session,
        event: Event<'_>,
        frame: Option<&Frame<'_>>,
        out: &mut Vec<u8>,
    ) {
        match event {
            Event::Heartbeat(heartbeat) => self.heartbeat(now, &heartbeat),
            // Whoever is refused is refused once, however many sign-ins stand in one packet.
            Event::SignIn { .. } if self.is_ending() => self.reject("after_refusal"),
            Event::SignIn { reply_to, request, again } => self.sign_in(now, session, reply_to, &request, again, out),
            Event::Message { reply_to, message, answers, .. } => {
                self.heard(());
                let said = Said { reply_to, message: &message, answers, frame };
                self.message(now, session, &said, out);
            }
            event @ Event::Record { .. } => self.record(now, event),
            Event::BeforeSignIn { command, .. } => {
                tracing::debug!(peer = %self.peer, command, "a frame before the sign-in");
                self.reject("before_login");
            }
            Event::Unreadable(error) => {
                tracing::debug!(peer = %self.peer, %error, "a frame with an unreadable body");
                self.reject("unreadable");
                self.keep_frame(now, frame);
            }
            Event::Encrypted { command } => {
                tracing::debug!(peer = %self.peer, command, "an encrypted frame without a key for it");
                self.reject("encrypted");
                self.keep_frame(now, frame);
            }
            Event::WrongDirection { command } => {
                tracing::debug!(peer = %self.peer, command, "a pile sent what only platforms send");
                self.reject("wrong_direction");
            }
            Event::Relative(relative) => {
                self.gateway.core.metrics.logins.count("relative");
                tracing::warn!(
                    peer = %self.peer, relative = relative.name(),
                    "refused a pile that speaks a relative of AA F5: it begins like it, and differs in head or check sum"
                );
            }
        }
    }

    fn heartbeat(&mut self, now: Tick, _heartbeat: &HeartbeatRequest) {
        self.heard(());
        if let Some(pile) = self.live(()) {
            pile.heard_from(now);
        }
    }

    fn sign_in(
        &mut self,
        now: Tick,
        session: &mut Session,
        reply_to: ReplyTo,
        request: &SignInRequest,
        again: bool,
        out: &mut Vec<u8>,
    ) {
        if again {
            // Answered again, nothing else: running charges and the session go on.
            self.heard(());
            let live = self.live(()).cloned();
            let answer = self.answer(live.as_deref());
            let _ = session.accept_sign_in(now, reply_to, request, answer, out);
            return self.note(request);
        }
        let Some(code) = translate::pile_code(&request.pile_code) else {
            tracing::warn!(peer = %self.peer, code = ?request.pile_code, "refused a sign-in: this is no pile's code");
            self.reject("bad_pile_code");
            return self.give_up("login_refused");
        };
        let connector_count = request.connector_count.max(1);
        let declared = translate::declared(request);
        let knock = Knock { code, connector_count, peer: self.peer, declared };
        if self.name().is_some() {
            tracing::warn!(pile = %code, peer = %self.peer, error = %SignInError::OtherPile, "refused a sign-in");
            self.reject("other_pile");
            return self.give_up("other_pile");
        }
        let core = Arc::clone(&self.gateway.core);
        let (decision, live) = core.knock(&self.link(), &knock);
        let (LoginDecision::Accept | LoginDecision::Enrol, Some(live)) = (decision, live) else {
            // 105 has no word for a refusal: the end of the connection is the answer.
            let reason = match decision {
                LoginDecision::Refuse(RefusalReason::Disabled) => "the pile is switched off",
                _ => "the pile is not registered; approve it through the API",
            };
            return self.turn_away(code, reason);
        };
        session.set_profile(profile_of(&live));
        if let Err(error) = session.accept_sign_in(now, reply_to, request, self.answer(Some(&live)), out) {
            tracing::warn!(pile = %code, peer = %self.peer, %error, "refused a sign-in");
            self.reject("bad_sign_in");
            return self.give_up("login_refused");
        }
        self.own.wire_code = session.pile().unwrap_or_default();
        self.note(request);
        self.join((), live, knock.declared);
        self.begin_errands(now, session, request, out);
    }

    /// What a pile that may sign in is told.
    fn answer(&self, pile: Option<&PileLive>) -> SignInAnswer {
        SignInAnswer {
            platform_time: translate::pile_time(&self.gateway.core.clock),
            suspended: self.own.suspended,
            key: pile.and_then(|pile| self.gateway.aes_keys.of(pile.code)),
        }
    }

    /// Remembers what a pile says of itself.
    fn note(&mut self, request: &SignInRequest) {
        let own = &mut self.own;
        own.connectors = request.connector_count.max(1);
        own.version = request.protocol_version.map_or(0, |version| u16::try_from(version.raw()).unwrap_or(0));
        own.white_list_version = request.white_list_version.unwrap_or_default();
    }

    /// Keeps a frame that could not be processed, where it is clear whose it is.
    fn keep_frame(&self, now: Tick, frame: Option<&Frame<'_>>) {
        if let Some(pile) = self.live(()) {
            pile.heard_from(now);
            self.keep(pile, frame);
        }
    }

    /// Keeps a frame as the latest of its kind.
    pub(super) fn keep(&self, pile: &PileLive, frame: Option<&Frame<'_>>) {
        if let Some(frame) = frame {
            let layout = message::layout(frame.command, frame.body.len(), Dialect::default());
            let connector = layout.and_then(|layout| field::connector_in(layout, frame.body)).unwrap_or(0);
            self.keep_latest(pile, frame.command, ConnectorNumber(connector), frame.raw);
        }
    }

    /// Sets the pile's clock.
    pub(super) fn sync_clock(&self, now: Tick, session: &mut Session, out: &mut Vec<u8>) {
        let time = translate::pile_time(&self.gateway.core.clock);
        let message = downlink::set_text(CLOCK, time.0.to_vec()).into();
        // A body of 19 bytes always fits.
        let _ = session.request(now, &message, CLOCK_SYNC_WITHIN, NO_COMMAND, out);
    }

    /// Counts the frames about to be written and shows them to those who watch.
    pub(super) fn sees_written(&self, out: &[u8]) {
        let mut rest = out;
        while let [_, _, low, high, _, _, command_low, command_high, ..] = rest {
            let total = usize::from(u16::from_le_bytes([*low, *high])).max(MIN_LENGTH);
            let command = u16::from_le_bytes([*command_low, *command_high]);
            let Some((frame, next)) = rest.split_at_checked(total) else { break };
            self.sees_frame_written(command, frame, |_| None);
            rest = next;
        }
    }
}

fn profile_of(pile: &PileLive) -> &'static Profile {
    let state = pile.state();
    Profile::of(state.profile.as_deref(), state.model.as_deref())
}
