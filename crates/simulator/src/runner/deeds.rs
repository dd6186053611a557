//! Tells an observer what the pile did and learned: from its frames before the line has them, and from how it stands.

use std::collections::BTreeMap;

use voltapile_protocol::layout::Direction;

use super::Deed;
use super::pile::PileTask;
use crate::fault::Fault;
use crate::frames::{Found, Said, WhichRecord, frames_of};
use crate::model::{PileSnapshot, StartBehaviour, TransactionNumber};

/// Charges as they were when last looked at: connector and energy by number.
pub(super) type Charges = BTreeMap<TransactionNumber, (u8, u32)>;

impl PileTask {
    /// Tells the observer of a deed.
    pub(super) fn tell(&self, deed: Deed<'_>) {
        self.observe(|observer, pile, now| observer.did(pile, now, &deed));
    }

    /// Tells of frames that the pile sends.
    pub(super) fn tell_what_is_said(&mut self, said: &[u8]) {
        if self.observer.is_none() {
            return;
        }
        let frames = frames_of(self.pile.protocol());
        let mut exchange = self.take_exchange();
        exchange.push(Direction::Up, said, &mut |frame| match frames.said(&frame) {
            // One before the login is a fault that no platform answers.
            Some(Said::Heartbeat) if self.pile.is_logged_in() => self.tell(Deed::HeartbeatSent),
            Some(Said::StartRefused) if self.trouble.behaves().start == StartBehaviour::RefusesThenConfirms => {
                self.tell(Deed::FaultPlayed(Fault::RefusedThenConfirmed));
            }
            Some(Said::Record(record, index)) => {
                if let Some(index) = index {
                    self.records.insert(index, record.transaction_number);
                }
                self.tell(Deed::RecordSent { record: &record, body: frame.body });
            }
            Some(Said::StoredRecord(record)) => self.tell(Deed::RecordTold { record: &record, body: frame.body }),
            _ => {}
        });
        self.exchange = exchange;
    }

    /// Tells of a frame that the platform sent.
    pub(super) fn tell_what_is_heard(&self, frame: &Found<'_>) {
        if self.observer.is_none() {
            return;
        }
        match frames_of(self.pile.protocol()).said(frame) {
            Some(Said::HeartbeatAnswer) => self.tell(Deed::HeartbeatAnswered),
            Some(Said::RecordAnswer { which, is_taken }) => {
                let known = match which {
                    WhichRecord::Charge(number) => Some(number),
                    WhichRecord::Index(index) => self.records.get(&index).copied(),
                };
                if let Some(transaction_number) = known {
                    self.tell(Deed::RecordAnswered { transaction_number, is_taken });
                }
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
