//! Starts that piles ask for: cards and accounts (204, 203), vehicles (208, 207).

use voltapile_platform::authorization::{StartMethod, StartRefusal};
use voltapile_platform::business::{CardReading, StartDecision, StartRequest};
use voltapile_platform::identity::{ConnectorNumber, PileCode};
use voltapile_protocol::aaf5::code::{AccountAnswer, AuthMethod, Needed, VinRefusal, VinResult};
use voltapile_protocol::aaf5::field::{self, CardNumber};
use voltapile_protocol::aaf5::message::{
    AccountQueryRequest, AccountQueryResponse, Message, VinStartRequest, VinStartResponse,
};
use voltapile_protocol::aaf5::session::platform::ReplyTo;
use voltapile_protocol::wire::{Text, Vin, Yuan};

use voltapile_platform::unit::Balance;

/// Where the 16 digits that the platform keeps of a password's MD5 stand in its 32.
const MD5_MIDDLE: std::ops::Range<usize> = 8..24;

/// What the answer to a start needs.
pub(in crate::gateway) struct Asked {
    reply_to: ReplyTo,
    connector: field::ConnectorNumber,
    by: By,
}

/// By what a user asks.
enum By {
    /// 204.
    Account,
    /// 208.
    Vin(field::PileCode, Vin<0>),
}

impl Asked {
    /// 204.
    pub(super) fn account(reply_to: ReplyTo, request: &AccountQueryRequest) -> Self {
        Self { reply_to, connector: connector_of(request), by: By::Account }
    }

    /// 208.
    pub(super) fn vehicle(reply_to: ReplyTo, request: &VinStartRequest) -> Self {
        Self { reply_to, connector: request.connector_number, by: By::Vin(request.pile_code, request.vin) }
    }

    /// The connector, where a vehicle asks: 210 will not name its charge.
    pub(super) fn vehicle_at(&self) -> Option<ConnectorNumber> {
        matches!(self.by, By::Vin(..)).then_some(ConnectorNumber(self.connector.number()))
    }

    /// The answer, once it is decided.
    pub(super) fn answer(&self, decision: &StartDecision) -> (ReplyTo, Message) {
        let transaction_number = if decision.refusal.is_none() {
            Text::new(decision.transaction_number.as_str()).unwrap_or_default()
        } else {
            Text::default()
        };
        let account_balance = yuan(decision.balance);
        let message = match &self.by {
            By::Account => AccountQueryResponse {
                answer: decision.refusal.map_or(AccountAnswer::Valid, account_refusal),
                account_balance,
                password_needed: Needed::NotNeeded,
                vin_needed: Needed::NotNeeded,
                plate_needed: Needed::NotNeeded,
                transaction_number: Some(transaction_number),
                vin: Some(Vin::default()),
                connector_number: Some(self.connector),
                ..Default::default()
            }
            .into(),
            By::Vin(pile_code, vin) => VinStartResponse {
                pile_code: *pile_code,
                connector_number: self.connector,
                vin: *vin,
                account: account(&decision.logical_card),
                transaction_number,
                result: if decision.refusal.is_none() { VinResult::Accepted } else { VinResult::Refused },
                refusal: decision.refusal.map_or(VinRefusal::None, vin_refusal),
                account_balance,
                // None: whoever stands there stops at the screen as the pile has it.
                stop_password: Text([0xFF; 6]),
                ..Default::default()
            }
            .into(),
        };
        (self.reply_to, message)
    }
}

/// 204 in neutral words.
pub(super) fn by_account(pile: PileCode, request: &AccountQueryRequest) -> StartRequest {
    let password = request.password_md5.filter(|password| !password.is_empty()).map(|password| password.text());
    StartRequest {
        pile,
        connector: ConnectorNumber(connector_of(request).number()),
        method: match request.auth_method {
            None | Some(AuthMethod::Card) => StartMethod::Card,
            Some(AuthMethod::Password) => StartMethod::Account,
            Some(AuthMethod::Unknown(number)) => StartMethod::Other(number),
        },
        identity: request.card_number.text(),
        reading: CardReading::Stored,
        // All 32 digits of it here, the 16 in the middle on the platform.
        password_md5: password.map(|md5| md5.get(MD5_MIDDLE).unwrap_or(&md5).to_ascii_lowercase()),
        vin: None,
        parallel: None,
    }
}

/// 208 in neutral words.
pub(super) fn by_vehicle(pile: PileCode, request: &VinStartRequest) -> StartRequest {
    StartRequest {
        pile,
        connector: ConnectorNumber(request.connector_number.number()),
        method: StartMethod::Vin,
        identity: String::new(),
        reading: CardReading::Stored,
        password_md5: None,
        vin: request.vin.natural(),
        parallel: None,
    }
}

/// The connector of 204; before V2.6 it names none.
fn connector_of(request: &AccountQueryRequest) -> field::ConnectorNumber {
    request.connector_number.unwrap_or_default()
}

/// Money as piles count it; what is owed is nothing to spend.
pub(super) fn yuan(balance: Balance) -> Yuan<2> {
    let fen = balance.steps().clamp(0, i64::from(u32::MAX));
    Yuan::from_raw(u32::try_from(fen).unwrap_or(u32::MAX))
}

/// A number in a field that is filled with FF where there is none.
fn account(number: &str) -> CardNumber {
    if number.is_empty() { Text([0xFF; 32]) } else { Text::new(number).unwrap_or_default() }
}

/// What a card is told. Of what is not its fault it is told that it is "not supported": there is no better word.
const fn account_refusal(refusal: StartRefusal) -> AccountAnswer {
    match refusal {
        StartRefusal::AccountUnknown | StartRefusal::VinUnknown => AccountAnswer::UnknownCard,
        StartRefusal::AccountFrozen | StartRefusal::NotAllowedHere => AccountAnswer::Illegal,
        StartRefusal::BalanceTooLow => AccountAnswer::BalanceTooLow,
        StartRefusal::WrongPassword => AccountAnswer::WrongPassword,
        StartRefusal::CardUnsettled
        | StartRefusal::PileOutOfService
        | StartRefusal::StationCapacity
        | StartRefusal::PileUnsettled
        | StartRefusal::CardsNotSupported => AccountAnswer::NotSupported,
    }
}

const fn vin_refusal(refusal: StartRefusal) -> VinRefusal {
    match refusal {
        StartRefusal::BalanceTooLow => VinRefusal::BalanceTooLow,
        StartRefusal::AccountFrozen => VinRefusal::AccountFrozen,
        StartRefusal::AccountUnknown | StartRefusal::VinUnknown => VinRefusal::VehicleUnknown,
        StartRefusal::NotAllowedHere | StartRefusal::CardsNotSupported => VinRefusal::VinChargingNotAllowed,
        StartRefusal::CardUnsettled
        | StartRefusal::PileOutOfService
        | StartRefusal::WrongPassword
        | StartRefusal::StationCapacity
        | StartRefusal::PileUnsettled => VinRefusal::Other,
    }
}
