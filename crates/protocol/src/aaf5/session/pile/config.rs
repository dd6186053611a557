//! What a pile is, and in which ways it departs from the specification.

use std::time::Duration;

use crate::aaf5::code::{ConnectorType, ReportMode};
use crate::aaf5::field::PileCode;
use crate::aaf5::frame::USUAL_INFO;
use crate::session::RecordSchedule;
use crate::wire::Text;

/// What a pile says of itself when it signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PileConfig {
    /// Its code.
    pub pile_code: PileCode,
    /// Kind of current it delivers.
    pub connector_type: ConnectorType,
    /// How many connectors it has, numbered from 1.
    pub connector_count: u8,
    /// Version of the protocol: it decides how long bodies are and which commands are known.
    pub version: Version,
    /// Version of its firmware, in hundredths: 21001 is 210.01.
    pub software_version: u32,
    /// Project number of its maker.
    pub project: u16,
    /// How often it was switched on.
    pub start_count: u32,
    /// Number that its owner gave it.
    pub asset_code: Text<32>,
    /// Whether it speaks by itself or only when it is asked.
    pub report_mode: ReportMode,
    /// Minutes between sign-ins (integer parameter 1).
    pub sign_in_minutes: u16,
    /// Seconds between heartbeats (integer parameter 21).
    pub heartbeat_seconds: u8,
    /// Heartbeats without an answer that make a link dead (integer parameter 22).
    pub heartbeat_misses: u8,
    /// Seconds between reports of a connector's status (integer parameter 23).
    pub status_seconds: u8,
    /// Whether it can encrypt (V4.9 and later).
    pub can_encrypt: bool,
    /// Where it departs from the specification.
    pub quirks: PileQuirks,
}

impl PileConfig {
    /// A pile by the book: DC, one connector, V5.2, heartbeats every 20 s, status every 15 s.
    #[must_use]
    pub fn new(pile_code: PileCode) -> Self {
        Self {
            pile_code,
            connector_type: ConnectorType::Dc,
            connector_count: 1,
            version: Version::V52,
            software_version: 21_001,
            project: 7,
            start_count: 1,
            asset_code: Text::default(),
            report_mode: ReportMode::Reporting,
            sign_in_minutes: 30,
            heartbeat_seconds: 20,
            heartbeat_misses: 3,
            status_seconds: 15,
            can_encrypt: false,
            quirks: PileQuirks::default(),
        }
    }
}

/// A version of the protocol whose piles are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Version {
    /// V2.6 of 2016: no transaction numbers in answers, no VIN in status.
    V26,
    /// V3.4.
    V34,
    /// V4.7 of 2021: records of 0.001 kWh, parallel charging.
    V47,
    /// V4.9 of 2022: AES-256, and a flag behind status and records that says which way energy flows.
    V49,
    /// V5.2 of 2023.
    #[default]
    V52,
}

impl Version {
    /// The number in 106.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::V26 => 26,
            Self::V34 => 34,
            Self::V47 => 47,
            Self::V49 => 49,
            Self::V52 => 52,
        }
    }

    /// How long the body of a command of the pile is in this version; `None` where it is in all.
    #[must_use]
    pub fn body_length(self, command: u16) -> Option<usize> {
        let (_, lengths) = BODY_LENGTHS.iter().find(|(code, _)| *code == command)?;
        let [v26, v34, v47, v49, v52] = *lengths;
        Some(match self {
            Self::V26 => v26,
            Self::V34 => v34,
            Self::V47 => v47,
            Self::V49 => v49,
            Self::V52 => v52,
        })
    }

    /// Whether records of 0.001 kWh (222) exist: V4.6_A04 and later.
    #[must_use]
    pub fn has_fine_records(self) -> bool {
        self >= Self::V47
    }

    /// Whether 1105 is answered: V4.8_A04 and later.
    #[must_use]
    pub fn answers_time_of_use(self) -> bool {
        self >= Self::V49
    }
}

/// Bytes of bodies in V2.6, V3.4, V4.7, V4.9 and V5.2, from captures, firmware and the vendor's change log. Lengths of V3.4 that
/// nothing public shows are those of the nearest version that has the fields which V3.4 brought.
const BODY_LENGTHS: [(u16, [usize; 5]); 9] = [
    (8, [41, 73, 73, 73, 73]),
    (102, [38, 38, 54, 54, 54]),
    (104, [169, 172, 239, 240, 240]),
    (106, [96, 100, 133, 133, 133]),
    (110, [127, 127, 159, 159, 159]),
    (202, [288, 288, 294, 295, 338]),
    (204, [153, 159, 159, 159, 159]),
    (222, [384, 384, 390, 391, 434]),
    (402, [288, 288, 294, 294, 294]),
];

/// Ways of real firmware (all off: by the book).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PileQuirks {
    /// Information byte of what it sends.
    pub info: u8,
    /// One number for all that it sends by itself, and one for all answers, instead of counting and echoing.
    pub constant_sequence: Option<(u8, u8)>,
    /// Its only connector is number 0.
    pub connector_zero: bool,
    /// Answers 7 when the charge has begun or failed, not at once. The session leaves that to its model.
    pub late_start_answer: bool,
    /// Silent on 1105, though it takes it, whatever its version.
    pub silent_on_time_of_use: bool,
    /// Repeats in status and records the reserved fields of the last 7, as V2.x did.
    pub repeats_reserved: bool,
    /// Answers each 103 with another 104, whether it was asked to or not.
    pub status_for_each_answer: bool,
    /// Forgets its oldest record on any 201 or 221, whatever that says.
    pub confirms_blindly: bool,
    /// Which command brings its records.
    pub record_command: RecordCommand,
    /// When it sends a record again.
    pub record_schedule: RecordSchedule,
    /// How many of its last records it sends again, confirmed or not, when it was switched on.
    pub records_after_start: u8,
}

impl Default for PileQuirks {
    fn default() -> Self {
        let pause = Duration::from_secs(10);
        let sendings = RecordSchedule::WITHOUT_END;
        Self {
            info: USUAL_INFO,
            constant_sequence: None,
            connector_zero: false,
            late_start_answer: false,
            silent_on_time_of_use: false,
            repeats_reserved: false,
            status_for_each_answer: false,
            confirms_blindly: false,
            record_command: RecordCommand::AsOffered,
            record_schedule: RecordSchedule { pause, sendings, last_pause: None, forgets: false },
            records_after_start: 5,
        }
    }
}

/// Which command brings a pile's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecordCommand {
    /// 222 where 105 offered it and the version knows it, else 202.
    #[default]
    AsOffered,
    /// Always 202.
    Coarse,
    /// Always 222.
    Fine,
}
