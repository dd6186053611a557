//! What people do about abnormal orders.

use super::{Business, BusinessError, Refusal};
use crate::identity::OrderId;
use crate::order::machine::{Input, amount_by};
use crate::order::{Order, OrderState, Resolution};
use crate::settlement::Verdict;

/// What a person may do about an order now: nothing, unless it is abnormal. By our bill it can be settled where there
/// is one; by the pile's word where there is a record, or at least a last report; asked again is only who has sent no
/// record that could be read.
#[must_use]
pub fn actions_of(order: &Order) -> Vec<Resolution> {
    if order.state != OrderState::Abnormal {
        return Vec::new();
    }
    let bill = order.settlement.as_ref();
    let may = |resolution: &Resolution| match resolution {
        Resolution::SettleByOurs => bill.is_some_and(|bill| amount_by(bill, Verdict::Ours).is_some()),
        Resolution::SettleByPile => bill.is_some() || order.progress.at.is_some(),
        Resolution::WriteOff => true,
        Resolution::AskAgain => bill.is_none(),
    };
    Resolution::ALL.into_iter().filter(may).collect()
}

impl Business<'_> {
    /// Settles an abnormal order by a person's decision, or asks its pile once more.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without the order; [`Refusal::Conflict`] when it is not abnormal (`order_not_abnormal`) or
    /// this can't be done about it (`action_not_possible`): see [`actions_of`].
    pub fn resolve_order(
        &mut self,
        order: OrderId,
        resolution: Resolution,
        by: &str,
        note: Option<String>,
    ) -> Result<Order, BusinessError> {
        let known: Option<Order> = self.books.get(&order)?;
        let order = known.ok_or_else(|| Refusal::NotFound { what: "order", key: order.to_string() })?;
        if order.state != OrderState::Abnormal {
            let detail = format!("there is nothing to decide: the order is {}", order.state.name());
            return Err(Refusal::Conflict { reason: "order_not_abnormal", detail }.into());
        }
        let actions = actions_of(&order);
        if !actions.contains(&resolution) {
            let names: Vec<&str> = actions.iter().map(|action| action.name()).collect();
            let detail = format!("{} is not possible here: take one of {}", resolution.name(), names.join(", "));
            return Err(Refusal::Conflict { reason: "action_not_possible", detail }.into());
        }
        let order = self.drive(order, &Input::Resolved { resolution, by: by.to_owned(), note })?;
        if order.state == OrderState::AwaitingRecord && !self.presence.is_online(order.pile) {
            // It answers when it is back.
            return self.drive(order, &Input::PileOffline);
        }
        Ok(order)
    }
}
