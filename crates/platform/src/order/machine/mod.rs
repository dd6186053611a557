//! The life of an order: one function from a state and what happened to the next state and what is to be done.
//!
//! ```text
//! created -> starting -> charging -> stopping -> awaiting_record -> settled
//!                |          |            |              |
//!                v          +------------+--------------+--> abnormal --(a clean record, a person)--> settled
//!              failed --(a record with energy)-------------->
//! ```
//!
//! [`step`] knows no clock, books or money: [`Effect`]s say what the business has to do. The rules are those of V1.6
//! §13.3 (named where they stand) and of piles as they are (ykc-versions.md §6, §7). Every pair of state and input is
//! written out in the table of this module's test.

mod life;
mod record;
#[cfg(test)]
mod table;

use super::{AbnormalReason, Evidence, Order, OrderState, Progress, Resolution, connector_key};
use crate::business::Rules;
use crate::event::EventType;
use crate::identity::TransactionNumber;
use crate::settlement::Settlement;
use crate::timestamp::Timestamp;
use crate::unit::{Amount, Balance, Energy};

pub use record::{JudgedRecord, amount_by};

/// Something that happened to an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The pile was told to start, or was told that it may.
    StartSent,
    /// The pile takes the start.
    StartConfirmed,
    /// The pile does not start.
    StartRefused {
        /// Why, in a stable word; [`NOT_PLUGGED`] may still turn into a success.
        reason: String,
    },
    /// The start command ended without an answer.
    StartUnanswered {
        /// Whether the pile may have heard it all the same.
        told: bool,
        /// What became of it, for people.
        detail: String,
    },
    /// The connector charges under the order's number, or under none.
    ChargingSeen {
        /// How far it is.
        progress: Progress,
        /// Whether no other order holds the connector.
        free: bool,
    },
    /// The connector is idle.
    IdleSeen {
        /// Whether a car is plugged in, where known.
        plugged: Option<bool>,
        /// How far the charge had come, where it is known.
        progress: Option<Progress>,
    },
    /// The connector prepares for a charge.
    PreparingSeen,
    /// The connector says that a charge has ended, or did not begin.
    FinishedSeen {
        /// How far the charge had come, where it is known.
        progress: Option<Progress>,
    },
    /// The connector is out of order.
    FaultSeen,
    /// The connector charges under another number.
    OtherNumberSeen {
        /// That number.
        number: TransactionNumber,
        /// Whether another open order has it.
        known: bool,
    },
    /// Somebody wants it to stop.
    StopAsked {
        /// Why, in a stable word that becomes the order's reason to end.
        reason: &'static str,
    },
    /// The pile stops.
    StopConfirmed,
    /// The pile says that it does not stop.
    StopRefused {
        /// Why, in a stable word; [`NOT_CHARGING`] means that it has stopped already.
        reason: String,
    },
    /// The stop command ended without an answer.
    StopUnanswered {
        /// What became of it, for people.
        detail: String,
    },
    /// The transaction record came.
    Record(Box<JudgedRecord>),
    /// Another record under the same number came, with other content.
    SecondRecord(Box<JudgedRecord>),
    /// A record came that can't be read.
    RecordUnreadable {
        /// Its number.
        record: i64,
        /// What is wrong with it.
        reason: String,
    },
    /// The order's deadline has come.
    Deadline,
    /// The pile, or this connector of a concentrator, is away.
    PileOffline,
    /// The pile logged in, maybe after a reboot.
    PileOnline,
    /// Another device logged in under the pile's code.
    PileReplaced {
        /// What shows it.
        detail: String,
    },
    /// A person decided.
    Resolved {
        /// What.
        resolution: Resolution,
        /// Who.
        by: String,
        /// Why.
        note: Option<String>,
    },
}

/// What is to be done about what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Tell the world, with the order as it is now.
    Emit(EventType),
    /// Take money from the account (give it back where negative) and free what was set aside.
    Pay(Balance),
    /// Free what was set aside.
    Release,
    /// Tell the pile to stop.
    SendStop,
    /// Ask the pile what the connector does.
    AskPile,
    /// Stop the other order of a parallel charge: all start or none.
    StopGroup,
    /// Close the alarms that the charge had opened.
    CloseAlarms,
}

/// The refusal after which a pile waits for the car to be plugged in (0x33 reason 5).
pub const NOT_PLUGGED: &str = "not_plugged";
/// The refusal of a stop by a pile that has stopped already (0x35 reason 2).
pub const NOT_CHARGING: &str = "not_charging";
/// Ended because the platform said so.
pub const STOPPED_BY_PLATFORM: &str = "stopped_by_platform";
/// Ended because the other order of a parallel charge did not start.
pub const PARALLEL_FAILED: &str = "parallel_failed";

/// Ended because the pile said that the charge is over.
pub const STOPPED_BY_PILE: &str = "stopped_by_pile";
/// Failed because the pile prepared for the charge, and then no longer.
pub const START_FAILED: &str = "start_failed";

