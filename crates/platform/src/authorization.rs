//! Who may charge: one decision over what is known, for every way to start, with a reason for each refusal.
//!
//! The reasons are those of V1.6's 0x32, in neutral words. Where several fit, the first of this order is given: the
//! pile can't serve anybody; the payer is not who he says; the payer may not charge; the place is taken; the money does
//! not do. Somebody who is not known learns nothing of accounts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::unit::Balance;

/// How a start is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartMethod {
    /// Through the API.
    Remote,
    /// With a card.
    Card,
    /// With an account, with or without a password.
    Account,
    /// With the vehicle's identification number.
    Vin,
    /// In a way that this platform has no name for.
    Other(u8),
}

/// Why a start is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartRefusal {
    /// No such card or account.
    AccountUnknown,
    /// The account, the card or the vehicle was locked.
    AccountFrozen,
    /// The account can't spend the least that a charge takes.
    BalanceTooLow,
    /// The card or vehicle has a charge that is not settled, or the account one that a person has to settle.
    CardUnsettled,
    /// The pile is not registered, disabled, told not to work, or without a tariff to bill by.
    PileOutOfService,
    /// The account is another operator's, or not for this station.
    NotAllowedHere,
    /// The password is wrong, missing, or not taken at piles at all.
    WrongPassword,
    /// The station's connection carries no more charges.
    StationCapacity,
    /// No such vehicle.
    VinUnknown,
    /// The connector has a charge that runs or whose record is due.
    PileUnsettled,
    /// This platform does not know that way to start.
    CardsNotSupported,
}

impl StartRefusal {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::AccountUnknown,
        Self::AccountFrozen,
        Self::BalanceTooLow,
        Self::CardUnsettled,
        Self::PileOutOfService,
        Self::NotAllowedHere,
        Self::WrongPassword,
        Self::StationCapacity,
        Self::VinUnknown,
        Self::PileUnsettled,
        Self::CardsNotSupported,
    ];

    /// A name that never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountUnknown => "account_unknown",
            Self::AccountFrozen => "account_frozen",
            Self::BalanceTooLow => "balance_too_low",
            Self::CardUnsettled => "card_unsettled",
            Self::PileOutOfService => "pile_out_of_service",
            Self::NotAllowedHere => "not_allowed_here",
            Self::WrongPassword => "wrong_password",
            Self::StationCapacity => "station_capacity",
            Self::VinUnknown => "vin_unknown",
            Self::PileUnsettled => "pile_unsettled",
            Self::CardsNotSupported => "cards_not_supported",
        }
    }
}

/// What is known of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartFacts {
    /// How it is asked for.
    pub method: StartMethod,
    /// Whether the pile is registered, enabled and may work.
    pub pile_in_service: bool,
    /// Whether there is a tariff to bill it by.
    pub has_tariff: bool,
    /// Whether an order holds the connector or waits for its record.
    pub connector_unsettled: bool,
    /// Whether as many charges run at the station as its connection carries.
    pub station_full: bool,
    /// Who pays.
    pub payer: Payer,
}

/// Who pays for a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payer {
    /// Nobody that this platform knows.
    Unknown,
    /// Somebody that whoever asks through the API knows.
    Elsewhere,
    /// An account.
    Account(AccountFacts),
}

/// What is known of the account that is to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountFacts {
    /// Whether the account, or the card or vehicle that names it, is locked.
    pub frozen: bool,
    /// Whether it may charge at this station.
    pub allowed_here: bool,
    /// What became of its password.
    pub password: Password,
    /// Whether the card or vehicle has an open order elsewhere, or the account an abnormal one.
    pub unsettled: bool,
    /// What it can spend.
    pub available: Balance,
    /// What it must be able to spend.
    pub minimum: Balance,
}

/// What became of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Password {
    /// None was asked for.
    NotNeeded,
    /// It is right.
    Right,
    /// It is wrong, missing, or may not be used.
    Wrong,
}

