//! Connectors that are kept for somebody, or that begin at a set time.

use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::code::RemoteStartFailure;

use super::{Connector, StartOrder};
use crate::model::action::{Credential, Refusal};
use crate::model::behaviour::StartBehaviour;
use crate::model::context::Context;
use crate::model::tongue::Word;
use crate::model::transaction::TransactionNumber;

/// What a connector is kept for.
#[derive(Debug)]
pub(super) struct Reservation {
    order: StartOrder,
    /// When the charge begins by itself.
    starts_at: Option<Tick>,
    /// When nobody came for too long.
    until: Option<Tick>,
}

impl Reservation {
    pub(super) fn next_at(&self) -> Option<Tick> {
        [self.starts_at, self.until].into_iter().flatten().min()
    }
}

impl Connector {
    /// The charge that it is kept for.
    pub(in crate::model) fn kept_for(&self) -> Option<TransactionNumber> {
        self.reservation.as_ref().map(|reservation| reservation.order.start.transaction_number)
    }

    /// Whether it is kept for somebody else than whoever asks here.
    pub(super) fn is_kept_from(&self, cx: &Context<'_>, credential: Credential) -> bool {
        self.kept_for().is_some_and(|number| !cx.tongue.is_user(number, credential))
    }

    /// Keeps the connector, or says why it cannot. Nobody has to be there before a charge is to begin.
    pub(in crate::model) fn reserve(
        &mut self,
        cx: &mut Context<'_>,
        order: StartOrder,
        starts_at: Option<Tick>,
        until: Option<Tick>,
    ) {
        let refusal = match cx.state.behaviour.start {
            StartBehaviour::Silent => return,
            StartBehaviour::Refuses(reason) => Some(reason),
            _ => self.refusal(cx).filter(|reason| *reason != RemoteStartFailure::NotPlugged),
        };
        if refusal.is_none() {
            self.reservation = Some(Reservation { order, starts_at, until });
        }
        cx.say(self.number, Word::Answers(&order, refusal));
        self.report(cx);
    }

    /// Nobody is waited for any more; `true` when somebody was.
    pub(in crate::model) fn cancel_reservation(&mut self, cx: &mut Context<'_>) -> bool {
        let was_reserved = self.reservation.take().is_some();
        if was_reserved {
            self.report(cx);
        }
        was_reserved
    }

    /// Begins what was set for now, or gives up waiting.
    pub(super) fn keep_appointments(&mut self, cx: &mut Context<'_>) {
        let starts = cx.is_due(self.reservation.as_ref().and_then(|reservation| reservation.starts_at));
        let ends = cx.is_due(self.reservation.as_ref().and_then(|reservation| reservation.until));
        if !starts && !ends {
            return;
        }
        let Some(reservation) = self.reservation.take() else { return };
        let start = reservation.order.start;
        match self.refusal(cx) {
            None if starts => self.begin(cx, start),
            Some(reason) if starts => {
                cx.say(self.number, Word::CannotBegin(&start, reason));
                self.last_refusal = Some(Refusal::Pile(reason));
                self.report(cx);
            }
            _ => self.report(cx),
        }
    }
}
