//! Where the events of one connection are dealt with.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use voltapile_platform::enrolment::{LoginDecision, RefusalReason};
use voltapile_platform::identity::{ConnectorNumber, PileCode};
use voltapile_protocol::Protocol;
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::Profile;
use voltapile_protocol::ykc::code::{ConfirmResult, ConnectorHealth};
use voltapile_protocol::ykc::field::{self, TransactionNumber};
use voltapile_protocol::ykc::frame::{CrcOrder, Frame};
use voltapile_protocol::ykc::message::{ClockSyncRequest, HeartbeatRequest, LoginRequest, TransactionRecordConfirm};
use voltapile_protocol::ykc::session::platform::{DeadlineEvent, Event, ReplyTo, Session};

use super::start::Asked;
use super::translate;
use super::uplink::Said;
use crate::core::{Knock, PileLive};
use crate::gateway::Gateway;
use crate::gateway::desk::{self, NO_COMMAND};
use crate::gateway::dialogue::Tongue;
use crate::gateway::link::{Kept, Letter};
use crate::gateway::protocol::Flow;
use crate::store::SessionId;

/// Time that a pile has to answer 0x56.
const CLOCK_SYNC_WITHIN: Duration = Duration::from_secs(30);

/// 云快充, as the adapter's desk speaks it.
pub(in crate::gateway) struct Ykc;

impl Tongue for Ykc {
    const PROTOCOL: Protocol = Protocol::Ykc;
    const BAD_CHECK: &'static str = "bad_crc";
    type Session = Session;
    type Code = field::PileCode;
    type Start = Asked;
    type Record = (ReplyTo, TransactionNumber);
    type Own = Own;

    fn begin(session: &mut Session, gateway: &Gateway) {
        session.set_cipher(gateway.ykc_keys.of_strangers());
    }

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
            // A pile remembers what 0x52 told it.
            Letter::WorkForbidden => {}
            Letter::Lose(pile, joined) => return desk.let_go(session, pile, joined),
            Letter::Kept { token, kept } => desk.acknowledge(session, token, kept, out),
        }
        Flow::Continue
    }

    fn due(desk: &mut Desk, now: Tick, session: &mut Session, due: DeadlineEvent, out: &mut Vec<u8>) -> Flow {
        match due {
            DeadlineEvent::PileSilent(pile) => desk.silent(pile),
            DeadlineEvent::ClockSync(pile) => desk.sync_clock(now, session, pile, out),
            DeadlineEvent::RequestTimedOut { pile, token } => desk.unanswered(pile, token),
            DeadlineEvent::Close(reason) => return Flow::Close(reason.name()),
        }
        Flow::Continue
    }

    fn sees_written(desk: &Desk, out: &[u8]) {
        desk.sees_written(out);
    }
}

/// What only this protocol's connections remember.
#[derive(Default)]
pub(in crate::gateway) struct Own {
    /// Whether an encrypted login has been tried with every key; once is enough for a stranger.
    keys_tried: bool,
}

/// Everything of a connection that is not protocol.
pub(in crate::gateway) type Desk = desk::Desk<Ykc>;

