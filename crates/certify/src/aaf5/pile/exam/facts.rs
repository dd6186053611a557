//! What the exam knows of the pile: what came since it did something last, and how connector 1 is.

use voltapile_protocol::aaf5::code::{Plug, WorkState};
use voltapile_protocol::aaf5::message::Message;

use crate::aaf5::pile::script::Until;

/// The connector at which the exam charges.
const CONNECTOR: u8 = 1;

/// What is known of the pile: what came since the platform did something last, and how connector 1 is.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) awaited: Vec<u16>,
    pub(super) was_ever_online: bool,
    pub(super) sign_ins_taken: usize,
    pub(super) sign_ins_asked: usize,
    heartbeats: usize,
    statuses: usize,
    records: usize,
    bms: usize,
    asked: usize,
    is_plugged: bool,
    pub(super) is_charging: bool,
}

impl Facts {
    /// The platform does something: what came before counts no more. How the pile is stays known.
    pub(super) fn reset(&mut self) {
        let Self { was_ever_online, is_plugged, is_charging, .. } = *self;
        *self = Self { was_ever_online, is_plugged, is_charging, ..Self::default() };
    }

    pub(super) fn note(&mut self, message: &Message) {
        if let Some(question) = message.layout().and_then(|layout| layout.reply_to)
            && let Some(place) = self.awaited.iter().position(|awaited| *awaited == question)
        {
            self.awaited.swap_remove(place);
        }
        match message {
            Message::SignInRequest(_) => self.sign_ins_asked += 1,
            Message::HeartbeatRequest(_) => self.heartbeats += 1,
            Message::AccountQueryRequest(_) | Message::VinStartRequest(_) => self.asked += 1,
            Message::ChargeRecord(_) | Message::FineChargeRecord(_) => self.records += 1,
            Message::BmsReport(_) => self.bms += 1,
            Message::StatusReport(status) if status.connector_number.number() == CONNECTOR => {
                self.statuses += 1;
                self.is_plugged = status.plug == Plug::Connected;
                self.is_charging = status.work_state == WorkState::Charging;
            }
            _ => {}
        }
    }

    pub(super) const fn holds(&self, until: Until) -> bool {
        match until {
            Until::TimeOver => false,
            Until::SignedIn => self.sign_ins_taken > 0,
            Until::SignInsAsked(count) => self.sign_ins_asked >= count,
            Until::Heartbeats(count) => self.heartbeats >= count,
            Until::Answered => self.awaited.is_empty(),
            Until::Plugged => self.is_plugged,
            Until::Charging => self.is_charging,
            Until::NotCharging => !self.is_charging,
            Until::Statuses(count) => self.statuses >= count,
            Until::Asked => self.asked > 0,
            Until::Records(count) => self.records >= count,
            Until::Bms(count) => self.bms >= count,
        }
    }
}
