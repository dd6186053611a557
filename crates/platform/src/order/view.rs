//! An order as the world sees it: in events and in the API, without what only the business needs to carry on.

use serde::Serialize;
use utoipa::ToSchema;

use super::{AbnormalReason, Evidence, Order, OrderState, Origin, ParallelRole, Progress, Resolution};
use crate::business::actions_of;
use crate::command::StartOptions;
use crate::identity::{AccountId, ConnectorNumber, OperatorId, OrderId, PileCode, StationId, TransactionNumber};
use crate::settlement::Settlement;
use crate::tariff::TariffRef;
use crate::timestamp::Timestamp;
use crate::unit::Balance;

/// Declares the view as a selection of an order's fields, so that none is copied by hand twice.
macro_rules! order_view {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {
        /// An order as the world sees it.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
        pub struct OrderView {
            $($(#[$doc])* pub $field: $type,)*
            /// What a person may do about it now.
            pub actions: Vec<Resolution>,
        }

        impl From<Order> for OrderView {
            fn from(order: Order) -> Self {
                let actions = actions_of(&order);
                let Order { $($field,)* .. } = order;
                Self { $($field,)* actions }
            }
        }
    };
}

order_view! {
    /// Its number.
    id: OrderId,
    /// Whose pile it runs on.
    operator: Option<OperatorId>,
    /// The station of its pile.
    station: Option<StationId>,
    /// Its pile.
    pile: PileCode,
    /// Its connector.
    connector: ConnectorNumber,
    /// Its number on the wire, the same from start to record.
    transaction_number: TransactionNumber,
    /// How it came about.
    origin: Origin,
    /// Who pays; null where nobody known does.
    account: Option<AccountId>,
    /// The card's physical number, where a card began it.
    card: Option<String>,
    /// What was asked for beyond the start; the password is not shown.
    options: StartOptions,
    /// The vehicle, where known.
    vin: Option<String>,
    /// The tariff version it was begun under; null where the pile had none.
    tariff: Option<TariffRef>,
    /// Joins the orders of one parallel charge.
    group: Option<String>,
    /// Its part in a parallel charge.
    parallel: Option<ParallelRole>,
    /// Where it stands.
    state: OrderState,
    /// When something must have happened at the latest.
    deadline: Option<Timestamp>,
    /// Money set aside for it.
    reserved: Balance,
    /// The most it may cost, as the pile was told.
    limit: Option<Balance>,
    /// What was last heard of it while it charged.
    progress: Progress,
    /// Why it ended: who or what stopped it, in a stable word.
    end_reason: Option<String>,
    /// The pile's own code for why it stopped.
    stop_code: Option<u32>,
    /// What that code means, in a stable word, where its protocol has one.
    stop_name: Option<String>,
    /// Why its start failed, in a stable word.
    failure: Option<String>,
    /// Why it needs a person.
    abnormal_reason: Option<AbnormalReason>,
    /// What shows it, oldest first.
    evidence: Vec<Evidence>,
    /// The record it was settled by, or is to be.
    record: Option<i64>,
    /// The bill: the pile's, ours, and what differs.
    settlement: Option<Settlement>,
    /// What was charged in the end.
    charged: Option<Balance>,
    /// Who asked for it.
    created_by: Option<String>,
    /// When it was made.
    created_at: Timestamp,
    /// When it was first seen charging.
    started_at: Option<Timestamp>,
    /// When the charge ended.
    ended_at: Option<Timestamp>,
    /// When it was settled.
    settled_at: Option<Timestamp>,
}
