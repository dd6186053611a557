//! What the platform answers to people who ask at the pile: 0x32, 0xA2.

use voltapile_protocol::wire::Yuan;
use voltapile_protocol::ykc::code::{Outcome, StartRefusal};
use voltapile_protocol::ykc::field::TransactionNumber;
use voltapile_protocol::ykc::message::{ParallelStartResponse, StartResponse};

use crate::model::clock::Moment;
use crate::model::connector::{Connector, Consent, Start, spendable};
use crate::model::pile::VirtualPile;

impl VirtualPile {
    pub(super) fn on_consent(&mut self, now: Moment, answer: &StartResponse, out: &mut Vec<u8>) {
        let consent =
            consent(answer.auth_result, answer.fail_reason, answer.transaction_number, answer.account_balance);
        let number = self.connector_of(answer.connector_number);
        self.on(number, now, out, |connector, cx| connector.answered(cx, consent));
    }

    /// Both connectors begin once both may; where one is refused, neither does.
    pub(super) fn on_parallel_consent(&mut self, now: Moment, answer: &ParallelStartResponse, out: &mut Vec<u8>) {
        let consent =
            consent(answer.auth_result, answer.fail_reason, answer.transaction_number, answer.account_balance);
        let session_number = answer.parallel_session_number;
        let number = self.connector_of(answer.connector_number);
        self.on(number, now, out, |connector, _| connector.answered_parallel(session_number, consent));
        let takes_part = |connector: &&mut Connector| connector.takes_part_in(session_number);
        if consent.is_err() {
            self.connectors.iter_mut().filter(takes_part).for_each(Connector::lose_partner);
        } else if self.connectors.iter_mut().filter(takes_part).all(|connector| connector.is_granted()) {
            self.each(now, out, |connector, cx| {
                if connector.takes_part_in(session_number) {
                    connector.begin_granted(cx);
                }
            });
        }
    }
}

/// How a charge starts, or why it does not.
fn consent(result: Outcome, reason: StartRefusal, transaction_number: TransactionNumber, balance: Yuan<2>) -> Consent {
    match result {
        Outcome::Succeeded => Ok(Start::granted(transaction_number.into(), spendable(balance))),
        _ => Err(reason),
    }
}
