//! Starts that piles ask for (0x31, 0xA1) and their answers (0x32, 0xA2).

use voltapile_platform::authorization::{StartMethod, StartRefusal};
use voltapile_platform::business::{CardReading, ParallelRequest, StartDecision, StartRequest};
use voltapile_platform::identity::{ConnectorNumber, PileCode};
use voltapile_platform::order::ParallelRole;
use voltapile_protocol::wire::digits;
use voltapile_protocol::ykc::Profile;
use voltapile_protocol::ykc::code::{self, MainAuxiliary, Outcome, PasswordNeeded};
use voltapile_protocol::ykc::field::{self, LogicalCardNumber, ParallelSessionNumber, TransactionNumber};
use voltapile_protocol::ykc::message::{
    Message, ParallelStartRequest, ParallelStartResponse, StartRequest as WireRequest, StartResponse,
};
use voltapile_protocol::ykc::session::platform::ReplyTo;

use super::downlink::{digits as to_digits, yuan};

/// What the answer to a start needs.
pub(in crate::gateway) struct Asked {
    reply_to: ReplyTo,
    pile_code: field::PileCode,
    connector_number: field::ConnectorNumber,
    parallel: Option<ParallelSessionNumber>,
}

impl Asked {
    /// A start of one connector.
    pub(super) const fn single(reply_to: ReplyTo, request: &WireRequest) -> Self {
        let (pile_code, connector_number) = (request.pile_code, request.connector_number);
        Self { reply_to, pile_code, connector_number, parallel: None }
    }

    /// A start of a connector of several.
    pub(super) const fn parallel(reply_to: ReplyTo, request: &ParallelStartRequest) -> Self {
        let (pile_code, connector_number) = (request.pile_code, request.connector_number);
        Self { reply_to, pile_code, connector_number, parallel: Some(request.parallel_session_number) }
    }

    /// The answer, once it is decided.
    pub(super) fn answer(&self, decision: &StartDecision) -> (ReplyTo, Message) {
        (self.reply_to, self.message(decision))
    }

    fn message(&self, decision: &StartDecision) -> Message {
        let transaction_number = TransactionNumber(decision.transaction_number.to_bcd().unwrap_or_default());
        let logical_card_number = LogicalCardNumber(to_digits(&decision.logical_card).unwrap_or_default());
        let (pile_code, connector_number) = (self.pile_code, self.connector_number);
        let account_balance = yuan(decision.balance);
        let auth_result = if decision.refusal.is_none() { Outcome::Succeeded } else { Outcome::Failed };
        let fail_reason = decision.refusal.map_or(code::StartRefusal::None, refusal);
        match self.parallel {
            None => StartResponse {
                transaction_number,
                pile_code,
                connector_number,
                logical_card_number,
                account_balance,
                auth_result,
                fail_reason,
                ..Default::default()
            }
            .into(),
            Some(parallel_session_number) => ParallelStartResponse {
                transaction_number,
                pile_code,
                connector_number,
                logical_card_number,
                account_balance,
                auth_result,
                fail_reason,
                parallel_session_number,
                ..Default::default()
            }
            .into(),
        }
    }
}

/// The two requests have the same fields, but for what joins the connectors.
macro_rules! neutral_request {
    ($profile:ident, $pile:ident, $request:ident, $parallel:expr) => {
        StartRequest {
            pile: $pile,
            connector: ConnectorNumber($profile.connector($request.connector_number)),
            method: method($request.start_method),
            identity: digits(&$request.account_or_physical_card_number.0),
            reading: CardReading::Chip,
            password_md5: ($request.password_needed == PasswordNeeded::Needed).then(|| $request.password_md5.text()),
            vin: $request.vin.natural(),
            parallel: $parallel,
        }
    };
}

/// 0x31 in neutral words.
pub(super) fn single(profile: &Profile, pile: PileCode, request: &WireRequest) -> StartRequest {
    neutral_request!(profile, pile, request, None)
}

/// 0xA1 in neutral words.
pub(super) fn parallel(profile: &Profile, pile: PileCode, request: &ParallelStartRequest) -> StartRequest {
    let joined = ParallelRequest {
        session: request.parallel_session_number.to_string(),
        role: match request.main_auxiliary {
            MainAuxiliary::Main => ParallelRole::Main,
            MainAuxiliary::Auxiliary | MainAuxiliary::Unknown(_) => ParallelRole::Auxiliary,
        },
    };
    neutral_request!(profile, pile, request, Some(joined))
}

const fn method(method: code::StartMethod) -> StartMethod {
    match method {
        code::StartMethod::Card => StartMethod::Card,
        code::StartMethod::Account => StartMethod::Account,
        code::StartMethod::Vin => StartMethod::Vin,
        code::StartMethod::Unknown(number) => StartMethod::Other(number),
    }
}

const fn refusal(refusal: StartRefusal) -> code::StartRefusal {
    match refusal {
        StartRefusal::AccountUnknown => code::StartRefusal::AccountUnknown,
        StartRefusal::AccountFrozen => code::StartRefusal::AccountFrozen,
        StartRefusal::BalanceTooLow => code::StartRefusal::BalanceTooLow,
        StartRefusal::CardUnsettled => code::StartRefusal::CardUnsettled,
        StartRefusal::PileOutOfService => code::StartRefusal::PileOutOfService,
        StartRefusal::NotAllowedHere => code::StartRefusal::NotAllowedHere,
        StartRefusal::WrongPassword => code::StartRefusal::WrongPassword,
        StartRefusal::StationCapacity => code::StartRefusal::StationCapacity,
        StartRefusal::VinUnknown => code::StartRefusal::VinUnknown,
        StartRefusal::PileUnsettled => code::StartRefusal::PileUnsettled,
        StartRefusal::CardsNotSupported => code::StartRefusal::CardsNotSupported,
    }
}