impl Desk {
    /// Deals with one event. `frame` is there for all but [`Event::Version2`].
    pub(super) fn handle(
        &mut self,
        now: Tick,
        session: &mut Session,
        event: Event<'_>,
        frame: Option<&Frame<'_>>,
        out: &mut Vec<u8>,
    ) {
        if let Some(frame) = frame {
            self.count(frame);
        }
        self.deal(now, session, event, frame, out);
        if let Some(frame) = frame {
            // After a login its pile may be watched too.
            self.show(frame.raw, false, |pile| pile_named(frame.raw, pile));
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
            Event::Heartbeat(heartbeat) => self.heartbeat(now, session.profile(), &heartbeat),
            // Whoever is refused is refused once, however many logins stand in one packet.
            Event::Login { .. } if self.is_ending() => self.reject("after_refusal"),
            Event::Login { reply_to, request, again } => self.login(now, session, reply_to, &request, again, out),
            Event::Message { reply_to, pile, message, answers } => {
                self.heard(pile);
                let said = Said { reply_to, pile, message: &message, answers, frame };
                self.message(now, session, &said, out);
            }
            Event::Record { reply_to, frame_type, pile, transaction, body, raw, .. } => {
                let core = &self.gateway.core;
                let pile = match pile {
                    Some(pile) => {
                        let known = self.live(pile).cloned();
                        known.or_else(|| core.registry.get(translate::pile_code(pile))).or_else(|| self.misnamed(pile))
                    }
                    None => self.members.first().map(|member| Arc::clone(&member.live)),
                };
                let Some(pile) = pile else { return self.reject("record_of_unknown_pile") };
                pile.heard_from(now);
                let record =
                    translate::record(&core.clock, session.profile(), pile.code, frame_type, transaction, &body, raw);
                // A record too short to name its transaction is answered with zeros.
                self.keep_record(record, (reply_to, transaction.unwrap_or_default()));
            }
            Event::BeforeLogin { frame_type, .. } => {
                tracing::debug!(peer = %self.peer, frame_type, "a frame before login");
                self.reject("before_login");
            }
            Event::Unreadable(error) => {
                tracing::debug!(peer = %self.peer, %error, "a frame with an unreadable body");
                self.reject("unreadable");
                self.keep_frame(now, frame);
            }
            Event::Encrypted { frame_type: LoginRequest::CODE, .. } if !self.own.keys_tried => {
                self.try_keys(now, session, frame, out);
            }
            Event::Encrypted { frame_type, flag } => {
                tracing::debug!(peer = %self.peer, frame_type, flag, "an encrypted frame without a key for it");
                self.reject("encrypted");
                self.keep_frame(now, frame);
            }
            Event::WrongDirection { frame_type } => {
                tracing::debug!(peer = %self.peer, frame_type, "a pile sent what only platforms send");
                self.reject("wrong_direction");
            }
            Event::Version2 => {
                self.gateway.core.metrics.logins.count("version_2");
                tracing::warn!(
                    peer = %self.peer,
                    "refused a pile that speaks YKC V2.x: set its protocol to V1.6 (frame header with one length byte)"
                );
            }
        }
    }

    /// The pile whose record names one that nobody knows: the connection's own, where it has a single one. The bill is
    /// kept, with the bytes that say otherwise.
    fn misnamed(&self, named: field::PileCode) -> Option<Arc<PileLive>> {
        let [member] = self.members.as_slice() else { return None };
        tracing::warn!(pile = %member.live.code, %named, "a record names an unknown pile; it is kept as the connection's");
        Some(Arc::clone(&member.live))
    }

    /// An encrypted login does not say whose it is: the key that opens it does.
    fn try_keys(&mut self, now: Tick, session: &mut Session, frame: Option<&Frame<'_>>, out: &mut Vec<u8>) {
        self.own.keys_tried = true;
        let Some(frame) = frame else { return };
        if let Some(cipher) = self.gateway.ykc_keys.opening(frame.body) {
            session.set_cipher(Some(cipher));
        }
        let mut decrypted = Vec::new();
        let event = session.handle_frame(now, frame, &mut decrypted, out);
        self.deal(now, session, event, Some(frame), out);
    }

    fn heartbeat(&mut self, now: Tick, profile: &Profile, heartbeat: &HeartbeatRequest) {
        self.heard(heartbeat.pile_code);
        if let Some(pile) = self.live(heartbeat.pile_code) {
            pile.heard_from(now);
            let number = ConnectorNumber(profile.connector(heartbeat.connector_number));
            pile.keep_heartbeat(number, heartbeat.connector_health != ConnectorHealth::Normal);
        }
    }

    fn login(
        &mut self,
        now: Tick,
        session: &mut Session,
        reply_to: ReplyTo,
        request: &LoginRequest,
        again: bool,
        out: &mut Vec<u8>,
    ) {
        if again {
            // Answered again, nothing else: running charges and the session go on.
            let _ = session.accept_login(now, reply_to, request, out);
            return;
        }
        let code = translate::pile_code(request.pile_code);
        let declared = translate::declared(request);
        let knock = Knock { code, connector_count: request.connector_count, peer: self.peer, declared };
        let core = Arc::clone(&self.gateway.core);
        let (decision, live) = core.knock(&self.link(), &knock);
        let (LoginDecision::Accept | LoginDecision::Enrol, Some(live)) = (decision, live) else {
            return self.refuse(session, reply_to, request, decision, out);
        };
        session.set_cipher(self.gateway.ykc_keys.of(code));
        session.set_profile(profile_of(&live));
        if let Err(error) = session.accept_login(now, reply_to, request, out) {
            tracing::warn!(pile = %code, peer = %self.peer, %error, "refused a login");
            return self.reject("too_many_piles");
        }
        self.join(request.pile_code, live, knock.declared);
    }