/// Decides whether a charge may start.
///
/// A charge that an account of this platform pays for needs a tariff: without one nobody could say what it costs. One
/// that is paid for elsewhere does not.
///
/// # Errors
/// The reason why not.
pub fn decide_start(facts: &StartFacts) -> Result<(), StartRefusal> {
    let refuse = |no: bool, why: StartRefusal| if no { Err(why) } else { Ok(()) };
    refuse(matches!(facts.method, StartMethod::Other(_)), StartRefusal::CardsNotSupported)?;
    refuse(!facts.pile_in_service, StartRefusal::PileOutOfService)?;
    match facts.payer {
        Payer::Unknown if facts.method == StartMethod::Vin => Err(StartRefusal::VinUnknown)?,
        Payer::Unknown => Err(StartRefusal::AccountUnknown)?,
        Payer::Elsewhere => {}
        Payer::Account(account) => {
            refuse(account.password == Password::Wrong, StartRefusal::WrongPassword)?;
            refuse(account.frozen, StartRefusal::AccountFrozen)?;
            refuse(!account.allowed_here, StartRefusal::NotAllowedHere)?;
            refuse(!facts.has_tariff, StartRefusal::PileOutOfService)?;
            refuse(account.unsettled, StartRefusal::CardUnsettled)?;
        }
    }
    refuse(facts.connector_unsettled, StartRefusal::PileUnsettled)?;
    refuse(facts.station_full, StartRefusal::StationCapacity)?;
    match facts.payer {
        Payer::Account(account) => refuse(account.available < account.minimum, StartRefusal::BalanceTooLow),
        Payer::Unknown | Payer::Elsewhere => Ok(()),
    }
}

/// Compares what was typed in at a pile with what is kept: 16 hex digits of either case. What is missing on either side
/// is wrong.
#[must_use]
pub fn password_matches(kept: Option<&str>, typed: Option<&str>) -> bool {
    match (kept, typed) {
        (Some(kept), Some(typed)) => !kept.is_empty() && kept.eq_ignore_ascii_case(typed.trim()),
        _ => false,
    }
}

