//! What is called differently this time: piles by wish, orders and tariffs because the platform makes their numbers.

use std::collections::HashMap;

use voltapile_protocol::inspect::Report;
use voltapile_protocol::ykc::field::PileCode;

use super::script::field;
use crate::traffic::rewrite::{carry_crc, rewrite};

/// Bytes of a pile code, with which most transaction numbers begin.
const PILE_BYTES: usize = 7;
/// Where the sequence number stands in a frame.
const SEQUENCE_AT: std::ops::Range<usize> = 2..4;

/// Names then, and what they are now.
#[derive(Debug, Default)]
pub(super) struct Translation {
    piles: HashMap<Vec<u8>, Vec<u8>>,
    transactions: HashMap<Vec<u8>, Vec<u8>>,
    tariffs: HashMap<Vec<u8>, Vec<u8>>,
    /// Sequence numbers of the platform's requests, by type and what they were then.
    requests: HashMap<(u8, [u8; 2]), [u8; 2]>,
}

impl Translation {
    pub(super) fn new(piles: &[(PileCode, PileCode)]) -> Self {
        let piles = piles.iter().map(|(old, new)| (old.0.to_vec(), new.0.to_vec())).collect();
        Self { piles, ..Self::default() }
    }

    /// What a field is now; `None` where it is what it was.
    pub(super) fn of(&self, name: &str, then: &[u8]) -> Option<Vec<u8>> {
        match name {
            "pile_code" => self.piles.get(then).cloned(),
            "transaction_number" => self.transactions.get(then).cloned().or_else(|| {
                let (pile, rest) = then.split_at_checked(PILE_BYTES)?;
                Some([self.piles.get(pile)?.as_slice(), rest].concat())
            }),
            "tariff_id" => self.tariffs.get(then).cloned(),
            _ => None,
        }
    }

    /// What a pile says now in place of what it said then.
    pub(super) fn up(&self, report: &Report) -> Vec<u8> {
        let body = rewrite(report, |field| self.of(&field.name, &field.raw));
        let asked = report.layout.and_then(|layout| u8::try_from(layout.reply_to?).ok());
        let sequence =
            asked.zip(report.header).and_then(|(asked, header)| self.requests.get(&(asked, header.sequence)));
        let mut raw = body.clone();
        if let (Some(sequence), Some(place)) = (sequence, raw.get_mut(SEQUENCE_AT)) {
            place.copy_from_slice(sequence);
            carry_crc(&body, &mut raw, report.framing.crc_length());
        }
        raw
    }

    /// Learns from what the platform said then and says now in its place.
    pub(super) fn learn(&mut self, then: &Report, now: &Report) {
        for (name, known) in [("transaction_number", &mut self.transactions), ("tariff_id", &mut self.tariffs)] {
            // A number of zeros says that there is none: the pile goes on with the one it had.
            let made = field(now, name).filter(|number| number.iter().any(|byte| *byte != 0));
            if let (Some(then), Some(now)) = (field(then, name), made) {
                known.entry(then.to_vec()).or_insert_with(|| now.to_vec());
            }
        }
        if let (Some(then), Some(now)) = (then.header, now.header) {
            self.requests.insert((then.frame_type, then.sequence), now.sequence);
        }
    }
}