    fn refuse(
        &mut self,
        session: &mut Session,
        reply_to: ReplyTo,
        request: &LoginRequest,
        decision: LoginDecision,
        out: &mut Vec<u8>,
    ) {
        session.refuse_login(reply_to, request, out);
        let reason = match decision {
            LoginDecision::Refuse(RefusalReason::Disabled) => "the pile is switched off",
            _ => "the pile is not registered; approve it through the API",
        };
        self.turn_away(translate::pile_code(request.pile_code), reason);
    }

    /// Keeps a frame that could not be processed, where it is clear whose it is.
    fn keep_frame(&self, now: Tick, frame: Option<&Frame<'_>>) {
        if let [member] = self.members.as_slice() {
            member.live.heard_from(now);
            self.keep(&member.live, frame);
        }
    }

    /// Keeps a frame as the latest of its kind.
    pub(super) fn keep(&self, pile: &PileLive, frame: Option<&Frame<'_>>) {
        if let Some(frame) = frame {
            self.keep_latest(pile, frame.frame_type, translate::connector_of(frame), frame.raw);
        }
    }

    /// Sends 0x56.
    pub(super) fn sync_clock(&self, now: Tick, session: &mut Session, pile: field::PileCode, out: &mut Vec<u8>) {
        let current_time = self.gateway.core.clock.pile_time();
        let message = ClockSyncRequest { pile_code: pile, current_time, ..ClockSyncRequest::default() }.into();
        // A body of 14 bytes always fits.
        let _ = session.request(now, pile, &message, CLOCK_SYNC_WITHIN, NO_COMMAND, out);
    }

    /// Answers a record once it is durable; one that could not be stored is left unanswered, so that the pile sends it
    /// again.
    pub(super) fn acknowledge(&mut self, session: &mut Session, token: u64, kept: Kept, out: &mut Vec<u8>) {
        if let Some((reply_to, transaction_number)) = self.settled(token).filter(|_| kept != Kept::No) {
            let confirm_result = ConfirmResult::Uploaded;
            let confirm = TransactionRecordConfirm { transaction_number, confirm_result, ..Default::default() };
            // A body of 17 bytes always fits.
            let _ = session.reply(reply_to, &confirm.into(), out);
        }
    }

    /// Lets a pile go whose newer login lives elsewhere, or that was switched off.
    pub(super) fn let_go(&mut self, session: &mut Session, pile: PileCode, joined: SessionId) -> Flow {
        let Some((code, flow)) = self.lose(pile, joined) else { return Flow::Continue };
        session.remove(code);
        flow
    }

    fn count(&self, frame: &Frame<'_>) {
        self.count_up(frame.frame_type);
        let counters = self.gateway.core.metrics.frames.here();
        match frame.crc_order {
            CrcOrder::LowFirst => counters.crc_low_first.fetch_add(1, Relaxed),
            CrcOrder::HighFirst => counters.crc_high_first.fetch_add(1, Relaxed),
        };
    }

    /// Counts the frames about to be written and shows them to those who watch.
    pub(super) fn sees_written(&self, out: &[u8]) {
        let mut rest = out;
        while let [_, length, _, _, _, frame_type, ..] = rest {
            let total = usize::from(*length) + voltapile_protocol::ykc::frame::UNCOUNTED;
            let Some((frame, next)) = rest.split_at_checked(total) else { break };
            self.sees_frame_written(*frame_type, frame, |pile| pile_named(frame, pile));
            rest = next;
        }
    }
}

/// The pile that a frame names, in the dialect of one that it may be.
fn pile_named(frame: &[u8], pile: &PileLive) -> Option<field::PileCode> {
    translate::pile_of(frame, profile_of(pile).dialect)
}

fn profile_of(pile: &PileLive) -> &'static Profile {
    let state = pile.state();
    Profile::of(state.profile.as_deref(), state.model.as_deref())
}
