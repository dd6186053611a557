//! What a fleet really did, kept outside the platform: the measure by which a checker judges it.
//!
//! A [`Ledger`] watches the runner as an [`Observer`]. It hears what each pile did before faults of the line had their way
//! with it, so it also knows what never arrived. It keeps all of it in memory, some hundred bytes a charge, for as long
//! as it lives, and writes it as JSON lines where it is told to.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::Code;
use voltapile_protocol::ykc::field::PileCode;

use super::menu::Fault;
use crate::model::{Moment, TransactionNumber};
use crate::runner::{Deed, Ends, Observer, SentRecord};

/// The ledger of a fleet.
#[derive(Default)]
pub struct Ledger {
    books: Mutex<Books>,
    lines: Option<Mutex<Box<dyn Write + Send>>>,
}

/// What stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Books {
    /// The piles that dialled.
    pub piles: BTreeMap<PileCode, PileBook>,
    /// Lines that could not be written.
    pub lines_lost: u64,
}

/// What one pile did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PileBook {
    /// Connections it made, but for those that only a fault makes.
    pub connections: u64,
    /// Those that ended, by reason.
    pub disconnections: BTreeMap<String, u64>,
    /// Logins that the platform took.
    pub logins: u64,
    /// Heartbeats it sent.
    pub heartbeats: u64,
    /// Those that were answered.
    pub heartbeats_answered: u64,
    /// Its charges.
    pub charges: BTreeMap<TransactionNumber, Charge>,
    /// Faults it played, and how often.
    pub faults: BTreeMap<Fault, u64>,
}

/// One charge, and its record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Charge {
    /// Where.
    pub connector: u8,
    /// When it began, milliseconds since 1970.
    pub begun_at: u64,
    /// When it ended.
    pub ended_at: Option<u64>,
    /// Energy that flowed as far as the pile last looked, 1e-4 kWh.
    pub energy: u32,
    /// Its record, once it was sent.
    pub record: Option<Record>,
}

/// A record that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it says.
    pub record: SentRecord,
    /// Each body that brought it: piles of AA F5 tell with each sending anew which of their stored records it is.
    pub bodies: Vec<Vec<u8>>,
    /// How often it was sent.
    pub sent: u32,
    /// How often the platform said that it has it.
    pub acknowledged: u32,
    /// How often the platform refused it.
    pub refused: u32,
}

impl Ledger {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that also writes a line of JSON for each thing it learns.
    #[must_use]
    pub fn writing(lines: impl Write + Send + 'static) -> Self {
        Self { books: Mutex::default(), lines: Some(Mutex::new(Box::new(lines))) }
    }

    /// What stands in it now.
    #[must_use]
    pub fn books(&self) -> Books {
        self.lock().clone()
    }

    /// Looks into it, without a copy. Piles wait meanwhile.
    pub fn look<R>(&self, look: impl FnOnce(&Books) -> R) -> R {
        look(&self.lock())
    }

    /// Whoever panicked over the books left them whole: each note is one step.
    fn lock(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, pile: PileCode, now: Moment, line: &Value, note: impl FnOnce(&mut PileBook)) {
        let mut books = self.lock();
        note(books.piles.entry(pile).or_default());
        let Some(lines) = &self.lines else { return };
        let mut whole = json!({"at": now.unix_ms, "pile": pile.to_string()});
        if let (Some(whole), Some(line)) = (whole.as_object_mut(), line.as_object()) {
            whole.extend(line.clone());
        }
        let written = writeln!(lines.lock().unwrap_or_else(PoisonError::into_inner), "{whole}");
        books.lines_lost += u64::from(written.is_err());
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("books", &self.lock()).finish_non_exhaustive()
    }
}

impl Observer for Ledger {
    fn connected(&self, pile: PileCode, now: Moment, ends: Ends) {
        let line = json!({"did": "connected", "from": ends.pile.to_string()});
        self.note(pile, now, &line, |book| book.connections += 1);
    }

    fn passed(&self, _: PileCode, _: Moment, _: Direction, _: &[u8]) {}

