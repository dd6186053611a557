//! What goes to and fro between piles and the platform, in the platform's neutral words, and what else can happen.

use serde_json::Value;
use voltapile_platform::business::{Due, PileLogin, StartDecision, StartRequest};
use voltapile_platform::command::{Command, CommandResult};
use voltapile_platform::identity::{CommandId, ConnectorNumber, PileCode, TransactionNumber};
use voltapile_platform::pile::ParkingLock;
use voltapile_platform::record::RecordReading;
use voltapile_platform::tariff::{TariffNumber, TariffVersion};
use voltapile_platform::telemetry::Telemetry;
use voltapile_platform::timestamp::Timestamp;

/// A connection of a pile, past or present.
pub(crate) type LinkId = u64;

/// From a pile.
#[derive(Debug, Clone)]
pub(crate) enum Up {
    Login(PileLogin),
    /// 0x31, 0xA1.
    Start {
        token: u64,
        request: StartRequest,
    },
    /// 0x33, 0xA3: also the answer to a command, where one waits.
    StartAnswer {
        command: CommandId,
        connector: ConnectorNumber,
        number: TransactionNumber,
        result: Result<(), String>,
    },
    /// 0x13; the platform sets when it received it.
    Report {
        connector: ConnectorNumber,
        telemetry: Telemetry,
        faults: Vec<&'static str>,
    },
    Answer {
        command: CommandId,
        result: CommandResult,
    },
    /// 0x05.
    TariffIs(TariffNumber),
    /// 0x09.
    TariffWanted,
    /// 0x3B.
    Record {
        connector: ConnectorNumber,
        number: TransactionNumber,
        reading: Box<RecordReading>,
    },
    Lock {
        connector: ConnectorNumber,
        lock: ParkingLock,
    },
    Vehicle {
        connector: ConnectorNumber,
        vin: String,
        soc: u8,
    },
    Bms {
        connector: ConnectorNumber,
        errors: Vec<String>,
    },
}

/// To a pile.
#[derive(Debug, Clone)]
pub(crate) enum Down {
    Command(Box<Command>),
    /// 0x32, 0xA2.
    Decision {
        token: u64,
        decision: Box<StartDecision>,
    },
    /// 0x06.
    TariffVerdict {
        same: bool,
    },
    /// 0x0A.
    Tariff(Box<TariffVersion>),
    /// What 0x58 and 0x0A carry for a command, which names only a version.
    CommandWithTariff(Box<Command>, Box<TariffVersion>),
    /// 0x40.
    Acknowledged {
        number: TransactionNumber,
        reading: Box<RecordReading>,
    },
}

/// Something a pile does of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    Connect,
    /// A connector's report is due.
    Report(ConnectorNumber),
    /// The charge that began then ends by itself.
    ChargeEnds(ConnectorNumber, Timestamp),
    /// The plug is pulled, whatever goes on.
    Unplugged(ConnectorNumber),
    /// A car is plugged in.
    Plugged(ConnectorNumber),
    /// A start that was asked for and not answered is given up.
    DecisionLate(u64),
    /// Bills that are not acknowledged are sent again.
    Bills,
    /// The late second answer to a start.
    SecondAnswer(ConnectorNumber, TransactionNumber),
    /// The pile loses power.
    PowerFails,
    /// The charge of a connector goes on under another number.
    Renumber(ConnectorNumber, TransactionNumber),
    /// A charge that was accepted begins.
    Begins(ConnectorNumber, TransactionNumber),
    /// What became of a start is said at once.
    Shows(ConnectorNumber),
}

/// Everything that can happen, at a moment.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    Up {
        link: LinkId,
        pile: usize,
        message: Up,
    },
    Down {
        link: LinkId,
        pile: usize,
        message: Down,
    },
    /// A pile's timer, of the power-on that it belongs to.
    Pile {
        pile: usize,
        epoch: u32,
        timer: Timer,
    },
    /// The platform sees that a connection is gone.
    LinkGone {
        link: LinkId,
        pile: usize,
    },
    /// The platform's own timers are to be looked at.
    Wake,
    /// A command was not answered in time on a connection.
    Unanswered {
        link: LinkId,
        command: CommandId,
    },
    /// A command could not be handed to a connection.
    Undeliverable(CommandId),
    /// A record was stored and is to be judged.
    Judge,
    /// Somebody does something.
    People,
    /// An account may charge again.
    Thaw(usize),
    /// A station has its tariff again.
    Assign(usize),
    /// A pile may log in again.
    Enable(usize),
    /// The platform is up again.
    Restart,
}

/// A deadline of the platform with the moment it was asked for.
pub(crate) type Deadline = (Timestamp, Due);

/// An answer without content.
pub(crate) fn done() -> CommandResult {
    CommandResult::Succeeded(Value::Null)
}

pub(crate) fn refused(reason: &str) -> CommandResult {
    CommandResult::Refused(reason.to_owned(), Value::Null)
}

/// What a pile is called in traces.
pub(crate) fn short(pile: PileCode) -> String {
    pile.as_str().chars().skip(12).collect()
}
