//! What the platform of the exam answers to what comes by itself.

use voltapile_protocol::aaf5::code::*;
use voltapile_protocol::aaf5::message::*;
use voltapile_protocol::wire::Yuan;

use super::request::Clerk;
use crate::exam::pile::script::Manners;

/// The balance of whoever asks: 100 yuan.
const BALANCE_FEN: u32 = 10_000;

/// The answer to a message of the pile; `None` where none is due.
pub(super) fn answer(message: &Message, manners: Manners, clerk: &mut Clerk, unix_ms: u64) -> Option<Message> {
    Some(match message {
        Message::SignInRequest(_) if manners.ignores_logins => return None,
        Message::SignInRequest(request) => SignInResponse {
            random: request.random.or(Some(0)),
            login_check: Some(LoginCheck::NotNeeded),
            encryption: Some(EncryptionFlag::Plain),
            rsa_modulus: Some(Default::default()),
            rsa_exponent: Some(0),
            service: Some(Service::Normal),
            platform_time: Some(clerk.clock(unix_ms)),
            fine_energy: Some(FineEnergy::Supported),
            aes_key: Some(Default::default()),
            ..Default::default()
        }
        .into(),
        Message::HeartbeatRequest(_) | Message::StatusReport(_) if manners.ignores_heartbeats => return None,
        Message::HeartbeatRequest(beat) => HeartbeatResponse { counter: beat.counter, ..Default::default() }.into(),
        Message::StatusReport(status) => StatusResponse {
            connector_number: status.connector_number,
            report_now: Some(ReportNow::No),
            ..Default::default()
        }
        .into(),
        Message::AlarmReport(_) => AlarmResponse::default().into(),
        Message::StartCompleteReport(_) => StartCompleteResponse::default().into(),
        Message::BmsReport(_) => BmsConfirm::default().into(),
        Message::VinStartResult(result) => VinStartResultConfirm {
            pile_code: result.pile_code,
            connector_number: result.connector_number,
            ..Default::default()
        }
        .into(),
        Message::AccountQueryRequest(_)
            if manners.forgets_card_once && !std::mem::replace(&mut clerk.forgot_card, true) =>
        {
            return None;
        }
        Message::AccountQueryRequest(query) => {
            let answer = if manners.allows_cards { AccountAnswer::Valid } else { AccountAnswer::BalanceTooLow };
            let number = if manners.allows_cards { clerk.number(unix_ms) } else { Default::default() };
            AccountQueryResponse {
                answer,
                account_balance: Yuan::from_raw(BALANCE_FEN),
                transaction_number: Some(number),
                vin: Some(Default::default()),
                connector_number: query.connector_number.or_else(|| Some(Default::default())),
                ..Default::default()
            }
            .into()
        }
        Message::VinStartRequest(query) => {
            let (result, refusal) = if manners.allows_cards {
                (VinResult::Accepted, VinRefusal::None)
            } else {
                (VinResult::Refused, VinRefusal::BalanceTooLow)
            };
            VinStartResponse {
                pile_code: query.pile_code,
                connector_number: query.connector_number,
                vin: query.vin,
                transaction_number: clerk.number(unix_ms),
                result,
                refusal,
                account_balance: Yuan::from_raw(BALANCE_FEN),
                ..Default::default()
            }
            .into()
        }
        Message::ChargeRecord(_) | Message::FineChargeRecord(_) if manners.withholds_confirms => return None,
        Message::ChargeRecord(record) => {
            let index = record.record_index.wrapping_add(if manners.confirms_another { 1_000 } else { 0 });
            RecordConfirm {
                connector_number: record.connector_number,
                card_number: record.card_number,
                record_index: Some(index),
                amounts_valid: Some(AmountsValid::Invalid),
                full_amount: Some(Yuan::from_raw(0)),
                discount: Some(Yuan::from_raw(0)),
                charged_amount: Some(Yuan::from_raw(0)),
                account_balance: Some(Yuan::from_raw(0)),
                electricity_amount: Some(Yuan::from_raw(0)),
                service_amount: Some(Yuan::from_raw(0)),
                ..Default::default()
            }
            .into()
        }
        Message::FineChargeRecord(record) => {
            let index = record.record_index.wrapping_add(if manners.confirms_another { 1_000 } else { 0 });
            FineRecordConfirm {
                connector_number: record.connector_number,
                card_number: record.card_number,
                record_index: Some(index),
                amounts_valid: Some(AmountsValid::Invalid),
                full_amount: Some(Yuan::from_raw(0)),
                discount: Some(Yuan::from_raw(0)),
                charged_amount: Some(Yuan::from_raw(0)),
                account_balance: Some(Yuan::from_raw(0)),
                electricity_amount: Some(Yuan::from_raw(0)),
                service_amount: Some(Yuan::from_raw(0)),
                ..Default::default()
            }
            .into()
        }
        _ => return None,
    })
}
