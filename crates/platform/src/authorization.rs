//! Who may charge.
//!
//! Until accounts, cards and vehicles are kept, nobody is known, so every request is refused with the reason that says
//! exactly that.

/// How a user asks a pile to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartMethod {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartRefusal {
    /// No such account.
    AccountUnknown,
    /// No such vehicle.
    VinUnknown,
    /// Cards mean nothing here.
    CardsNotSupported,
}

/// Decides whether a user may charge.
#[must_use]
pub const fn decide_start(method: StartMethod) -> StartRefusal {
    match method {
        StartMethod::Card => StartRefusal::CardsNotSupported,
        StartMethod::Vin => StartRefusal::VinUnknown,
        StartMethod::Account | StartMethod::Other(_) => StartRefusal::AccountUnknown,
    }
}
