//! What every protocol's adapter does alike: the piles on a connection, records and starts that wait, who watches.
//!
//! An adapter is a [`Desk`] in its protocol's words, with more functions of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use voltapile_platform::business::{StartDecision, StartRequest};
use voltapile_platform::identity::{ConnectorNumber, PileCode};
use voltapile_protocol::framer::Skipped;

use super::Gateway;
use super::dialogue::Tongue;
use super::link::{Letter, PileLink};
use super::protocol::Flow;
use super::records::Records;
use super::starts::Starts;
use crate::capture::Aboard;
use crate::core::{Declared, LatestMessage, Link, PileLive, TappedFrame};
use crate::store::{NewRecord, SessionId};

/// Token of requests that are no commands of the platform, such as setting the clock after a login.
pub(super) const NO_COMMAND: u64 = 0;

/// A pile that is logged in on the connection.
pub(super) struct Member<C> {
    pub(super) wire_code: C,
    pub(super) live: Arc<PileLive>,
    session: SessionId,
    /// Whether it has been silent for so long that it was reported as offline.
    silent: bool,
}

/// Everything of a connection that is not protocol.
pub(super) struct Desk<T: Tongue> {
    pub(super) gateway: Arc<Gateway>,
    pub(super) peer: SocketAddr,
    pub(super) link: Arc<PileLink>,
    pub(super) members: Vec<Member<T::Code>>,
    pub(super) starts: Starts<T::Start>,
    pub(super) own: T::Own,
    records: Records<T::Record>,
    flow: Flow,
    /// The pile that was refused, where none is logged in.
    refused: Option<Box<PileCode>>,
}

impl<T: Tongue> Desk<T> {
    pub(super) fn new(gateway: Arc<Gateway>, link: Arc<PileLink>, peer: SocketAddr) -> Self {
        Self {
            gateway,
            peer,
            link,
            members: Vec::new(),
            starts: Starts::default(),
            own: T::Own::default(),
            records: Records::default(),
            flow: Flow::Continue,
            refused: None,
        }
    }

