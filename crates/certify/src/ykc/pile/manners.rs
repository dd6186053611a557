//! What the platform of the exam answers to what comes by itself.

use voltapile_protocol::wire::Yuan;
use voltapile_protocol::ykc::code::{ConfirmResult, LoginResult, Outcome, StartRefusal, VerifyResult};
use voltapile_protocol::ykc::field::TariffId;
use voltapile_protocol::ykc::message::{
    HeartbeatResponse, LoginResponse, Message, StartResponse, TariffVerifyResponse, TransactionRecordConfirm,
};

use super::request::{Clerk, first_tariff};
use crate::exam::pile::script::Manners;

/// The balance of whoever swipes a card: 100 yuan.
const CARD_BALANCE_FEN: u32 = 10_000;

/// The tariff of the exam as the pile has to know it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Given {
    /// The number given last.
    pub(super) number: Option<TariffId>,
    /// Whether a 0x05 was left unanswered, as far as that is wanted.
    pub(super) forgot_verify: bool,
    /// The same of a 0x09.
    pub(super) forgot_request: bool,
}

/// The answers to a message of a pile, which are all due at once; none where none is due.
pub(super) fn answers(
    message: &Message,
    manners: Manners,
    given: &mut Given,
    clerk: &mut Clerk,
    unix_ms: u64,
) -> Vec<Message> {
    let answer: Message = match message {
        Message::LoginRequest(login) => {
            let login_result = if manners.refuses_logins { LoginResult::Refused } else { LoginResult::Accepted };
            LoginResponse { pile_code: login.pile_code, login_result, ..Default::default() }.into()
        }
        Message::HeartbeatRequest(_) if manners.ignores_heartbeats => return Vec::new(),
        Message::HeartbeatRequest(heartbeat) => {
            let (pile_code, connector_number) = (heartbeat.pile_code, heartbeat.connector_number);
            HeartbeatResponse { pile_code, connector_number, ..Default::default() }.into()
        }
        Message::TariffVerifyRequest(request) => {
            if manners.forgets_tariff_once && !std::mem::replace(&mut given.forgot_verify, true) {
                return Vec::new();
            }
            let is_same = given.number == Some(request.tariff_id);
            let verify_result = if is_same { VerifyResult::Same } else { VerifyResult::Differs };
            let (pile_code, tariff_id) = (request.pile_code, request.tariff_id);
            TariffVerifyResponse { pile_code, tariff_id, verify_result, ..Default::default() }.into()
        }
        Message::TariffRequest(request) => {
            if manners.forgets_tariff_once && !std::mem::replace(&mut given.forgot_request, true) {
                return Vec::new();
            }
            let tariff = first_tariff();
            given.number = Some(tariff.id);
            tariff.to_response(request.pile_code).into()
        }
        Message::StartRequest(request) => {
            let connector = request.connector_number;
            let (auth_result, fail_reason) = if manners.allows_cards {
                (Outcome::Succeeded, StartRefusal::None)
            } else {
                (Outcome::Failed, StartRefusal::BalanceTooLow)
            };
            StartResponse {
                transaction_number: clerk.number(connector.number(), unix_ms),
                pile_code: request.pile_code,
                connector_number: connector,
                account_balance: Yuan::from_raw(CARD_BALANCE_FEN),
                auth_result,
                fail_reason,
                ..Default::default()
            }
            .into()
        }
        Message::TransactionRecord(_) if manners.withholds_confirms => return Vec::new(),
        Message::TransactionRecord(record) => {
            let (transaction_number, confirm_result) = (record.transaction_number, ConfirmResult::Uploaded);
            let confirm: Message =
                TransactionRecordConfirm { transaction_number, confirm_result, ..Default::default() }.into();
            if manners.confirms_twice {
                return vec![confirm.clone(), confirm];
            }
            confirm
        }
        _ => return Vec::new(),
    };
    vec![answer]
}
