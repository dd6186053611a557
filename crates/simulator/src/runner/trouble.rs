//! Lets a pile play the faults of its plan, and those that somebody injects.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use voltapile_protocol::Protocol;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;

use super::Deed;
use super::mischief;
use super::pile::{PATIENCE, PileTask};
use crate::fault::line::{Line, Packet};
use crate::fault::schedule::Schedule;
use crate::fault::{Fault, FaultPlan, Kind};
use crate::frames::{Said, frames_of};
use crate::model::{Action, Behaviour, Link, Rng};

/// How long a power cut lasts.
const DARK: Duration = Duration::from_secs(3);
/// Connections that a pile has vanished from and that still look as if they stood; more of them end the oldest.
const VANISHED_MOST: usize = 8;

/// What goes wrong with one pile.
#[derive(Debug)]
pub(super) struct Trouble {
    line: Line,
    schedule: Schedule,
    /// Where further chance begins.
    seeds: Rng,
    /// The behaviour that the model has now.
    behaviour: Behaviour,
    was_logged_in: bool,
    /// What somebody wants to go wrong now.
    injected: VecDeque<Fault>,
    /// The fault for which the pile leaves its connection.
    leaving: Option<Fault>,
    /// The first bytes of a connection: the login.
    login: Vec<u8>,
    /// Connections that look as if they stood.
    vanished: JoinSet<()>,
    /// What keeps the pile from dialling until it is over.
    away: JoinSet<()>,
}

impl Trouble {
    pub(super) fn new(
        plan: &FaultPlan,
        protocol: Protocol,
        seed: u64,
        speed: u32,
        behaviour: Behaviour,
        now: Tick,
    ) -> Self {
        let mut seeds = Rng::new(seed);
        Self {
            line: Line::new(plan, protocol, seeds.next_u64()),
            schedule: Schedule::new(plan, seeds.next_u64(), speed, behaviour.clone(), now),
            seeds,
            behaviour,
            was_logged_in: false,
            injected: VecDeque::new(),
            leaving: None,
            login: Vec::new(),
            vanished: JoinSet::new(),
            away: JoinSet::new(),
        }
    }

    /// Other faults happen from now on; what keeps the pile away ends.
    pub(super) fn replan(&mut self, plan: &FaultPlan, now: Tick) {
        self.line.replan(plan, self.seeds.next_u64());
        self.schedule.replan(plan, now);
        self.injected.clear();
        self.away.abort_all();
    }

    /// Somebody wants a fault now.
    pub(super) fn inject(&mut self, fault: Fault) {
        self.injected.push_back(fault);
    }

    /// Somebody wants the pile to behave differently, beside its faults. Gives how it behaves then.
    pub(super) fn behave(&mut self, behaviour: Behaviour) -> Behaviour {
        self.schedule.behave(behaviour);
        self.behaviour = self.schedule.behaviour();
        self.behaviour.clone()
    }

    /// Whether something keeps the pile from dialling.
    pub(super) fn is_away(&self) -> bool {
        !self.away.is_empty()
    }

    /// How the pile behaves now.
    pub(super) const fn behaves(&self) -> &Behaviour {
        &self.behaviour
    }

    /// Waits until one thing that keeps the pile from dialling is over.
    pub(super) async fn one_ends(&mut self) {
        if self.away.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// What is due or wanted.
    fn next_fault(&mut self, now: Tick) -> Option<Fault> {
        self.schedule.take_due(now).or_else(|| self.injected.pop_front())
    }

    /// How the pile behaves from now on, when that is different.
    fn new_behaviour(&mut self) -> Option<Action> {
        let wanted = self.schedule.behaviour();
        if wanted == self.behaviour {
            return None;
        }
        self.behaviour = wanted.clone();
        Some(Action::Behave(Box::new(wanted)))
    }
}

impl PileTask {
    /// Before the login on a new connection.
    pub(super) fn begin_troubles(&mut self) {
        self.trouble.line.connected();
        self.trouble.was_logged_in = false;
        self.trouble.schedule.dials();
        self.adapt_behaviour();
        if self.trouble.schedule.speaks_early() {
            self.tell(Deed::FaultPlayed(Fault::FramesBeforeLogin));
        }
    }

    /// Notes the login that this connection begins with.
    pub(super) fn remember_login(&mut self) {
        let Self { trouble, out, pile, .. } = self;
        let frames = frames_of(pile.protocol());
        frames.each(out, &mut |frame| {
            if frames.said(&frame) == Some(Said::Login) {
                trouble.login = frame.raw.to_vec();
            }
        });
    }

    /// When a fault is due.
    pub(super) fn next_trouble(&self) -> Option<Tick> {
        // Without a link there is nothing to happen to, so that what is due waits for the next one.
        let scheduled = if self.pile.is_logged_in() { self.trouble.schedule.next_deadline() } else { None };
        [scheduled, self.trouble.line.next_deadline()].into_iter().flatten().min()
    }

    /// Brings the faults up to what the pile does now.
    pub(super) fn follow_troubles(&mut self) {
        let now = self.clock.now().tick;
        let is_logged_in = self.pile.is_logged_in();
        if is_logged_in && !std::mem::replace(&mut self.trouble.was_logged_in, is_logged_in) {
            self.trouble.schedule.logged_in(now);
            self.tell(Deed::LoginAccepted);
        }
        for fault in self.trouble.schedule.charging(now, self.pile.charging() > 0) {
            self.tell(Deed::FaultPlayed(fault));
        }
        self.adapt_behaviour();
    }

