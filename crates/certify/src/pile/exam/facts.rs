//! What the exam knows of the pile: what came since it did something last, and how connector 1 is.

use voltapile_protocol::ykc::code::{ConnectorState, Plugged};
use voltapile_protocol::ykc::message::Message;

use crate::pile::script::Until;

/// The connector at which the exam charges.
const CONNECTOR: u8 = 1;

/// What the exam knows of the pile.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Frame types of the requests that are not answered yet.
    pub(super) awaited: Vec<u8>,
    /// Logins taken.
    pub(super) logins: usize,
    /// Whether the pile was ever logged in.
    pub(super) was_ever_online: bool,
    logins_asked: usize,
    heartbeats: usize,
    reports: usize,
    records: usize,
    asked: usize,
    is_tariff_settled: bool,
    is_plugged: bool,
    is_charging: bool,
}

impl Facts {
    /// The platform does something: what came before counts no more. How the pile is stays known.
    pub(super) fn reset(&mut self) {
        let Self { was_ever_online, is_tariff_settled, is_plugged, is_charging, .. } = *self;
        *self = Self { was_ever_online, is_tariff_settled, is_plugged, is_charging, ..Self::default() };
    }

    /// Takes note of a message of the pile.
    pub(super) fn note(&mut self, message: &Message) {
        if let Some(request) = message.layout().and_then(|layout| layout.reply_to) {
            self.awaited.retain(|awaited| u16::from(*awaited) != request);
        }
        match message {
            Message::LoginRequest(_) => {
                self.logins_asked += 1;
                self.is_tariff_settled = false;
            }
            Message::HeartbeatRequest(_) => self.heartbeats += 1,
            Message::StartRequest(_) => self.asked += 1,
            Message::TransactionRecord(_) => self.records += 1,
            Message::RealtimeReport(report) if report.connector_number.number() == CONNECTOR => {
                self.reports += 1;
                self.is_plugged = report.plugged == Plugged::Yes;
                self.is_charging = report.connector_state == ConnectorState::Charging;
            }
            _ => {}
        }
    }

    /// Takes note of a login that was taken.
    pub(super) const fn logged_in(&mut self) {
        self.logins += 1;
        self.was_ever_online = true;
    }

    /// Whether 0x13 showed connector 1 charging last.
    pub(super) const fn is_charging(&self) -> bool {
        self.is_charging
    }

    /// Takes note of the tariff being settled.
    pub(super) const fn settle_tariff(&mut self) {
        self.is_tariff_settled = true;
    }

    /// Whether something has come.
    pub(super) fn holds(&self, until: Until) -> bool {
        match until {
            Until::TimeOver => false,
            Until::LoggedIn => self.logins > 0,
            Until::TariffSettled => self.is_tariff_settled,
            Until::Heartbeats(count) => self.heartbeats >= count,
            Until::Answered => self.awaited.is_empty(),
            Until::Plugged => self.is_plugged,
            Until::Charging => self.is_charging,
            Until::NotCharging => !self.is_charging,
            Until::Reports(count) => self.reports >= count,
            Until::Asked => self.asked > 0,
            Until::Records(count) => self.records >= count,
            Until::LoginAsked => self.logins_asked > 0,
        }
    }
}
