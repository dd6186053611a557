//! Ways in which a pile goes wrong, for tests of what a platform does about it. All off: a healthy pile.

use std::time::Duration;

use voltapile_protocol::wire::{Ascii, Yuan};
use voltapile_protocol::ykc::code::{RemoteStartFailure, RemoteStopFailure, UpdateResult};

/// How a pile behaves, beyond what its [firmware's quirks](voltapile_protocol::ykc::session::pile::PileQuirks) do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Behaviour {
    /// What a start command (0x34, 0xA4) leads to.
    pub start: StartBehaviour,
    /// Refuses a start with "not plugged" while no car is there; somebody who plugs in within 60 s is charged after a
    /// second, successful answer (OQ-14); with AA F5 a refusal stays one. Otherwise a car comes together with the start.
    pub demands_plug: bool,
    /// Answers every stop command with this, and charges on.
    pub refuses_stop: Option<RemoteStopFailure>,
    /// Its 0x13 say that a charging connector is idle.
    pub reports_idle_while_charging: bool,
    /// When records leave.
    pub record_delivery: RecordDelivery,
    /// What is wrong with the bills.
    pub billing: Billing,
    /// Its clock began at 1999-01-01 when it was switched on, and 0x56 does not move it.
    pub clock_of_1999: bool,
    /// What its clock gains, in millionths of the time that passes; negative where it loses. 0x56 sets it right.
    pub clock_drift_ppm: i32,
    /// Sends a heartbeat, its telemetry and its stored records on a new connection before it logs in.
    pub speaks_before_login: bool,
    /// Frame types of the platform that it passes over, as if its firmware did not know them.
    pub ignores: Vec<u16>,
    /// Frame types that it ought to send but never does.
    pub withholds: Vec<u16>,
    /// Sends the VIN in natural order where the specification wants it reversed (0x31, 0xA1), even if its firmware's
    /// [quirks](voltapile_protocol::ykc::session::pile::PileQuirks::natural_vin) do not.
    pub sends_vin_in_natural_order: bool,
    /// Tells the VIN of every car that is plugged in (0x71), without being asked.
    pub reports_vehicles: bool,
    /// How firmware updates end, without anything being fetched; `None` for a pile that really fetches the file.
    pub update_result: Option<UpdateResult>,
    /// Version of the next firmware; without it, the name of the file that the platform offers.
    pub next_firmware_version: Option<Ascii<8>>,
}

/// What a start command leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StartBehaviour {
    /// A charge, where one is possible.
    #[default]
    Obeys,
    /// A refusal.
    Refuses(RemoteStartFailure),
    /// Nothing at all, not even an answer.
    Silent,
    /// A success that no charge follows; so does the platform's consent to a card, account or VIN.
    NeverCharges,
    /// "Not plugged" first; half a minute later a success for the same transaction, and the charge (OQ-14).
    RefusesThenConfirms,
}

/// When records leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecordDelivery {
    /// With the end of the charge.
    #[default]
    AtOnce,
    /// So much later, on the wall clock.
    Late(Duration),
    /// Not before [`Action::ReleaseRecords`](super::Action::ReleaseRecords).
    Held,
    /// Twice, with the end of the charge.
    Twice,
    /// Not at all: it is lost.
    Never,
}

/// What is wrong with the bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Billing {
    /// Nothing.
    #[default]
    Honest,
    /// One tier and the total are too high by this: the sum is right, the price is not.
    Overcharged(Yuan<4>),
    /// The total alone is too high by this: the tiers do not add up to it.
    WrongTotal(Yuan<4>),
    /// The energy of each tier stands under the next one: it does not follow the tariff's periods.
    WrongTiers,
    /// All amounts are a hundred times too high, as if the firmware took fen for yuan.
    Hundredfold,
    /// The meter stands lower at the end than at the start.
    MeterBackwards,
}
