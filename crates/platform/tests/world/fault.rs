//! What can go wrong, and how often in one run: some worlds are honest and calm, some are neither.

use crate::dice::Dice;

/// What a pile does wrong in one charge. Most do nothing wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChargeFault {
    /// Refuses to start, for one of the protocol's reasons.
    RefusesStart(&'static str),
    /// Says that nothing is plugged in, and starts within a minute after all (OQ-14).
    StartsLate,
    /// Says that it starts and does not.
    NeverCharges,
    /// Does not answer the start, but charges.
    SilentStart,
    /// Does not answer the start, and does not charge.
    DeafStart,
    /// Says that it does not start, and charges.
    ChargesAfterRefusal,
    /// Answers in time and begins too late.
    BeginsLate,
    /// Reports an idle connector while it charges.
    ReportsIdle,
    /// The plug is pulled while it charges.
    PlugPulled,
    /// Loses power while it charges, and bills what there was when it is back.
    RebootsMidCharge,
    /// Loses power while it charges, and goes on when it is back.
    ResumesAfterReboot,
    /// Loses power while it charges, and forgets the charge.
    ForgetsCharge,
    /// Never sends the bill.
    ForgetsRecord,
    /// Sends the bill when it is far too late.
    LateRecord,
    /// Sends the bill more than once.
    RepeatsRecord,
    /// Sends the bill, and later another one under the same number.
    AltersRecord,
    /// Its clock is that of a pile without a battery.
    ClockOf1999,
    /// Bills energy in tiers that the charge did not touch.
    WrongTiers,
    /// Asks for more than energy × price.
    WrongAmount,
    /// Bills twice the energy, consistently: only the meter and the telemetry say otherwise.
    DoublesEnergy,
    /// Bills less energy than it reported.
    LosesEnergy,
    /// The bill's body is damaged.
    Unreadable,
    /// The bill has the number zero.
    NumberLost,
    /// Charges under a number of its own (rule 6).
    NumberChanged,
    /// Does not stop when told to.
    IgnoresStop,
    /// Says that it does not stop.
    RefusesStop,
    /// Reports a hardware fault meanwhile.
    HardwareFault,
}

const REFUSALS: [&str; 5] = ["pile_code_mismatch", "already_charging", "device_fault", "tariff", "not_plugged"];

const CHARGE_FAULTS: [(u32, ChargeFault); 26] = [
    (4, ChargeFault::StartsLate),
    (3, ChargeFault::NeverCharges),
    (3, ChargeFault::SilentStart),
    (2, ChargeFault::DeafStart),
    (3, ChargeFault::ChargesAfterRefusal),
    (2, ChargeFault::BeginsLate),
    (4, ChargeFault::ReportsIdle),
    (4, ChargeFault::PlugPulled),
    (4, ChargeFault::RebootsMidCharge),
    (2, ChargeFault::ResumesAfterReboot),
    (2, ChargeFault::ForgetsCharge),
    (3, ChargeFault::ForgetsRecord),
    (4, ChargeFault::LateRecord),
    (3, ChargeFault::RepeatsRecord),
    (3, ChargeFault::AltersRecord),
    (3, ChargeFault::ClockOf1999),
    (3, ChargeFault::WrongTiers),
    (3, ChargeFault::WrongAmount),
    (3, ChargeFault::DoublesEnergy),
    (2, ChargeFault::LosesEnergy),
    (2, ChargeFault::Unreadable),
    (2, ChargeFault::NumberLost),
    (3, ChargeFault::NumberChanged),
    (2, ChargeFault::IgnoresStop),
    (2, ChargeFault::RefusesStop),
    (3, ChargeFault::HardwareFault),
];

/// How often things go wrong in one run, per thousand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    /// Charges with a fault.
    pub(crate) charge: u32,
    /// Commands other than starts and stops that are refused, and as many that are not answered.
    pub(crate) command: u32,
    /// Messages that are lost while the connection stands.
    pub(crate) lost: u32,
    /// Messages that come twice.
    pub(crate) twice: u32,
    /// Messages that overtake others on their connection.
    pub(crate) overtakes: u32,
    /// Messages with which their connection breaks.
    pub(crate) cut: u32,
    /// Units of work that the platform crashes in, before or after the commit.
    pub(crate) crash: u32,
    /// Things people do that are about faults: reboots, piles gone for days, replaced piles.
    pub(crate) mishap: u32,
    /// The longest delay of a message, in ms.
    pub(crate) delay_ms: i64,
}

impl Rates {
    /// Nothing goes wrong.
    pub(crate) const NONE: Self =
        Self { charge: 0, command: 0, lost: 0, twice: 0, overtakes: 0, cut: 0, crash: 0, mishap: 0, delay_ms: 200 };

    /// One of the weathers a world can have.
    pub(crate) fn of(dice: &mut Dice) -> Self {
        let calm = Self::NONE;
        match dice.below(8) {
            0 => calm,
            1 => Self { charge: 400, mishap: 60, ..calm },
            2 => Self { cut: 30, delay_ms: 2000, ..calm },
            3 => Self { crash: 30, ..calm },
            4 => Self { lost: 60, twice: 60, overtakes: 60, delay_ms: 5000, ..calm },
            5 => Self { charge: 250, command: 100, cut: 15, crash: 15, mishap: 60, ..calm },
            _ => Self {
                charge: 300,
                command: 100,
                lost: 25,
                twice: 25,
                overtakes: 25,
                cut: 15,
                crash: 15,
                mishap: 80,
                delay_ms: 3000,
            },
        }
    }

    /// Whether everybody does what they should: nothing is then left to a person.
    pub(crate) fn is_honest(&self) -> bool {
        [self.charge, self.command, self.lost, self.twice, self.overtakes, self.cut, self.crash, self.mishap] == [0; 8]
    }

    /// What goes wrong in a charge that begins.
    pub(crate) fn charge_fault(&self, dice: &mut Dice) -> Option<ChargeFault> {
        if !dice.chance(self.charge) {
            return None;
        }
        if dice.chance(120) {
            return dice.pick(&REFUSALS).map(|reason| ChargeFault::RefusesStart(reason));
        }
        dice.weighted(&CHARGE_FAULTS)
    }
}
