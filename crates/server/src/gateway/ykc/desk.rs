//! Where the events of one connection are dealt with.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use voltapile_platform::enrolment::{LoginDecision, RefusalReason};
use voltapile_platform::identity::{ConnectorNumber, PileCode};
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::Profile;
use voltapile_protocol::ykc::code::ConnectorHealth;
use voltapile_protocol::ykc::field;
use voltapile_protocol::ykc::frame::{CrcOrder, Frame};
use voltapile_protocol::ykc::message::{ClockSyncRequest, HeartbeatRequest, LoginRequest};
use voltapile_protocol::ykc::session::platform::{Event, ReplyTo, Session};

use super::records::Records;
use super::start::Starts;
use super::translate;
use super::uplink::Said;
use crate::capture::Aboard;
use crate::core::{Knock, LatestMessage, Link, PileLive, TappedFrame};
use crate::gateway::Gateway;
use crate::gateway::link::PileLink;
use crate::gateway::protocol::Flow;
use crate::store::SessionId;

/// Time that a pile has to answer 0x56.
const CLOCK_SYNC_WITHIN: Duration = Duration::from_secs(30);

/// A pile that is logged in on the connection.
pub(super) struct Member {
    pub(super) wire_code: field::PileCode,
    pub(super) live: Arc<PileLive>,
    session: SessionId,
    /// Whether it has been silent for so long that it was reported as offline.
    silent: bool,
}

/// Everything of a connection that is not protocol.
pub(super) struct Desk {
    pub(super) gateway: Arc<Gateway>,
    pub(super) peer: SocketAddr,
    pub(super) link: Arc<PileLink>,
    pub(super) members: Vec<Member>,
    pub(super) starts: Starts,
    records: Records,
    flow: Flow,
    /// Whether an encrypted login has been tried with every key; once is enough for a stranger.
    keys_tried: bool,
    /// The pile that was refused, where none is logged in.
    refused: Option<Box<PileCode>>,
}

impl Desk {
    pub(super) fn new(gateway: Arc<Gateway>, link: Arc<PileLink>, peer: SocketAddr) -> Self {
        Self {
            gateway,
            peer,
            link,
            members: Vec::new(),
            starts: Starts::default(),
            records: Records::default(),
            flow: Flow::Continue,
            keys_tried: false,
            refused: None,
        }
    }

    /// Whether the events since the last time let the connection go on.
    pub(super) fn take_flow(&mut self) -> Flow {
        std::mem::replace(&mut self.flow, Flow::Continue)
    }

    pub(super) fn is_paused(&self) -> bool {
        self.records.is_full() || !self.link.backlog.is_empty()
    }