    fn adapt_behaviour(&mut self) {
        if let Some(action) = self.trouble.new_behaviour() {
            let link = self.pile.act(self.clock.now(), action, &mut self.out);
            debug_assert_eq!(link, Link::Keep, "behaving differently costs no connection");
        }
    }

    /// Plays what is due or wanted.
    pub(super) async fn play_faults(&mut self, stream: &mut TcpStream) -> io::Result<Link> {
        let now = self.clock.now().tick;
        if let Some(packet) = self.trouble.line.flush(now) {
            self.write(stream, packet).await?;
        }
        if !self.pile.is_logged_in() {
            return Ok(Link::Keep);
        }
        while let Some(fault) = self.trouble.next_fault(now) {
            if self.play(fault, stream).await? == Link::Close {
                return Ok(Link::Close);
            }
        }
        Ok(Link::Keep)
    }

    async fn play(&mut self, fault: Fault, stream: &mut TcpStream) -> io::Result<Link> {
        match fault.entry().kind {
            Kind::Line => self.trouble.line.inject(fault),
            Kind::Pile => return Ok(self.play_in_pile(fault)),
            Kind::Link => {
                self.tell(Deed::FaultPlayed(fault));
                match fault {
                    Fault::Flood => {
                        self.write(stream, packet(mischief::flood(self.pile.protocol(), self.pile_code))).await?
                    }
                    Fault::DoubleLogin => {
                        let login = self.trouble.login.clone();
                        self.write(stream, packet(login.clone())).await?;
                        self.trouble.vanished.spawn(mischief::log_in_besides(self.server, login));
                    }
                    _ => {
                        self.trouble.leaving = Some(fault);
                        return Ok(Link::Close);
                    }
                }
            }
        }
        Ok(Link::Keep)
    }

    fn play_in_pile(&mut self, fault: Fault) -> Link {
        match fault {
            Fault::PowerCut => {
                self.tell(Deed::FaultPlayed(fault));
                return self.act(Action::PowerCut { lasts: DARK });
            }
            Fault::FramesBeforeLogin => {
                // It takes a new connection to begin badly; `begin_troubles` tells of it.
                self.trouble.schedule.inject(fault);
                self.dials_at_once = true;
                return Link::Close;
            }
            _ => {}
        }
        let is_news = self.trouble.schedule.inject(fault);
        if is_news && self.pile.charging() > 0 && fault != Fault::RefusedThenConfirmed {
            self.tell(Deed::FaultPlayed(fault));
        }
        self.adapt_behaviour();
        Link::Keep
    }

    /// The pile is done with its connection, or leaves it to a fault.
    pub(super) fn leave(&mut self, stream: TcpStream) {
        let left = self.trouble.leaving.map(|fault| format!("left by the pile: {fault}"));
        let reason = left.as_deref().unwrap_or("closed by the pile");
        self.observe(|observer, pile, now| observer.disconnected(pile, now, reason));
        let Trouble { schedule, leaving, vanished, away, login, .. } = &mut self.trouble;
        schedule.disconnected();
        while vanished.try_join_next().is_some() {}
        if vanished.len() >= VANISHED_MOST {
            vanished.abort_all();
        }
        match leaving.take() {
            Some(Fault::Silence) => _ = away.spawn(mischief::be_silent(stream)),
            Some(Fault::SlowReader) => {
                _ = away.spawn(mischief::read_nothing(stream, self.pile.protocol(), self.pile_code))
            }
            Some(Fault::ReconnectStorm) => _ = away.spawn(mischief::storm(self.server, login.clone())),
            Some(_) => {
                self.dials_at_once = true;
                vanished.spawn(mischief::vanish(stream));
            }
            // A pile without power closes nothing.
            None if self.pile.dials_at().is_some() => _ = vanished.spawn(mischief::vanish(stream)),
            None => {}
        }
    }

    /// The connection broke: what was to happen to it does not.
    pub(super) fn end_troubles(&mut self) {
        self.trouble.schedule.disconnected();
        self.trouble.leaving = None;
    }

    /// Says what the pile has to say, over its line.
    pub(super) async fn say(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        let said = std::mem::take(&mut self.out);
        self.tell_what_is_said(&said);
        if self.trouble.line.is_clear() {
            self.write(stream, packet(said)).await
        } else {
            let mut played = Vec::new();
            let packets = self.trouble.line.send(self.clock.now().tick, &said, |fault| played.push(fault));
            played.into_iter().for_each(|fault| self.tell(Deed::FaultPlayed(fault)));
            for packet in packets {
                self.write(stream, packet).await?;
            }
            Ok(())
        }
    }

    /// Before the pile closes: says what its line still holds back. Without power it says nothing.
    pub(super) async fn say_what_waits(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        match self.trouble.line.let_go() {
            Some(packet) if self.pile.dials_at().is_none() => self.write(stream, packet).await,
            _ => Ok(()),
        }
    }

    async fn write(&mut self, stream: &mut TcpStream, packet: Packet) -> io::Result<()> {
        timeout(PATIENCE, stream.write_all(&packet.bytes)).await??;
        self.observe(|observer, pile, now| observer.passed(pile, now, Direction::Up, &packet.bytes));
        if !packet.pause.is_zero() {
            sleep(packet.pause).await;
        }
        Ok(())
    }
}

const fn packet(bytes: Vec<u8>) -> Packet {
    Packet { bytes, pause: Duration::ZERO }
}