/// Pieces of evidence of one kind that are kept: enough for any story, too few for a pile gone mad to fill a disk.
const EVIDENCE_MAX: usize = 10;

/// Moves an order on; its deadline, where it has one, is in [`Order::deadline`].
pub fn step(order: &mut Order, input: &Input, now: Timestamp, rules: &Rules) -> Vec<Effect> {
    let mut at = Step { order, now, rules };
    match input {
        Input::StartSent => at.start_sent(),
        Input::StartConfirmed => at.start_confirmed(),
        Input::StartRefused { reason } => at.start_refused(reason),
        Input::StartUnanswered { told, detail } => at.start_unanswered(*told, detail),
        Input::ChargingSeen { progress, free } => at.charging_seen(*progress, *free),
        Input::IdleSeen { plugged, progress } => at.idle_seen(*plugged, *progress),
        Input::PreparingSeen => at.preparing_seen(),
        Input::FinishedSeen { progress } => at.finished_seen(*progress),
        Input::FaultSeen => at.fault_seen(),
        Input::OtherNumberSeen { number, known } => at.other_number_seen(*number, *known),
        Input::StopAsked { reason } => at.stop_asked(reason),
        Input::StopConfirmed => at.stop_confirmed(),
        Input::StopRefused { reason } => at.stop_refused(reason),
        Input::StopUnanswered { detail } => at.stop_unanswered(detail),
        Input::Record(record) => at.record(record),
        Input::SecondRecord(record) => at.second_record(record),
        Input::RecordUnreadable { record, reason } => at.record_unreadable(*record, reason),
        Input::Deadline => at.deadline(),
        Input::PileOffline => at.pile_offline(),
        Input::PileOnline => at.pile_online(),
        Input::PileReplaced { detail } => at.pile_replaced(detail),
        Input::Resolved { resolution, by, note } => at.resolved(*resolution, by, note.as_deref()),
    }
}

/// One step: the order that moves, when, and by which rules.
struct Step<'a> {
    order: &'a mut Order,
    now: Timestamp,
    rules: &'a Rules,
}

impl Step<'_> {
    /// Puts the order into a state, with what follows from it alone.
    fn enter(&mut self, state: OrderState) {
        let order = &mut *self.order;
        order.state = state;
        order.open_on = state.holds_connector().then(|| connector_key(order.pile, order.connector));
        order.open_pile = (!state.is_end()).then_some(order.pile);
        order.open_account = order.account.clone().filter(|_| !state.is_end());
        order.deadline = None;
        order.waits_for_plug = false;
        order.idle_reports = 0;
        if state != OrderState::Abnormal {
            order.abnormal_reason = None;
        }
    }

    fn deadline_in(&mut self, seconds: u32) {
        self.order.deadline = Some(self.now.plus_seconds(i64::from(seconds)));
    }

    fn note(&mut self, what: &str, detail: String) {
        let evidence = &mut self.order.evidence;
        let told = evidence.iter().any(|old| old.what == what && old.detail == detail);
        if !told && evidence.iter().filter(|old| old.what == what).count() < EVIDENCE_MAX {
            evidence.push(Evidence { at: self.now, what: what.to_owned(), detail });
        }
    }

    /// The start has failed: nothing is to be paid, and the other half of a parallel charge must not go on alone.
    fn fail(&mut self, reason: &str) -> Vec<Effect> {
        self.order.failure = Some(reason.to_owned());
        self.order.ended_at = Some(self.now);
        self.enter(OrderState::Failed);
        let mut effects = vec![Effect::Release, Effect::Emit(EventType::OrderFailed), Effect::CloseAlarms];
        if self.order.group.is_some() {
            effects.push(Effect::StopGroup);
        }
        effects
    }

    /// The charge has ended; its record is due. Who says so is not away.
    fn end(&mut self, reason: &str) -> Vec<Effect> {
        self.order.end_reason.get_or_insert_with(|| reason.to_owned());
        self.order.ended_at = Some(self.now);
        self.order.away_since = None;
        self.enter(OrderState::AwaitingRecord);
        self.deadline_in(self.order.pace.record_within_s);
        vec![Effect::Emit(EventType::OrderEnded)]
    }

    /// A person has to look at it. Of two reasons the one that no record makes good stays.
    fn abnormal(&mut self, reason: AbnormalReason, detail: String) -> Vec<Effect> {
        self.note(reason.name(), detail);
        let before = self.order.abnormal_reason;
        if before.is_some_and(|before| before == reason || !before.heals_by_record()) {
            return Vec::new();
        }
        self.order.abnormal_reason = Some(reason);
        self.enter(OrderState::Abnormal);
        vec![Effect::Emit(EventType::OrderAbnormal)]
    }

    /// Whether the pile has never been seen charging for it.
    fn never_charged(&self) -> bool {
        self.order.started_at.is_none()
    }

    /// Whether it was the platform that ended it.
    fn was_stopped(&self) -> bool {
        matches!(self.order.end_reason.as_deref(), Some(STOPPED_BY_PLATFORM | PARALLEL_FAILED))
    }
}