    pub(super) fn name(&self) -> Option<PileCode> {
        self.members.first().map(|member| member.live.code)
    }

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
            self.show(frame.raw, false);
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
            Event::Login { .. } if self.flow != Flow::Continue => self.reject("after_refusal"),
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
                self.records.keep(core, &self.link, record, reply_to, transaction);
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
            Event::Encrypted { frame_type: LoginRequest::CODE, .. } if !self.keys_tried => {
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
        self.keys_tried = true;
        let Some(frame) = frame else { return };
        if let Some(cipher) = self.gateway.ykc.keys.opening(frame.body) {
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
        session.set_cipher(self.gateway.ykc.keys.of(code));
        session.set_profile(profile_of(&live));
        if let Err(error) = session.accept_login(now, reply_to, request, out) {
            tracing::warn!(pile = %code, peer = %self.peer, %error, "refused a login");
            return self.reject("too_many_piles");
        }
        let session = core.attach(&live, self.link(), self.peer, knock.declared);
        tracing::info!(pile = %code, peer = %self.peer, "a pile logged in");
        self.members.reserve_exact(1);
        self.members.push(Member { wire_code: request.pile_code, live, session, silent: false });
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
        tracing::info!(pile = %request.pile_code, peer = %self.peer, reason, "refused a login");
        if self.members.is_empty() {
            self.refused = Some(Box::new(translate::pile_code(request.pile_code)));
            self.flow = Flow::Refuse("login_refused");
        }
    }

    /// Keeps a frame that could not be processed, where it is clear whose it is.
    fn keep_frame(&self, now: Tick, frame: Option<&Frame<'_>>) {
        if let [member] = self.members.as_slice() {
            member.live.heard_from(now);
            self.keep_latest(&member.live, frame);
        }
    }

    pub(super) fn keep_latest(&self, pile: &PileLive, frame: Option<&Frame<'_>>) {
        if let Some(frame) = frame {
            pile.keep_latest(LatestMessage {
                frame_type: frame.frame_type.into(),
                connector: translate::connector_of(frame),
                received_at: self.gateway.core.clock.now(),
                frame: frame.raw.into(),
            });
        }
    }

    /// Sends 0x56.
    pub(super) fn sync_clock(&self, now: Tick, session: &mut Session, pile: field::PileCode, out: &mut Vec<u8>) {
        let current_time = self.gateway.core.clock.pile_time();
        let message = ClockSyncRequest { pile_code: pile, current_time, ..ClockSyncRequest::default() }.into();
        // A body of 14 bytes always fits.
        let _ = session.request(now, pile, &message, CLOCK_SYNC_WITHIN, 0, out);
    }

    /// A pile has not been heard of for so long that it counts as offline.
    pub(super) fn silent(&mut self, pile: field::PileCode) {
        tracing::info!(%pile, peer = %self.peer, "a pile has fallen silent");
        if let Some(member) = self.members.iter_mut().find(|member| member.wire_code == pile && !member.silent) {
            member.silent = true;
            let link = Arc::clone(&self.link) as Arc<dyn Link>;
            self.gateway.core.pile_offline(&link, member.live.code, "silent");
        }
    }

    /// A pile was heard; one that had been silent is online again.
    fn heard(&mut self, pile: field::PileCode) {
        if let Some(member) = self.members.iter_mut().find(|member| member.wire_code == pile && member.silent) {
            member.silent = false;
            let link = Arc::clone(&self.link) as Arc<dyn Link>;
            self.gateway.core.pile_back(&link, &member.live);
        }
    }

    /// Answers a record once it is durable; one that could not be stored is left unanswered, so that the pile sends it
    /// again.
    pub(super) fn acknowledge(&mut self, session: &mut Session, token: u64, durable: bool, out: &mut Vec<u8>) {
        if let Some((reply_to, confirm)) = self.records.settled(token, durable) {
            // A body of 17 bytes always fits.
            let _ = session.reply(reply_to, &confirm.into(), out);
        }
    }

    /// Lets a pile go whose newer login lives elsewhere, or that was switched off.
    pub(super) fn lose(&mut self, session: &mut Session, pile: PileCode, joined: SessionId) -> Flow {
        let is_meant = |member: &Member| member.live.code == pile && member.session == joined;
        let Some(position) = self.members.iter().position(is_meant) else {
            return Flow::Continue;
        };
        let member = self.members.remove(position);
        session.remove(member.wire_code);
        let switched_off = self.gateway.core.detach(&member.live, &self.link(), member.session, "disabled");
        let reason = if switched_off { "disabled" } else { "replaced" };
        if self.members.is_empty() { Flow::Close(reason) } else { Flow::Continue }
    }

    pub(super) fn closed(&mut self, reason: &'static str) {
        let link = self.link();
        for member in self.members.drain(..) {
            self.gateway.core.detach(&member.live, &link, member.session, reason);
        }
    }

    fn count(&self, frame: &Frame<'_>) {
        let counters = self.gateway.core.metrics.frames.here();
        counters.count_up(frame.frame_type);
        match frame.crc_order {
            CrcOrder::LowFirst => counters.crc_low_first.fetch_add(1, Relaxed),
            CrcOrder::HighFirst => counters.crc_high_first.fetch_add(1, Relaxed),
        };
    }

    /// Counts the frames about to be written and shows them to those who watch.
    pub(super) fn sees_written(&self, out: &[u8]) {
        let counters = self.gateway.core.metrics.frames.here();
        let mut rest = out;
        while let [_, length, _, _, _, frame_type, ..] = rest {
            counters.count_down(*frame_type);
            let total = usize::from(*length) + voltapile_protocol::ykc::frame::UNCOUNTED;
            let Some((frame, next)) = rest.split_at_checked(total) else { break };
            self.show(frame, true);
            rest = next;
        }
    }

    /// Shows a frame to those who watch the pile it speaks of; one that names no pile, to those who watch any pile here.
    fn show(&self, frame: &[u8], sent: bool) {
        for member in self.members.iter().filter(|member| member.live.is_tapped()) {
            let named = translate::pile_of(frame, profile_of(&member.live).dialect);
            if named.is_none_or(|named| named == member.wire_code) {
                let at = self.gateway.core.clock.now();
                member.live.show(TappedFrame { at, sent, frame: frame.into() });
            }
        }
    }

    pub(super) fn live(&self, code: field::PileCode) -> Option<&Arc<PileLive>> {
        self.members.iter().find(|member| member.wire_code == code).map(|member| &member.live)
    }

    pub(super) fn reject(&self, reason: &'static str) {
        self.gateway.core.metrics.frames_rejected.count(reason);
    }
}

impl Aboard for Desk {
    fn piles(&self) -> impl Iterator<Item = PileCode> {
        let members = self.members.iter().map(|member| member.live.code);
        members.chain(self.refused.as_deref().copied().filter(|_| self.members.is_empty()))
    }

    fn have_one_operator(&self) -> bool {
        let [first, others @ ..] = self.members.as_slice() else { return true };
        if others.is_empty() {
            return true;
        }
        let operator = first.live.state().operator.clone();
        others.iter().all(|other| other.live.state().operator == operator)
    }
}

fn profile_of(pile: &PileLive) -> &'static Profile {
    let state = pile.state();
    Profile::of(state.profile.as_deref(), state.model.as_deref())
}
