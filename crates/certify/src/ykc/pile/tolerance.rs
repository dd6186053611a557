//! How far a pile may stray from what the specification recommends before it counts as broken. Up to the first figure it
//! is by the book; up to the second it is slow, which a finding remarks; beyond that it fails.

use std::time::Duration;

pub(super) use crate::case::Limit;
use crate::case::limit;

/// An answer to a request. The specification names no time; a person in front of an app waits for 10 s, and platforms
/// give up after 30 s.
pub(super) const ANSWER: Limit = limit(10, 30);
/// Pause between heartbeats: 10 s (V1.6 §6.3), with 2 s for the way; a platform takes a pile for dead after three of them.
pub(super) const HEARTBEAT: Limit = limit(12, 30);
/// From the login to the first 0x05, or from 0x06 to 0x09: at once, but firmware does it in its own rhythm.
pub(super) const TARIFF_QUESTION: Limit = limit(10, 60);
/// A question about the tariff that got no answer is repeated; the specification names no pause, firmware takes 5 to 60 s.
pub(super) const TARIFF_REPEAT: Limit = limit(30, 90);
/// Pause between 0x13 of an idle connector: 5 min (V1.6 §7.2) and 30 s for the rhythm; twice that means one was left out.
pub(super) const IDLE_REPORT: Limit = limit(330, 600);
/// Pause between 0x13, 0x23 or 0x25 of a charge: 15 s (V1.6 §7.2) and 5 s for the rhythm; three left out is broken.
pub(super) const CHARGING_REPORT: Limit = limit(20, 45);
/// 0x13 at once when the state changed: one turn of the charging rhythm is borne with.
pub(super) const ON_CHANGE: Limit = limit(10, 30);
/// From a start command to 0x13 that shows the charge: 90 s (V1.6 §13.3 rule 1).
pub(super) const CHARGING_SHOWN: Limit = limit(90, 90);
/// From a stop command to the end of the charge: the contactors of a DC pile take some seconds.
pub(super) const STOPPED: Limit = limit(15, 60);
/// From the end of a charge to its record: 30 s (V1.6 §13.3 rule 7), and 5 s between the end and what the pile last said.
pub(super) const RECORD: Limit = limit(35, 45);
/// Pause before a record without an answer is repeated: 30 s (V1.6 §8.3); firmware with 10 s exists and harms nobody.
pub(super) const RECORD_REPEAT: Limit = limit(35, 60);
/// Pause before the last repetition: 5 min (V1.6 §8.3).
pub(super) const LAST_REPEAT: Limit = limit(330, 420);
/// From the loss of the connection to the next login: the specification names no time; beyond 5 min people call.
pub(super) const RECONNECT: Limit = limit(60, 300);
/// Heartbeats without answers: three of them, 30 s, and the time to dial; firmware that counts to fifteen exists.
pub(super) const DEAD_LINK: Limit = limit(60, 300);
/// From a reboot's answer to the next login: Linux on small hardware boots in a minute or two.
pub(super) const REBOOT: Limit = limit(120, 300);

/// Two records of a charge that are closer than this were not repeated for want of an answer.
pub(super) const DOUBLED_WITHIN: Duration = Duration::from_secs(5);
/// What was on its way when an answer left may still arrive.
pub(super) const IN_FLIGHT: Duration = Duration::from_secs(5);
/// A connection that lives on so long after something did not mind it: three heartbeats' time and a bit.
pub(super) const SURVIVES: Duration = Duration::from_secs(15);
/// A pile that will not charge has had time enough to do so.
pub(super) const WOULD_CHARGE_WITHIN: Duration = Duration::from_secs(30);
/// A late success may follow "not plugged" for so long (OQ-14).
pub(super) const LATE_SUCCESS: Duration = Duration::from_secs(60);
/// A clock may be off by this: network, rounding to seconds, a minute's drift.
pub(super) const CLOCK: Duration = Duration::from_secs(60);
/// A charge that lasted so long has had its battery's messages.
pub(super) const BATTERY_SPOKE: Duration = Duration::from_secs(40);

/// Amounts per tier, in 1e-4 yuan: piles round per half hour, to the fen at worst.
pub(super) const TIER_AMOUNT: u64 = 200;
/// The total against the sum of the tiers, in 1e-4 yuan: a fen for each tier.
pub(super) const TOTAL_AMOUNT: u64 = 400;
/// Energies against each other, in 1e-4 kWh: meters with two decimals.
pub(super) const ENERGY: u64 = 200;
/// What 0x13 told last against the record, in 1e-4 kWh: nothing of it may be lost but rounding.
pub(super) const TELEMETRY_ENERGY: u64 = 500;
/// Energy with loss against energy and ratio, in 1e-4 kWh.
pub(super) const LOSS_ENERGY: u64 = 200;
/// Current of an idle connector, in 0.1 A: offsets of current sensors.
pub(super) const IDLE_CURRENT: u64 = 20;
