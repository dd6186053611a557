//! Connectors that are kept for somebody, or that begin at a set time.

use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::code::RemoteStartFailure;

use super::{Connector, StartOrder};
use crate::model::action::{Credential, Refusal};
use crate::model::behaviour::StartBehaviour;
use crate::model::context::Context;
use crate::model::tongue::Word;
use crate::model::transaction::TransactionNumber;

/// When a charge is to begin for which a connector is kept, or how long somebody is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::model) struct Appointment {
    /// When the charge begins by itself.
    pub(in crate::model) starts_at: Option<Tick>,
    /// When nobody came for too long.
    pub(in crate::model) until: Option<Tick>,
    /// The time that the platform named, by the pile's clock; milliseconds since 1970 began in UTC.
    pub(in crate::model) named_unix_ms: Option<u64>,
    /// For how many minutes the platform wants it kept.
    pub(in crate::model) hold_minutes: u8,
}

/// What a connector is kept for.
#[derive(Debug)]
pub(super) struct Reservation {
    order: StartOrder,
    appointment: Appointment,
}

impl Reservation {
    pub(super) fn next_at(&self) -> Option<Tick> {
        [self.appointment.starts_at, self.appointment.until].into_iter().flatten().min()
    }

    pub(super) const fn appointment(&self) -> Appointment {
        self.appointment
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
    pub(in crate::model) fn reserve(&mut self, cx: &mut Context<'_>, order: StartOrder, appointment: Appointment) {
        let refusal = match cx.state.behaviour.start {
            StartBehaviour::Silent => return,
            StartBehaviour::Refuses(reason) => Some(reason),
            _ => self.refusal(cx).filter(|reason| *reason != RemoteStartFailure::NotPlugged),
        };
        if refusal.is_some() {
            cx.say(self.number, Word::Answers(&order, refusal));
        } else {
            self.reservation = Some(Reservation { order, appointment });
            cx.say(self.number, Word::Keeps(&order));
        }
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
        let Appointment { starts_at, until, .. } =
            self.reservation.as_ref().map(Reservation::appointment).unwrap_or_default();
        let (starts, ends) = (cx.is_due(starts_at), cx.is_due(until));
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
