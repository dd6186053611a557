//! Orders (充电订单): one charge from the authorization to the settled record.
//!
//! What an order is stands here, how it moves from state to state in [`machine`], how it is numbered in [`number`].

pub mod machine;
pub mod number;
mod reservation;
pub mod state;
mod view;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::book::{Document, Kind};
use crate::command::StartOptions;
use crate::identity::{AccountId, ConnectorNumber, OperatorId, OrderId, PileCode, StationId, TransactionNumber};
use crate::pace::Pace;
use crate::settlement::Settlement;
use crate::tariff::TariffRef;
use crate::timestamp::Timestamp;
use crate::unit::{Amount, Balance, Energy};

pub use state::OrderState;
pub use view::OrderView;

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// Whose pile it runs on.
    pub operator: Option<OperatorId>,
    /// The station of its pile.
    pub station: Option<StationId>,
    /// Its pile.
    pub pile: PileCode,
    /// Its connector.
    pub connector: ConnectorNumber,
    /// Its number on the wire, the same from start to record.
    pub transaction_number: TransactionNumber,
    /// How it came about.
    pub origin: Origin,
    /// Who pays; `None` where nobody known does.
    pub account: Option<AccountId>,
    /// The card's physical number, where a card began it.
    pub card: Option<String>,
    /// How the pile itself named the card, where that is not its physical number.
    #[serde(default)]
    pub card_word: Option<String>,
    /// The vehicle, where known.
    pub vin: Option<String>,
    /// The tariff version it was begun under; `None` where the pile had none.
    pub tariff: Option<TariffRef>,
    /// Joins the orders of one parallel charge: the session number, pile and moment.
    pub group: Option<String>,
    /// Its part in a parallel charge.
    pub parallel: Option<ParallelRole>,
    /// Where it stands.
    pub state: OrderState,
    /// `pile/connector` while the connector is busy with it, so that there is one such order per connector.
    pub open_on: Option<String>,
    /// The pile's code until the order is at its end.
    pub open_pile: Option<PileCode>,
    /// The account until the order is at its end.
    #[serde(default)]
    pub open_account: Option<AccountId>,
    /// Since when its pile is away, as far as nothing was heard of the connector since.
    #[serde(default)]
    pub away_since: Option<Timestamp>,
    /// Whether the pile said that it takes the start; a pile that asked for it itself has.
    #[serde(default)]
    pub confirmed: bool,
    /// When something must have happened at the latest.
    pub deadline: Option<Timestamp>,
    /// How fast its pile does things.
    #[serde(default)]
    #[schema(ignore)]
    pub pace: Pace,
    /// What was asked for beyond the start; the password is not kept.
    #[serde(default)]
    pub options: StartOptions,
    /// When the connector was first seen preparing for it.
    #[serde(default)]
    pub preparing_since: Option<Timestamp>,
    /// Whether the pile waits for the car to be plugged in, after having refused for that reason.
    pub waits_for_plug: bool,
    /// Reports of an idle connector in a row while it should charge.
    pub idle_reports: u8,
    /// Money set aside for it.
    pub reserved: Balance,
    /// The most it may cost, as the pile was told.
    pub limit: Option<Balance>,
    /// The most it may cost when the account has that much: what a top-up can raise the limit to.
    #[serde(default)]
    pub cap: Option<Balance>,
    /// What was last heard of it while it charged.
    pub progress: Progress,
    /// Why it ended: who or what stopped it, in a stable word.
    pub end_reason: Option<String>,
    /// The pile's own code for why it stopped.
    pub stop_code: Option<u32>,
    /// What that code means, in a stable word, where its protocol has one.
    #[serde(default)]
    pub stop_name: Option<String>,
    /// Why its start failed, in a stable word.
    pub failure: Option<String>,
    /// Why it needs a person, while it does.
    pub abnormal_reason: Option<AbnormalReason>,
    /// What shows it, oldest first.
    pub evidence: Vec<Evidence>,
    /// The record it was settled by, or is to be.
    pub record: Option<i64>,
    /// The bill: the pile's, ours, and what differs.
    pub settlement: Option<Settlement>,
    /// What was charged in the end.
    pub charged: Option<Balance>,
    /// Who asked for it.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was first seen charging.
    pub started_at: Option<Timestamp>,
    /// When the charge ended.
    pub ended_at: Option<Timestamp>,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
}

/// Where an order runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whose pile.
    pub operator: Option<OperatorId>,
    /// The pile's station.
    pub station: Option<StationId>,
    /// The pile.
    pub pile: PileCode,
    /// The connector.
    pub connector: ConnectorNumber,
}

impl Order {
    /// A new order, of which the pile knows nothing and for which nothing is set aside.
    #[must_use]
    pub fn new(id: OrderId, place: Place, number: TransactionNumber, origin: Origin, now: Timestamp) -> Self {
        let open_on = connector_key(place.pile, place.connector);
        Self {
            id,
            operator: place.operator,
            station: place.station,
            pile: place.pile,
            connector: place.connector,
            transaction_number: number,
            origin,
            account: None,
            card: None,
            vin: None,
            tariff: None,
            group: None,
            parallel: None,
            state: OrderState::Created,
            open_on: Some(open_on),
            open_pile: Some(place.pile),
            open_account: None,
            away_since: None,
            confirmed: false,
            deadline: None,
            waits_for_plug: false,
            idle_reports: 0,
            reserved: Balance::ZERO,
            limit: None,
            cap: None,
            progress: Progress::default(),
            end_reason: None,
            stop_code: None,
            stop_name: None,
            pace: Pace::default(),
            options: StartOptions::default(),
            preparing_since: None,
            card_word: None,
            failure: None,
            abnormal_reason: None,
            evidence: Vec::new(),
            record: None,
            settlement: None,
            charged: None,
            created_by: None,
            created_at: now,
            started_at: None,
            ended_at: None,
            settled_at: None,
        }
    }
}

