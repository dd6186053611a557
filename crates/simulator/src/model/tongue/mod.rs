//! How a pile speaks: one model, and a tongue for each protocol.
//!
//! The model says [`Word`]s, and is told what was [`Heard`]. Reasons, sources and faults are named by YKC's tables, which
//! have most of them; the tongue of another protocol says the nearest that it has. What only one protocol knows stays in
//! the room of its tongue.

pub(super) mod aaf5;
mod measure;
pub(super) mod ykc;

use std::time::Duration;

use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::Message as Aaf5Message;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::CivilTime;
use voltapile_protocol::ykc::code::{ConnectorState, RemoteStartFailure, UpdateResult};
use voltapile_protocol::ykc::field::{HardwareFaults, TariffId};
use voltapile_protocol::ykc::message::{Message as YkcMessage, OfflineCard};

use self::aaf5::Aaf5Tongue;
use self::ykc::YkcTongue;
use super::action::{BreakOff, Credential, VinCharacters};
use super::aes_key::KeyFlaw;
use super::charge::Charge;
use super::connector::{Appointment, Parallel, Start, StartOrder};
use super::context::PileState;
use super::offline_cards::OfflineCards;
use super::parking_lock::ParkingLock;
use super::record::Record;
use super::setup::{PileSetup, Speech};
use super::tariff::Tariff;
use super::transaction::TransactionNumber;

/// A pile's end of its connections, whichever protocol it speaks.
#[derive(Debug)]
pub(super) enum Tongue {
    Ykc(Box<YkcTongue>),
    Aaf5(Box<Aaf5Tongue>),
}

/// How a connector stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'a> {
    pub(super) state: ConnectorState,
    pub(super) is_plugged: bool,
    /// Whether it charges, also where the pile denies it.
    pub(super) is_busy: bool,
    /// Whether a charge has ended and the car is still there.
    pub(super) is_done: bool,
    /// Whether no charge may begin here, whatever the pile's other connectors may.
    pub(super) is_suspended: bool,
    /// What it is kept for.
    pub(super) appointment: Option<Appointment>,
    /// VIN of the car at it.
    pub(super) vin: Option<VinCharacters>,
    pub(super) lock: Option<ParkingLock>,
    /// The charge under way, unless the pile denies it.
    pub(super) charge: Option<&'a Charge>,
    pub(super) faults: HardwareFaults,
}

