//! What a pile answers by itself when the platform asks, and what it leaves to its model.

use super::{PileEvent, PileSession};
use crate::layout::Direction;
use crate::wire::Quantity;
use crate::ykc::code::Outcome;
use crate::ykc::field::ConnectorNumber;
use crate::ykc::message::{ClockSyncResponse, Message, PowerLimitResponse, RebootResponse, WorkParametersSetResponse};

const WATTS_PER_KILOWATT: u64 = 1000;

impl PileSession {
    /// Answers what needs no model, and hands on the rest.
    pub(super) fn on_request(&mut self, message: Message, sequence: [u8; 2], out: &mut Vec<u8>) -> Option<PileEvent> {
        if !self.is_logged_in() {
            return None;
        }
        let pile_code = self.config.pile_code;
        let set_result = Outcome::Succeeded;
        let (reply, event): (Message, PileEvent) = match message {
            Message::ClockSyncRequest(request) => {
                let current_time = request.current_time;
                let reply = ClockSyncResponse { pile_code, current_time, ..Default::default() };
                (reply.into(), PileEvent::ClockSet(current_time))
            }
            Message::RebootRequest(request) => {
                let reply = RebootResponse { pile_code, set_result, ..Default::default() };
                (reply.into(), PileEvent::Reboot(request.execute_mode))
            }
            Message::WorkParametersSetRequest(request) => {
                let reply = WorkParametersSetResponse { pile_code, set_result, ..Default::default() };
                let max_power_percent = u8::try_from(request.max_power_percent.raw()).unwrap_or(100);
                let permission = request.work_permission;
                (reply.into(), PileEvent::WorkParametersSet { permission, max_power_percent })
            }
            Message::PowerLimitRequest(request) => {
                self.limited(request.connector_number, request.max_power.raw() * WATTS_PER_KILOWATT / 10)
            }
            Message::PowerLimitRequestWhole(request) => {
                self.limited(request.connector_number, request.max_power.raw() * WATTS_PER_KILOWATT)
            }
            message => return self.hand_on(message, sequence),
        };
        self.reply(&reply, sequence, out);
        Some(event)
    }

    /// The answer to a power limit, and what it says.
    fn limited(&self, connector_number: ConnectorNumber, watts: u64) -> (Message, PileEvent) {
        let (pile_code, set_result) = (self.config.pile_code, Outcome::Succeeded);
        let reply = PowerLimitResponse { pile_code, connector_number, set_result, ..Default::default() };
        (reply.into(), PileEvent::PowerLimited { connector: connector_number.number(), watts })
    }

    /// A request that the model answers, or an answer that it waits for.
    fn hand_on(&mut self, message: Message, sequence: [u8; 2]) -> Option<PileEvent> {
        let layout = message.layout()?;
        if layout.direction != Direction::Down {
            return None;
        }
        if layout.reply_to.is_some() {
            return Some(PileEvent::Answer(Box::new(message)));
        }
        self.pending.remember(&message, sequence);
        if let Message::RealtimeReadRequest(request) = &message {
            return Some(PileEvent::RealtimeWanted { connector: request.connector_number.number() });
        }
        Some(PileEvent::Request(Box::new(message)))
    }
}
