//! What a pile answers by itself when the platform asks, and what it leaves to its model.

use super::{PileEvent, PileSession};
use crate::layout::Direction;
use crate::wire::{Quantity, Writer};
use crate::ykc::code::Outcome;
use crate::ykc::field::connector_in;
use crate::ykc::message::{ClockSyncResponse, Message, RebootResponse, WorkParametersSetResponse};

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
            message => return self.hand_on(message, sequence),
        };
        self.reply(&reply, sequence, out);
        Some(event)
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
        self.pending.remember(layout.code, connector_of(&message), sequence);
        if let Message::RealtimeReadRequest(request) = &message {
            return Some(PileEvent::RealtimeWanted { connector: self.config.connector(request.connector_number) });
        }
        Some(PileEvent::Request(Box::new(message)))
    }
    /// The number that an answer of the model's repeats; `None` when nothing asked for it.
    pub(super) fn sequence_of_request(&mut self, answer: &Message) -> Option<[u8; 2]> {
        self.pending.take(answer.layout()?.reply_to?, || connector_of(answer))
    }
}

/// The connector that a request or its answer speaks of.
fn connector_of(message: &Message) -> Option<u8> {
    let mut body = Vec::new();
    message.write(&mut Writer::new(&mut body));
    connector_in(message.layout()?, &body)
}