/// What a connector has to say.
#[derive(Debug, Clone, Copy)]
pub(super) enum Word<'a> {
    /// How it stands.
    Standing(Standing<'a>),
    /// What the car said when the charge began; only of DC piles.
    CarMet(&'a Charge),
    /// What the car says while it charges; only of DC piles.
    CarSays(&'a Charge),
    /// What the car said when the charge ended; only of DC piles.
    CarLeft(&'a Charge),
    /// Why a charge breaks off; only of DC piles.
    BreaksOff(BreakOff, &'a Charge),
    /// Somebody asks to charge.
    Asks { credential: Credential, vin: Option<VinCharacters>, parallel: Option<Parallel> },
    /// The answer to a start.
    Answers(&'a StartOrder, Option<RemoteStartFailure>),
    /// The answer to a start that is to begin later, or when somebody comes: the connector is kept for it.
    Keeps(&'a StartOrder),
    /// What the platform consented to, or what was to begin now, does not begin.
    CannotBegin(&'a Start, RemoteStartFailure),
    /// Which car is plugged in, and its state of charge.
    Vehicle(Option<(VinCharacters, u8)>),
    /// How its parking lock is.
    Lock(&'a ParkingLock),
}

/// What a pile learns from its connection.
#[derive(Debug)]
pub(super) enum Heard {
    /// The platform took the login; it may have said at once whether the pile is locked, and what time it is.
    LoggedIn {
        is_locked: Option<bool>,
        clock: Option<CivilTime>,
    },
    /// The platform refused the login: close, and dial again later.
    LoginRefused,
    /// The answer to the login has not the pile's key: close, and dial again later.
    KeyRefused(KeyFlaw),
    /// Nobody answers any more: close, dial again, log in again.
    LinkDead,
    /// A tariff to charge by from now on.
    TariffChanged(Tariff),
    /// The platform wants to know now how a connector stands.
    ReportWanted(u8),
    /// The clock was set.
    ClockSet(CivilTime),
    /// The pile is locked or not, and limited to so many per cent of its power.
    Permitted {
        is_locked: bool,
        power_percent: u8,
    },
    /// No charge may begin at the whole pile, or again; those under way go on.
    Suspended(bool),
    /// The pile is to restart.
    Reboot {
        when_idle: bool,
    },
    /// The platform asks for something, or answers what the pile said: the tongue's own room deals with it.
    YkcAsked(Box<YkcMessage>),
    YkcAnswered(Box<YkcMessage>),
    Aaf5Asked(Box<Aaf5Message>),
    Aaf5Answered(Box<Aaf5Message>),
    Aaf5Set(Vec<aaf5::Setting>),
}

/// Calls the same method of whichever tongue there is.
macro_rules! each_tongue {
    ($tongue:expr, $name:ident => $call:expr) => {
        match $tongue {
            Tongue::Ykc($name) => $call,
            Tongue::Aaf5($name) => $call,
        }
    };
}

impl Tongue {
    /// The tongue of a pile for which time runs so fast.
    pub(super) fn of(setup: &PileSetup, speed: u32) -> Self {
        match &setup.speech {
            Speech::Ykc => Self::Ykc(Box::new(YkcTongue::of(setup))),
            Speech::Aaf5(speech) => Self::Aaf5(Box::new(Aaf5Tongue::of(setup, speech, speed))),
        }
    }

    pub(super) const fn protocol(&self) -> Protocol {
        match self {
            Self::Ykc(_) => Protocol::Ykc,
            Self::Aaf5(_) => Protocol::Aaf5,
        }
    }

    /// The tongue of YKC, where it is that.
    const fn ykc(&mut self) -> Option<&mut YkcTongue> {
        match self {
            Self::Ykc(tongue) => Some(tongue),
            Self::Aaf5(_) => None,
        }
    }

    /// The tongue of AA F5, where it is that.
    const fn aaf5(&mut self) -> Option<&mut Aaf5Tongue> {
        match self {
            Self::Aaf5(tongue) => Some(tongue),
            Self::Ykc(_) => None,
        }
    }

    /// A connection stands: logs in.
    pub(super) fn connect(&mut self, now: Tick, out: &mut Vec<u8>) {
        each_tongue!(self, tongue => tongue.connect(now, out));
    }

    /// A connection stands on which the pile speaks as if it were logged in already, until it connects.
    pub(super) fn connect_unasked(&mut self, now: Tick, out: &mut Vec<u8>) {
        match self {
            Self::Ykc(tongue) => tongue.connect_unasked(now, out),
            Self::Aaf5(tongue) => tongue.connect_unasked(out),
        }
    }

    /// The pile was switched off and on, or restarts.
    pub(super) fn restart(&mut self) {
        match self {
            Self::Ykc(tongue) => tongue.disconnect(),
            Self::Aaf5(tongue) => tongue.restart(),
        }
    }

    /// The connection is gone.
    pub(super) fn disconnect(&mut self) {
        each_tongue!(self, tongue => tongue.disconnect());
    }

    pub(super) fn is_logged_in(&self) -> bool {
        each_tongue!(self, tongue => tongue.is_logged_in())
    }

    /// Whether its tariff is settled as well.
    pub(super) fn is_working(&self) -> bool {
        each_tongue!(self, tongue => tongue.is_working())
    }

    /// Number of the tariff, where the protocol numbers them.
    pub(super) fn tariff_id(&self) -> TariffId {
        match self {
            Self::Ykc(tongue) => tongue.tariff_id(),
            Self::Aaf5(_) => TariffId::default(),
        }
    }

    /// What the pile says of its firmware.
    pub(super) fn firmware_version(&self) -> String {
        each_tongue!(self, tongue => tongue.firmware_version())
    }

    /// Another firmware is in flash.
    pub(super) fn set_firmware_version(&mut self, version: &str) {
        each_tongue!(self, tongue => tongue.set_firmware_version(version));
    }

    /// Records that the platform has not confirmed.
    pub(super) fn unconfirmed_records(&self) -> usize {
        each_tongue!(self, tongue => tongue.session.unconfirmed_records())
    }

    /// Records that the firmware gave up.
    pub(super) fn forgotten_records(&self) -> usize {
        each_tongue!(self, tongue => tongue.session.forgotten_records())
    }

    pub(super) fn next_deadline(&self) -> Option<Tick> {
        each_tongue!(self, tongue => tongue.next_deadline())
    }

    /// Does what is due by now.
    pub(super) fn handle_deadline(&mut self, now: Tick, out: &mut Vec<u8>) -> Option<Heard> {
        each_tongue!(self, tongue => tongue.handle_deadline(now, out))
    }

    /// Takes one frame of the platform; bytes that are none are passed over.
    pub(super) fn hear(&mut self, now: Tick, frame: &[u8], out: &mut Vec<u8>) -> Option<Heard> {
        each_tongue!(self, tongue => tongue.hear(now, frame, out))
    }

    /// Says something; what a pile has to say while it is offline is lost.
    pub(super) fn say(&mut self, now: Tick, state: &PileState, connector: u8, word: Word<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Ykc(tongue) => tongue.say(state, connector, word, out),
            Self::Aaf5(tongue) => tongue.say(now, state, connector, word, out),
        }
    }

    /// Says how an update ended.
    pub(super) fn say_updated(&mut self, result: UpdateResult, out: &mut Vec<u8>) {
        each_tongue!(self, tongue => tongue.say_updated(result, out));
    }

    /// Keeps a record until the platform confirms it, and sends it now if it can.
    pub(super) fn keep_record(&mut self, now: Tick, record: &Record, out: &mut Vec<u8>) {
        each_tongue!(self, tongue => tongue.keep_record(now, record, out));
    }

    /// Sends every record that the platform has not confirmed, whether it is due or not.
    pub(super) fn send_all_records(&mut self, out: &mut Vec<u8>) {
        // With AA F5 they leave by themselves, after the login.
        if let Self::Ykc(tongue) = self {
            tongue.send_all_records(out);
        }
    }

    /// A connector works, or does not.
    pub(super) fn set_health(&mut self, connector: u8, is_whole: bool) {
        // With AA F5 what a connector says of itself tells it.
        if let Self::Ykc(tongue) = self {
            tongue.set_health(connector, is_whole);
        }
    }

    /// Simulated milliseconds until a connector says again how it stands.
    pub(super) fn report_pause_ms(&self, standing: &Standing<'_>) -> u64 {
        each_tongue!(self, tongue => tongue.report_pause_ms(standing))
    }

    /// Simulated milliseconds until the car says something again.
    pub(super) fn car_pause_ms(&self) -> u64 {
        each_tongue!(self, tongue => tongue.car_pause_ms())
    }

    /// How long somebody waits for the platform's consent.
    pub(super) const fn consent_wait(&self) -> Duration {
        match self {
            Self::Ykc(_) => ykc::CONSENT_WAIT,
            Self::Aaf5(_) => aaf5::CONSENT_WAIT,
        }
    }

    /// Whether a visitor whose card nobody knows may charge: a YKC pile bills such a charge as one with an offline card, for
    /// which AA F5 has no word.
    pub(super) const fn takes_any_card(&self) -> bool {
        matches!(self, Self::Ykc(_))
    }

    /// Whether a start that was refused because no car was there comes true once one is (OQ-14). With AA F5 a refusal is
    /// the end of it.
    pub(super) const fn starts_once_plugged(&self) -> bool {
        matches!(self, Self::Ykc(_))
    }

    /// Watts of a connector at most while the platform cannot be reached.
    pub(super) fn offline_watts(&self) -> Option<u64> {
        match self {
            Self::Ykc(_) => None,
            Self::Aaf5(tongue) => tongue.offline_watts(),
        }
    }

    /// State of charge at which the platform has charges end, in per cent.
    pub(super) fn most_soc(&self) -> Option<u8> {
        match self {
            Self::Ykc(_) => None,
            Self::Aaf5(tongue) => tongue.most_soc(),
        }
    }

    /// Whether a charge is for whoever asks at the pile.
    pub(super) fn is_user(&self, number: TransactionNumber, credential: Credential) -> bool {
        match self {
            Self::Ykc(_) => true,
            Self::Aaf5(tongue) => tongue.is_user(number, credential),
        }
    }

    /// Whether two connectors can ask together to charge one car.
    pub(super) fn can_ask_in_parallel(&self) -> bool {
        match self {
            Self::Ykc(tongue) => tongue.can_ask_in_parallel(),
            Self::Aaf5(_) => false,
        }
    }

    /// What the card reader makes of a card.
    pub(super) fn read(&self, credential: Credential) -> Credential {
        match self {
            Self::Ykc(tongue) => tongue.read(credential),
            Self::Aaf5(_) => credential,
        }
    }

    /// Whether somebody may charge while the platform cannot be reached.
    pub(super) fn knows_offline(
        &self,
        cards: &OfflineCards,
        credential: Credential,
        vin: Option<VinCharacters>,
    ) -> bool {
        match (self, credential) {
            (Self::Aaf5(tongue), _) => tongue.knows_offline(credential, vin),
            (Self::Ykc(_), Credential::Card(card, _)) => cards.knows(card),
            (Self::Ykc(_), _) => false,
        }
    }

    /// Those cards, in the order in which they came.
    pub(super) fn offline_cards(&self, cards: &OfflineCards) -> Vec<OfflineCard> {
        match self {
            Self::Ykc(_) => cards.all().to_vec(),
            Self::Aaf5(tongue) => {
                let numbers = tongue.offline_cards().into_iter();
                numbers
                    .map(|physical_card_number| OfflineCard { physical_card_number, ..OfflineCard::default() })
                    .collect()
            }
        }
    }
}