    /// Whether the connection is to end, as far as the events since the last time go.
    pub(super) fn is_ending(&self) -> bool {
        self.flow != Flow::Continue
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

    pub(super) fn link(&self) -> Arc<dyn Link> {
        Arc::clone(&self.link) as Arc<dyn Link>
    }

    pub(super) fn reject(&self, reason: &'static str) {
        self.gateway.core.metrics.frames_rejected.count(reason);
    }

    /// Counts what the framer has skipped.
    #[cold]
    pub(super) fn count_skipped(&self, skipped: Skipped) {
        let metrics = &self.gateway.core.metrics;
        metrics.skipped_bytes.fetch_add(skipped.bytes, Relaxed);
        metrics.frames_rejected.add(T::BAD_CHECK, skipped.bad_check);
        metrics.frames_rejected.add("bad_length", skipped.bad_length);
    }

    /// Counts the time from reading to writing.
    pub(super) fn answered(&self, read_at: Instant) {
        let elapsed = u64::try_from(read_at.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.gateway.core.metrics.frames.here().reply_latency.observe(elapsed);
    }

    /// Lets a pile in whose login has been answered.
    pub(super) fn join(&mut self, wire_code: T::Code, live: Arc<PileLive>, declared: Declared) {
        let session = self.gateway.core.attach(&live, self.link(), self.peer, declared);
        tracing::info!(pile = %live.code, peer = %self.peer, "a pile logged in");
        self.members.reserve_exact(1);
        self.members.push(Member { wire_code, live, session, silent: false });
    }

    /// Turns a pile away; the connection ends unless others use it.
    pub(super) fn turn_away(&mut self, pile: PileCode, reason: &str) {
        tracing::info!(%pile, peer = %self.peer, reason, "refused a login");
        if self.members.is_empty() {
            self.refused = Some(Box::new(pile));
            self.flow = Flow::Refuse("login_refused");
        }
    }

    /// Ends the connection once what is to be written is written.
    pub(super) fn give_up(&mut self, reason: &'static str) {
        self.flow = Flow::Refuse(reason);
    }

    pub(super) fn live(&self, code: T::Code) -> Option<&Arc<PileLive>> {
        self.members.iter().find(|member| member.wire_code == code).map(|member| &member.live)
    }

    pub(super) fn wire_code(&self, pile: PileCode) -> Option<T::Code> {
        self.members.iter().find(|member| member.live.code == pile).map(|member| member.wire_code)
    }

    /// A pile has not been heard of for so long that it counts as offline.
    pub(super) fn silent(&mut self, code: T::Code) {
        let Some(member) = self.members.iter_mut().find(|member| member.wire_code == code && !member.silent) else {
            return;
        };
        member.silent = true;
        let pile = member.live.code;
        tracing::info!(%pile, peer = %self.peer, "a pile has fallen silent");
        self.gateway.core.pile_offline(&self.link(), pile, "silent");
    }

    /// A pile was heard; one that had been silent is online again.
    pub(super) fn heard(&mut self, code: T::Code) {
        if let Some(member) = self.members.iter_mut().find(|member| member.wire_code == code && member.silent) {
            member.silent = false;
            let link = Arc::clone(&self.link) as Arc<dyn Link>;
            self.gateway.core.pile_back(&link, &member.live);
        }
    }

    /// Hands a record to the store; its answer waits for that.
    pub(super) fn keep_record(&mut self, record: NewRecord, answer: T::Record) {
        self.records.keep(&self.gateway.core, &self.link, record, answer);
    }

    /// What the answer to a record needs whose fate is known.
    pub(super) fn settled(&mut self, token: u64) -> Option<T::Record> {
        self.records.settled(token)
    }

    /// Asks for a decision that comes as a letter.
    pub(super) fn ask_start(&mut self, request: StartRequest, answer: T::Start) {
        let Some(token) = self.starts.wait(answer) else { return self.reject("too_many_starts") };
        let link = Arc::clone(&self.link);
        let done = move |decision: Option<StartDecision>| {
            link.send(Letter::StartDecided { token, decision: decision.map(Box::new) });
        };
        self.gateway.core.start_requested(&self.link(), request, done);
    }

    /// Lets a pile go whose newer login lives elsewhere, or that was switched off: its code on the wire, and whether the
    /// connection goes on.
    pub(super) fn lose(&mut self, pile: PileCode, joined: SessionId) -> Option<(T::Code, Flow)> {
        let is_meant = |member: &Member<T::Code>| member.live.code == pile && member.session == joined;
        let position = self.members.iter().position(is_meant)?;
        let member = self.members.remove(position);
        let switched_off = self.gateway.core.detach(&member.live, &self.link(), member.session, "disabled");
        let reason = if switched_off { "disabled" } else { "replaced" };
        let flow = if self.members.is_empty() { Flow::Close(reason) } else { Flow::Continue };
        Some((member.wire_code, flow))
    }

    pub(super) fn closed(&mut self, reason: &'static str) {
        let link = self.link();
        for member in self.members.drain(..) {
            self.gateway.core.detach(&member.live, &link, member.session, reason);
        }
    }

    /// Keeps a frame as the latest of its kind.
    pub(super) fn keep_latest(
        &self,
        pile: &PileLive,
        frame_type: impl Into<u16>,
        connector: ConnectorNumber,
        frame: &[u8],
    ) {
        let received_at = self.gateway.core.clock.now();
        pile.keep_latest(LatestMessage { frame_type: frame_type.into(), connector, received_at, frame: frame.into() });
    }

    /// Counts a frame of a pile.
    pub(super) fn count_up(&self, frame_type: impl Into<u16>) {
        self.gateway.core.metrics.frames.here().count_up(T::PROTOCOL, frame_type.into());
    }

    /// Counts a frame for a pile and shows it to those who watch.
    pub(super) fn sees_frame_written(
        &self,
        frame_type: impl Into<u16>,
        frame: &[u8],
        named: impl Fn(&PileLive) -> Option<T::Code>,
    ) {
        self.gateway.core.metrics.frames.here().count_down(T::PROTOCOL, frame_type.into());
        self.show(frame, true, named);
    }

    /// Shows a frame to those who watch the pile that it names; one that names none, to those who watch any pile here.
    pub(super) fn show(&self, frame: &[u8], sent: bool, named: impl Fn(&PileLive) -> Option<T::Code>) {
        for member in self.members.iter().filter(|member| member.live.is_tapped()) {
            if named(&member.live).is_none_or(|named| named == member.wire_code) {
                let at = self.gateway.core.clock.now();
                member.live.show(TappedFrame { at, sent, frame: frame.into() });
            }
        }
    }
}

impl<T: Tongue> Aboard for Desk<T> {
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
