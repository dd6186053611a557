//! Tells an observer what the pile did and learned: from its frames before the line has them, and from how it stands.

use std::collections::BTreeMap;

use voltapile_protocol::ykc::code::Outcome;
use voltapile_protocol::ykc::field::TransactionNumber;
use voltapile_protocol::ykc::framer::Piece;
use voltapile_protocol::ykc::message::Message;
use voltapile_protocol::ykc::session::pile::record_of;
use voltapile_protocol::ykc::{Dialect, Frame, Framer};

use super::Deed;
use super::pile::PileTask;
use crate::fault::Fault;
use crate::model::{PileSnapshot, StartBehaviour};

/// Charges as they were when last looked at: connector and energy by number.
pub(super) type Charges = BTreeMap<TransactionNumber, (u8, u32)>;

impl PileTask {
    /// Tells the observer of a deed.
    pub(super) fn tell(&self, deed: Deed<'_>) {
        self.observe(|observer, pile, now| observer.did(pile, now, &deed));
    }

    /// Tells of frames that the pile sends.
    pub(super) fn tell_what_is_said(&self, frames: &[u8]) {
        if self.observer.is_none() {
            return;
        }
        Framer::new().push(frames, |piece| {
            if let Piece::Frame(frame) = piece {
                self.tell_of_frame(&frame);
            }
        });
    }

    fn tell_of_frame(&self, frame: &Frame<'_>) {
        match decode(frame) {
            // One before the login is a fault that no platform answers.
            Some(Message::HeartbeatRequest(_)) if self.pile.session().is_logged_in() => self.tell(Deed::HeartbeatSent),
            Some(Message::RemoteStartResponse(answer))
                if answer.start_result == Outcome::Failed
                    && self.trouble.behaves().start == StartBehaviour::RefusesThenConfirms =>
            {
                self.tell(Deed::FaultPlayed(Fault::RefusedThenConfirmed));
            }
            Some(message) => {
                if let Some(record) = record_of(message) {
                    self.tell(Deed::RecordSent { record: &record, body: frame.body });
                }
            }
            None => {}
        }
    }

    /// Tells of a frame that the platform sent.
    pub(super) fn tell_what_is_heard(&self, frame: &Frame<'_>) {
        if self.observer.is_none() {
            return;
        }
        match decode(frame) {
            Some(Message::HeartbeatResponse(_)) => self.tell(Deed::HeartbeatAnswered),
            Some(Message::TransactionRecordConfirm(answer)) => {
                let (transaction_number, result) = (answer.transaction_number, answer.confirm_result);
                self.tell(Deed::RecordAnswered { transaction_number, result });
            }
            _ => {}
        }
    }

    /// Tells of charges that began or ended since the last look.
    pub(super) fn tell_of_charges(&mut self, snapshot: &PileSnapshot) {
        let charging = snapshot.connectors.iter();
        let now: Charges = charging
            .filter_map(|connector| Some((connector.transaction_number?, (connector.number, connector.energy))))
            .collect();
        for (transaction_number, (_, energy)) in &self.charges {
            if !now.contains_key(transaction_number) {
                self.tell(Deed::ChargeEnded { transaction_number: *transaction_number, energy: *energy });
            }
        }
        for (transaction_number, (connector, _)) in &now {
            if !self.charges.contains_key(transaction_number) {
                let (connector, transaction_number) = (*connector, *transaction_number);
                self.tell(Deed::ChargeBegan { connector, transaction_number });
            }
        }
        self.charges = now;
    }
}

/// The frames told of are alike in all versions, or decoded by their type and length.
fn decode(frame: &Frame<'_>) -> Option<Message> {
    Message::decode(frame.frame_type, frame.body, Dialect::V16).ok()
}