    fn disconnected(&self, pile: PileCode, now: Moment, reason: &str) {
        let line = json!({"did": "disconnected", "why": reason});
        self.note(pile, now, &line, |book| *book.disconnections.entry(reason.to_owned()).or_default() += 1);
    }

    fn did(&self, pile: PileCode, now: Moment, deed: &Deed<'_>) {
        match *deed {
            // Too many for a line each.
            Deed::HeartbeatSent => self.lock().piles.entry(pile).or_default().heartbeats += 1,
            Deed::HeartbeatAnswered => self.lock().piles.entry(pile).or_default().heartbeats_answered += 1,
            Deed::KeyRefused(flaw) => {
                self.note(pile, now, &json!({"did": "key_refused", "flaw": flaw.name()}), |_| {});
            }
            Deed::LoginAccepted => self.note(pile, now, &json!({"did": "logged_in"}), |book| book.logins += 1),
            Deed::FaultPlayed(fault) => {
                let line = json!({"did": "fault", "fault": fault.name()});
                self.note(pile, now, &line, |book| *book.faults.entry(fault).or_default() += 1);
            }
            Deed::ChargeBegan { connector, transaction_number } => {
                let line = json!({
                    "did": "charge_began", "connector": connector, "transaction_number": transaction_number.to_string(),
                });
                let charge = Charge { connector, begun_at: now.unix_ms, ..Charge::default() };
                self.note(pile, now, &line, |book| _ = book.charges.insert(transaction_number, charge));
            }
            Deed::ChargeEnded { transaction_number, energy } => {
                let number = transaction_number.to_string();
                let line = json!({"did": "charge_ended", "transaction_number": number, "energy": energy});
                self.note(pile, now, &line, |book| {
                    let charge = book.charges.entry(transaction_number).or_default();
                    (charge.ended_at, charge.energy) = (Some(now.unix_ms), energy);
                });
            }
            Deed::RecordSent { record, body } => self.record_sent(pile, now, record, (body, 1)),
            Deed::RecordTold { record, body } => self.record_sent(pile, now, record, (body, 0)),
            Deed::RecordAnswered { transaction_number, is_taken } => {
                let number = transaction_number.to_string();
                let line = json!({"did": "record_answered", "transaction_number": number, "taken": is_taken});
                self.note(pile, now, &line, |book| {
                    let charge = book.charges.get_mut(&transaction_number);
                    if let Some(record) = charge.and_then(|charge| charge.record.as_mut()) {
                        *(if is_taken { &mut record.acknowledged } else { &mut record.refused }) += 1;
                    }
                });
            }
        }
    }
}

impl Ledger {
    fn record_sent(&self, pile: PileCode, now: Moment, record: &SentRecord, (body, times): (&[u8], u32)) {
        let line = json!({
            "did": "record_sent",
            "transaction_number": record.transaction_number.to_string(),
            "energy": record.total_energy,
            "amount": record.total_amount,
            "start_source": record.start_source.number(),
            "body": hex(body),
        });
        self.note(pile, now, &line, |book| {
            let charge = book.charges.entry(record.transaction_number).or_default();
            let made = || Record { record: record.clone(), bodies: Vec::new(), sent: 0, acknowledged: 0, refused: 0 };
            let record = charge.record.get_or_insert_with(made);
            record.sent += times;
            if !record.bodies.iter().any(|known| known == body) {
                record.bodies.push(body.to_vec());
            }
        });
    }
}

impl Books {
    /// Faults that were played by all piles, and how often.
    #[must_use]
    pub fn faults(&self) -> BTreeMap<Fault, u64> {
        let mut faults = BTreeMap::new();
        for (fault, times) in self.piles.values().flat_map(|book| &book.faults) {
            *faults.entry(*fault).or_default() += times;
        }
        faults
    }

    /// All charges with their piles.
    pub fn charges(&self) -> impl Iterator<Item = (PileCode, TransactionNumber, &Charge)> {
        self.piles.iter().flat_map(|(pile, book)| book.charges.iter().map(|(number, charge)| (*pile, *number, charge)))
    }
}
