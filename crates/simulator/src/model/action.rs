//! What people, cars and faults do at a pile, on demand.

use std::time::Duration;

use voltapile_protocol::wire::Ascii;
use voltapile_protocol::ykc::code::{LockAlarm, RemoteStartFailure, StartRefusal};
use voltapile_protocol::ykc::field::{HardwareFaults, PhysicalCardNumber};

use super::behaviour::Behaviour;
use super::car::CarWish;

/// The characters of a vehicle identification number, in natural order.
pub type VinCharacters = [u8; 17];

/// What happens at a pile. Connectors are numbered from 1; at one that the pile does not have nothing happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A car is plugged in, and stays until it is unplugged.
    Plug {
        /// Where.
        connector: u8,
        /// What is wanted of it; the rest follows from the seed.
        car: CarWish,
    },
    /// The plug is pulled, whatever goes on; a charge ends.
    Unplug {
        /// Where.
        connector: u8,
    },
    /// Somebody asks to charge (0x31), or, while the pile is offline, charges with a card that it knows. Where no car is
    /// there one is plugged in first, unless the pile [demands](Behaviour::demands_plug) it.
    Ask {
        /// Where.
        connector: u8,
        /// Who.
        credential: Credential,
    },
    /// Somebody asks to charge one car with two connectors (0xA1).
    AskParallel {
        /// The main connector.
        main: u8,
        /// The auxiliary one.
        auxiliary: u8,
        /// Who.
        credential: Credential,
    },
    /// Somebody presses the stop button of a connector. A charge whose start came with a password for that goes on
    /// unless it is entered.
    Stop {
        /// Where.
        connector: u8,
        /// What is entered.
        password: Option<u32>,
    },
    /// The charge breaks off.
    BreakOff {
        /// Where.
        connector: u8,
        /// Why.
        cause: BreakOff,
    },
    /// Hardware breaks, or is repaired: exactly these faults hold from now on.
    SetFaults {
        /// Where.
        connector: u8,
        /// The bits of 0x13.
        faults: HardwareFaults,
    },
    /// A parking lock raises an alarm, or is repaired.
    SetLockAlarm {
        /// Where.
        connector: u8,
        /// What is wrong.
        alarm: LockAlarm,
    },
    /// Records that are [held](super::RecordDelivery::Held) or late leave now.
    ReleaseRecords,
    /// Somebody presses the reset button: charges end, and the pile dials again.
    Reboot,
    /// Mains fail: the pile dies without a word, whatever goes on. Once they are back it boots, logs in, and bills the
    /// charges that were cut off.
    PowerCut {
        /// How long it is dark, on the wall clock.
        lasts: Duration,
    },
    /// The pile behaves differently from now on.
    Behave(Box<Behaviour>),
}

/// How somebody says who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A card, with a password where one was entered: 16 characters of its MD5 in lower case.
    Card(PhysicalCardNumber, Option<Ascii<16>>),
    /// The number of an account and a password, as with cards.
    Account(PhysicalCardNumber, Option<Ascii<16>>),
    /// The car itself, by its VIN.
    Vin,
}

/// Why a charge breaks off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakOff {
    /// Messages of the battery management system stay away (0x1B).
    BmsError,
    /// The battery becomes too hot: its management system breaks off (0x1D).
    BmsAbort,
    /// The charger breaks off by its emergency stop (0x21).
    ChargerAbort,
}

/// Why the last start did not lead to a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The platform refused (0x32, 0xA2).
    Platform(StartRefusal),
    /// The platform did not answer in time, or the connection was lost.
    Unanswered,
    /// The other connector of a parallel charge was refused.
    Partner,
    /// The pile could or would not, for a reason that it also tells the platform (0x33).
    Pile(RemoteStartFailure),
    /// The pile is offline and does not know the card.
    UnknownOffline,
    /// The connector is kept for somebody else.
    Reserved,
}