/// A vehicle's number in both orders that piles send it in (OQ-12), the natural one first; none where there is none:
/// zeros, blanks or 0xFF in its place.
#[must_use]
pub fn vin_candidates(raw: &str) -> Vec<String> {
    let vin = raw.trim_matches(|char: char| char == '\0' || char.is_whitespace()).to_ascii_uppercase();
    let blank = vin.chars().all(|char| char == '0') || !vin.chars().all(|char| char.is_ascii_alphanumeric());
    if blank {
        return Vec::new();
    }
    let reversed: String = vin.chars().rev().collect();
    if reversed == vin { vec![vin] } else { vec![vin, reversed] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> (StartFacts, AccountFacts) {
        let account = AccountFacts {
            frozen: false,
            allowed_here: true,
            password: Password::NotNeeded,
            unsettled: false,
            available: Balance::from_steps(500),
            minimum: Balance::from_steps(500),
        };
        let facts = StartFacts {
            method: StartMethod::Card,
            pile_in_service: true,
            has_tariff: true,
            connector_unsettled: false,
            station_full: false,
            payer: Payer::Account(account),
        };
        (facts, account)
    }

    #[test]
    fn each_reason_in_its_case() {
        use StartRefusal::{
            AccountFrozen, AccountUnknown, BalanceTooLow, CardUnsettled, CardsNotSupported, NotAllowedHere,
            PileOutOfService, PileUnsettled, StationCapacity, VinUnknown, WrongPassword,
        };
        let (good, account) = facts();
        let paid_by = |account| StartFacts { payer: Payer::Account(account), ..good };
        let unknown = |method| StartFacts { method, payer: Payer::Unknown, ..good };
        let elsewhere = StartFacts { method: StartMethod::Remote, payer: Payer::Elsewhere, ..good };
        for (facts, decision) in [
            (good, Ok(())),
            (paid_by(AccountFacts { password: Password::Right, ..account }), Ok(())),
            (elsewhere, Ok(())),
            (StartFacts { has_tariff: false, ..elsewhere }, Ok(())),
            (StartFacts { method: StartMethod::Other(9), ..good }, Err(CardsNotSupported)),
            (StartFacts { pile_in_service: false, ..good }, Err(PileOutOfService)),
            (StartFacts { has_tariff: false, ..good }, Err(PileOutOfService)),
            (unknown(StartMethod::Card), Err(AccountUnknown)),
            (unknown(StartMethod::Account), Err(AccountUnknown)),
            (unknown(StartMethod::Vin), Err(VinUnknown)),
            (paid_by(AccountFacts { password: Password::Wrong, ..account }), Err(WrongPassword)),
            (paid_by(AccountFacts { frozen: true, ..account }), Err(AccountFrozen)),
            (paid_by(AccountFacts { allowed_here: false, ..account }), Err(NotAllowedHere)),
            (paid_by(AccountFacts { unsettled: true, ..account }), Err(CardUnsettled)),
            (StartFacts { connector_unsettled: true, ..good }, Err(PileUnsettled)),
            (StartFacts { connector_unsettled: true, ..elsewhere }, Err(PileUnsettled)),
            (StartFacts { station_full: true, ..good }, Err(StationCapacity)),
            (paid_by(AccountFacts { available: Balance::from_steps(499), ..account }), Err(BalanceTooLow)),
        ] {
            assert_eq!(decide_start(&facts), decision, "{facts:?}");
        }
    }

    #[test]
    fn the_first_reason_that_fits_is_given() {
        let (_, account) = facts();
        let worst = AccountFacts {
            frozen: true,
            allowed_here: false,
            password: Password::Wrong,
            unsettled: true,
            available: Balance::ZERO,
            ..account
        };
        let mut facts = StartFacts {
            method: StartMethod::Other(7),
            pile_in_service: false,
            has_tariff: false,
            connector_unsettled: true,
            station_full: true,
            payer: Payer::Account(worst),
        };
        let mut seen = Vec::new();
        while let Err(refusal) = decide_start(&facts) {
            seen.push(refusal.name());
            let Payer::Account(account) = &mut facts.payer else { panic!("an account pays") };
            match refusal {
                StartRefusal::CardsNotSupported => facts.method = StartMethod::Card,
                StartRefusal::PileOutOfService if !facts.pile_in_service => facts.pile_in_service = true,
                StartRefusal::PileOutOfService => facts.has_tariff = true,
                StartRefusal::WrongPassword => account.password = Password::Right,
                StartRefusal::AccountFrozen => account.frozen = false,
                StartRefusal::NotAllowedHere => account.allowed_here = true,
                StartRefusal::CardUnsettled => account.unsettled = false,
                StartRefusal::PileUnsettled => facts.connector_unsettled = false,
                StartRefusal::StationCapacity => facts.station_full = false,
                StartRefusal::BalanceTooLow => account.available = account.minimum,
                StartRefusal::AccountUnknown | StartRefusal::VinUnknown => panic!("the account is known"),
            }
        }
        assert_eq!(
            seen,
            [
                "cards_not_supported",
                "pile_out_of_service",
                "wrong_password",
                "account_frozen",
                "not_allowed_here",
                "pile_out_of_service",
                "card_unsettled",
                "pile_unsettled",
                "station_capacity",
                "balance_too_low",
            ]
        );
    }

    #[test]
    fn names_are_those_of_json() {
        for refusal in StartRefusal::ALL {
            assert_eq!(serde_json::to_value(refusal).unwrap(), refusal.name());
        }
    }

    #[test]
    fn passwords_and_vehicles_are_read_as_piles_send_them() {
        assert!(password_matches(Some("49ba59abbe56e057"), Some("49BA59ABBE56E057")));
        for (kept, typed) in
            [(None, Some("")), (Some(""), Some("")), (Some("a"), None), (None, None), (Some("a"), Some("b"))]
        {
            assert!(!password_matches(kept, typed), "{kept:?} {typed:?}");
        }
        assert_eq!(vin_candidates("LSVAU2A37N2183294"), ["LSVAU2A37N2183294", "4923812N73A2UAVSL"]);
        assert_eq!(vin_candidates("4923812n73a2uavsl\0"), ["4923812N73A2UAVSL", "LSVAU2A37N2183294"]);
        for blank in ["", "\0\0\0", "00000000000000000", "\u{fffd}\u{fffd}", "  "] {
            assert!(vin_candidates(blank).is_empty(), "{blank:?}");
        }
    }
}