/// How [`Order::open_on`] names a connector.
#[must_use]
pub fn connector_key(pile: PileCode, connector: ConnectorNumber) -> String {
    format!("{pile}/{connector}")
}

impl Document for Order {
    const KIND: Kind = Kind::Order;
    type Id = OrderId;
    fn id(&self) -> OrderId {
        self.id
    }
}

/// How an order came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// From an app or another program, through the API.
    Remote,
    /// A card at the pile.
    Card,
    /// An account typed in at the pile.
    Account,
    /// A vehicle plugged in.
    Vin,
    /// A card while the pile was offline; known from its record.
    OfflineCard,
    /// A record that no order was known for.
    Record,
}

/// A connector's part in a parallel charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParallelRole {
    /// The one that leads.
    Main,
    /// The other one.
    Auxiliary,
}

/// What was last heard of a running charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// When; `None` before the first word.
    pub at: Option<Timestamp>,
    /// Energy delivered.
    pub energy: Energy,
    /// Energy to be billed.
    pub energy_with_loss: Energy,
    /// Money owed by the pile's word.
    pub amount: Amount,
    /// State of charge in %.
    pub soc: u8,
    /// Minutes charged.
    pub minutes: u16,
}

/// Something that shows why an order is abnormal, or what was done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// When it was noted.
    pub at: Timestamp,
    /// What it is, in a stable word.
    pub what: String,
    /// What was seen, for people.
    pub detail: String,
}

/// Why an order needs a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AbnormalReason {
    /// Two reports of an idle connector while it should charge (V1.6 §13.3 rule 4).
    IdleWhileCharging,
    /// No record within 30 s of the end (rule 7).
    RecordOverdue,
    /// The pile's bill differs from ours by more than the policy allows.
    BillDiffers,
    /// A second record under the same number says something else.
    RecordDiffers,
    /// A record with energy for a start that had failed.
    ChargedAfterFailure,
    /// The connector charges under another number (rule 6).
    NumberChanged,
    /// Another order runs on the connector.
    Overlapping,
    /// The pile has not been heard of for days.
    PileGone,
    /// Another device logged in under the pile's code.
    PileReplaced,
    /// A record that nobody known pays for.
    PayerUnknown,
    /// A record whose tariff is not known, so that it can't be checked.
    TariffUnknown,
    /// A record that names no charge, and several orders can be meant by it, or one for which not everything speaks.
    OrderUnclear,
    /// The record's body could not be read.
    RecordUnreadable,
    /// The pile does not stop.
    StopFailed,
}

impl AbnormalReason {
    /// Every reason.
    pub const ALL: [Self; 14] = [
        Self::IdleWhileCharging,
        Self::RecordOverdue,
        Self::BillDiffers,
        Self::RecordDiffers,
        Self::ChargedAfterFailure,
        Self::NumberChanged,
        Self::Overlapping,
        Self::PileGone,
        Self::PileReplaced,
        Self::PayerUnknown,
        Self::TariffUnknown,
        Self::OrderUnclear,
        Self::RecordUnreadable,
        Self::StopFailed,
    ];

    /// Its name, the same as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdleWhileCharging => "idle_while_charging",
            Self::RecordOverdue => "record_overdue",
            Self::BillDiffers => "bill_differs",
            Self::RecordDiffers => "record_differs",
            Self::ChargedAfterFailure => "charged_after_failure",
            Self::NumberChanged => "number_changed",
            Self::Overlapping => "overlapping",
            Self::PileGone => "pile_gone",
            Self::PileReplaced => "pile_replaced",
            Self::PayerUnknown => "payer_unknown",
            Self::TariffUnknown => "tariff_unknown",
            Self::OrderUnclear => "order_unclear",
            Self::RecordUnreadable => "record_unreadable",
            Self::StopFailed => "stop_failed",
        }
    }

    /// Whether a clean record leaves nothing for a person to decide: only the record was missing, or the word of a pile
    /// that a record makes good.
    #[must_use]
    pub const fn heals_by_record(self) -> bool {
        matches!(
            self,
            Self::IdleWhileCharging | Self::RecordOverdue | Self::PileGone | Self::RecordUnreadable | Self::StopFailed
        )
    }
}

/// What a person may do about an abnormal order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Charge what our tariff makes of the energy.
    SettleByOurs,
    /// Charge what the pile says.
    SettleByPile,
    /// Charge nothing.
    WriteOff,
    /// Ask the pile for its state and wait for the record once more.
    AskAgain,
}

impl Resolution {
    /// Every resolution.
    pub const ALL: [Self; 4] = [Self::SettleByOurs, Self::SettleByPile, Self::WriteOff, Self::AskAgain];

    /// Its name, the same as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SettleByOurs => "settle_by_ours",
            Self::SettleByPile => "settle_by_pile",
            Self::WriteOff => "write_off",
            Self::AskAgain => "ask_again",
        }
    }
}
