//! Neutral facts that the platform tells the world, each written in the same commit as the state it tells of.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::identity::{OperatorId, PileCode};
use crate::timestamp::Timestamp;

/// Declares the types of events with the names they have outside.
macro_rules! event_types {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// What an event tells of. The name never changes; `voltapile.` stands before it outside.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum EventType {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl EventType {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name, without `voltapile.`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

event_types! {
    /// A pile was registered or enrolled.
    PileRegistered "pile.registered",
    /// What is known of a pile was changed.
    PileChanged "pile.changed",
    /// A pile was taken out of the register.
    PileRemoved "pile.removed",
    /// A pile logged in.
    PileOnline "pile.online",
    /// A pile's connection ended or it fell silent.
    PileOffline "pile.offline",
    /// A pile runs another tariff than before.
    PileTariffChanged "pile.tariff_changed",
    /// A connector's state changed.
    ConnectorChanged "connector.changed",
    /// A start at a pile was refused.
    StartRefused "start.refused",
    /// An order was made.
    OrderCreated "order.created",
    /// An order's charge has begun.
    OrderCharging "order.charging",
    /// An order was asked to stop.
    OrderStopping "order.stopping",
    /// An order's charge has ended; its record is awaited.
    OrderEnded "order.ended",
    /// An order is settled.
    OrderSettled "order.settled",
    /// An order's start failed.
    OrderFailed "order.failed",
    /// An order needs a person.
    OrderAbnormal "order.abnormal",
    /// A transaction record was judged.
    RecordJudged "record.judged",
    /// A command ended, one way or another.
    CommandEnded "command.ended",
    /// An account's money changed.
    AccountChanged "account.changed",
    /// Something is wrong.
    AlarmOpened "alarm.opened",
    /// It is no longer.
    AlarmClosed "alarm.closed",
    /// A parking lock moved.
    ParkingLockChanged "parking_lock.changed",
    /// A pile read a vehicle's number.
    VehicleReported "vehicle.reported",
}

/// An event on its way into the books; the store gives it its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What it tells of.
    pub event_type: EventType,
    /// When it happened, by the platform's clock.
    pub at: Timestamp,
    /// The pile it concerns; its events are numbered without gaps.
    pub pile: Option<PileCode>,
    /// Whose it is; `None` for what belongs to no operator.
    pub operator: Option<OperatorId>,
    /// What it is about, as a path below `/api/v1`: `orders/42`.
    pub subject: String,
    /// The state it tells of.
    pub data: Value,
}

impl Event {
    /// An event that carries the state of something.
    #[must_use]
    pub fn new(event_type: EventType, at: Timestamp, subject: String, data: &impl Serialize) -> Self {
        let data = serde_json::to_value(data).unwrap_or_default();
        Self { event_type, at, pile: None, operator: None, subject, data }
    }

    /// The same, of a pile.
    #[must_use]
    pub fn of_pile(self, pile: PileCode) -> Self {
        Self { pile: Some(pile), ..self }
    }

    /// The same, seen by an operator.
    #[must_use]
    pub fn of_operator(self, operator: Option<OperatorId>) -> Self {
        Self { operator, ..self }
    }
}
