//! What becomes due on a connection.

use std::time::Duration;

use super::event::{DeadlineEvent, ReplyTo};
use super::session::Session;
use super::sign_in::Member;
use crate::aaf5::code::ReportNow;
use crate::aaf5::field::ConnectorNumber;
use crate::aaf5::message::StatusResponse;
use crate::session::CloseReason;
use crate::time::Tick;

/// How often a pile that speaks only when it is asked (数据上传模式 1) is asked for its status.
const POLL_EVERY: Duration = Duration::from_secs(15);

impl Session {
    /// When [`handle_deadline`](Self::handle_deadline) is to be called at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Tick {
        let mut next = self.close_at();
        match &self.member {
            None => {
                let within =
                    if self.seen_frame { self.settings().login_within } else { self.settings().first_frame_within };
                next = next.min(self.opened + within);
            }
            Some(member) => {
                next = next.min(member.clock_sync_at);
                if !member.silent {
                    next = next.min(self.silent_at(member));
                }
                next = member.poll_at.map_or(next, |at| next.min(at));
            }
        }
        self.pending.next_deadline().map_or(next, |deadline| next.min(deadline))
    }

    /// Gives one thing that has become due; to be called until it gives `None`.
    pub fn handle_deadline(&mut self, now: Tick, out: &mut Vec<u8>) -> Option<DeadlineEvent> {
        if now >= self.close_at() {
            return Some(DeadlineEvent::Close(CloseReason::Silent));
        }
        let sync_every = self.settings().clock_sync_every;
        let silent_at = self.member.as_ref().map(|member| self.silent_at(member));
        let Some((member, silent_at)) = self.member.as_mut().zip(silent_at) else {
            let (opened, settings) = (self.opened, self.settings());
            return match () {
                () if !self.seen_frame && now >= opened + settings.first_frame_within => {
                    Some(DeadlineEvent::Close(CloseReason::NoValidFrame))
                }
                () if now >= opened + settings.login_within => Some(DeadlineEvent::Close(CloseReason::NoLogin)),
                () => None,
            };
        };
        let pile = member.code;
        if !member.silent && now >= silent_at {
            member.silent = true;
            return Some(DeadlineEvent::PileSilent(pile));
        }
        if now >= member.clock_sync_at {
            member.clock_sync_at = now + sync_every;
            return Some(DeadlineEvent::ClockSync(pile));
        }
        if member.poll_at.is_some_and(|at| now >= at) {
            member.poll_at = Some(now + POLL_EVERY);
            let connectors = member.connectors;
            self.poll(connectors, out);
        }
        let overdue = self.pending.take_overdue(now)?;
        Some(DeadlineEvent::RequestTimedOut { pile, token: overdue.token })
    }

    /// Asks a pile that speaks only when it is asked for the status of its connectors.
    fn poll(&mut self, connectors: u8, out: &mut Vec<u8>) {
        for connector in 1..=connectors.max(1) {
            let connector_number = ConnectorNumber(connector);
            let report_now = Some(ReportNow::Yes);
            let question = StatusResponse { connector_number, report_now, ..StatusResponse::default() };
            let header = ReplyTo { sequence: self.next_sequence(), reserved: [0; 4], encrypted: self.is_encrypted() };
            self.write_own(header, StatusResponse::CODE, |writer| question.write(writer), out);
        }
    }

    fn close_at(&self) -> Tick {
        let patience = self.member.as_ref().map_or(Duration::ZERO, Member::patience);
        self.heard + self.settings().close_after.max(patience * 2)
    }

    fn silent_at(&self, member: &Member) -> Tick {
        member.heard + self.settings().offline_after.max(member.patience())
    }
}
