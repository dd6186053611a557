//! What is called differently this time: piles by wish, orders and tariffs because the platform makes their numbers.

use std::collections::HashMap;

use voltapile_protocol::inspect::Report;
use voltapile_protocol::{Protocol, ykc};

use super::script::field;
use crate::traffic::rewrite::{carry_check, rewrite, sequence_place};

/// Names then, and what they are now.
#[derive(Debug)]
pub(super) struct Translation {
    protocol: Protocol,
    piles: HashMap<Vec<u8>, Vec<u8>>,
    transactions: HashMap<Vec<u8>, Vec<u8>>,
    tariffs: HashMap<Vec<u8>, Vec<u8>>,
    /// Sequence numbers of the platform's requests, by type and what they were then.
    requests: HashMap<(u16, Vec<u8>), Vec<u8>>,
}

/// The pile codes of an exchange as they stand on the wire, without padding.
fn on_wire(protocol: Protocol, code: &str) -> Option<Vec<u8>> {
    match protocol {
        Protocol::Ykc => code.parse::<ykc::field::PileCode>().ok().map(|code| code.0.to_vec()),
        Protocol::Aaf5 => Some(code.as_bytes().to_vec()),
    }
}

/// What counts of a name: of a text what stands before its first zero.
pub(super) fn meant(protocol: Protocol, raw: &[u8]) -> &[u8] {
    match protocol {
        Protocol::Ykc => raw,
        Protocol::Aaf5 => raw.split(|byte| *byte == 0).next().unwrap_or(raw),
    }
}

/// The sequence number of a frame.
pub(super) fn sequence(report: &Report) -> Option<&[u8]> {
    report.raw.get(sequence_place(report.protocol))
}

impl Translation {
    pub(super) fn new(protocol: Protocol, piles: &[(String, String)]) -> Self {
        let pairs = piles.iter().filter_map(|(old, new)| Some((on_wire(protocol, old)?, on_wire(protocol, new)?)));
        Self {
            protocol,
            piles: pairs.collect(),
            transactions: HashMap::new(),
            tariffs: HashMap::new(),
            requests: HashMap::new(),
        }
    }

    /// What a field is now, as wide as it was; `None` where it is what it was.
    pub(super) fn of(&self, name: &str, then: &[u8]) -> Option<Vec<u8>> {
        let meant = meant(self.protocol, then);
        let mut now = match name {
            "pile_code" => self.piles.get(meant).cloned(),
            "transaction_number" => self.transactions.get(meant).cloned().or_else(|| self.of_pile(meant)),
            "tariff_id" => self.tariffs.get(meant).cloned(),
            _ => None,
        }?;
        now.resize(then.len(), 0);
        Some(now)
    }

    /// Most transaction numbers begin with the code of their pile.
    fn of_pile(&self, transaction: &[u8]) -> Option<Vec<u8>> {
        let (old, new) =
            self.piles.iter().filter(|(old, _)| transaction.starts_with(old)).max_by_key(|(old, _)| old.len())?;
        Some([new.as_slice(), transaction.get(old.len()..)?].concat())
    }

    /// What a pile says now in place of what it said then.
    pub(super) fn up(&self, report: &Report) -> Vec<u8> {
        let mut raw = rewrite(report, |field| self.of(&field.name, &field.raw));
        let asked = report.layout.and_then(|layout| layout.reply_to);
        let then = asked.zip(sequence(report)).map(|(asked, sequence)| (asked, sequence.to_vec()));
        let now = then.and_then(|then| self.requests.get(&then));
        if let (Some(now), Some(place)) = (now, raw.get_mut(sequence_place(report.protocol))) {
            let before = report.raw.clone();
            place.copy_from_slice(now);
            carry_check(report, &before, &mut raw);
        }
        raw
    }

    /// Learns from what the platform said then and says now in its place.
    pub(super) fn learn(&mut self, then: &Report, now: &Report) {
        for (name, known) in [("transaction_number", &mut self.transactions), ("tariff_id", &mut self.tariffs)] {
            // A number of zeros says that there is none: the pile goes on with the one it had.
            let made = field(now, name).filter(|number| number.iter().any(|byte| !matches!(byte, 0 | 0xFF)));
            if let (Some(then), Some(now)) = (field(then, name), made) {
                let (then, now) = (meant(self.protocol, then), meant(self.protocol, now));
                known.entry(then.to_vec()).or_insert_with(|| now.to_vec());
            }
        }
        if let (Some(header), Some(old), Some(new)) = (then.header, sequence(then), sequence(now)) {
            self.requests.insert((header.frame_type, old.to_vec()), new.to_vec());
        }
    }
}

/// A pile code as people write it, in whichever protocol: letters, digits, `-` and `_`.
pub(super) fn pile_code(text: &str) -> Result<String, String> {
    const LONGEST: usize = 31;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.is_empty() || text.len() > LONGEST || !text.bytes().all(fits) {
        return Err(format!("{text:?} is no pile code: 14 digits, or up to {LONGEST} letters, digits, - and _"));
    }
    Ok(text.to_owned())
}
