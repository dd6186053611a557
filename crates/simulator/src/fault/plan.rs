//! Which faults a pile plays, and how often or when: words such as `wrong-crc:0.05` and `silence@90s`.

use std::str::FromStr;
use std::time::Duration;

use voltapile_protocol::inspect::suggest::nearest;

use super::menu::{Fault, MENU};
use crate::model::Rng;

/// Stands for every fault of the menu.
const ALL: &str = "all";
/// How often `all` plays each fault when no probability is given.
const ALL_CHANCE: Chance = Chance::percent(5);
/// One, in the unit of a [`Chance`].
const MILLION: u32 = 1_000_000;
/// Decimals of a probability.
const DECIMALS: usize = 6;

/// A probability in millionths, 0 to 1,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chance(u32);

impl Chance {
    /// At each occasion.
    pub const ALWAYS: Self = Self(MILLION);

    /// So many times in a hundred; 100 at most.
    #[must_use]
    pub const fn percent(percent: u32) -> Self {
        let percent = if percent > 100 { 100 } else { percent };
        Self(percent * (MILLION / 100))
    }

    /// Whether it happens this time.
    pub const fn happens(self, rng: &mut Rng) -> bool {
        rng.next_u64() % (MILLION as u64) < self.0 as u64
    }

    fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole)
            || !is_number(fraction)
            || fraction.len() > DECIMALS
            || whole.len() > 1
            || matches!(text, "" | ".")
        {
            return None;
        }
        let millionths: u32 = format!("0{whole}{fraction:0<DECIMALS$}").parse().ok()?;
        (millionths <= MILLION).then_some(Self(millionths))
    }
}

/// How often, or when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At each of its [occasions](super::Occasion), with this probability.
    Chance(Chance),
    /// Once, so long after the pile was switched on.
    At(Duration),
}

/// A fault that a pile plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub fault: Fault,
    /// How often, or when.
    pub when: When,
}

/// What a pile plays. A fault may stand in it several times, with moments besides a probability; of several
/// probabilities the last counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FaultPlan {
    planned: Vec<Planned>,
}

/// Why words are no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultPlanError {
    /// No fault has this name.
    #[error("there is no fault \"{name}\"{}; known are all, {}", hint(*.nearest), names())]
    Unknown {
        /// What was written.
        name: String,
        /// The name that may have been meant.
        nearest: Option<&'static str>,
    },
    /// What stands behind the colon is no probability.
    #[error("\"{word}\": a probability is a number from 0 to 1 with up to {DECIMALS} decimals, such as {}:0.05", .fault.name())]
    Chance {
        /// What was written.
        word: String,
        /// Of which fault.
        fault: Fault,
    },
    /// What stands behind the @ is no moment.
    #[error("\"{word}\": a moment is a whole number and ms, s, m or h, such as {}@90s", .fault.name())]
    Moment {
        /// What was written.
        word: String,
        /// Of which fault.
        fault: Fault,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(" (did you mean \"{name}\"?)")).unwrap_or_default()
}

fn names() -> String {
    let names: Vec<&str> = MENU.iter().map(|entry| entry.name).collect();
    names.join(", ")
}

impl FaultPlan {
    /// A plan of these faults.
    #[must_use]
    pub const fn new(planned: Vec<Planned>) -> Self {
        Self { planned }
    }

    /// Reads words: a name, `name:probability` or `name@moment`, where the name may be `all`. A name alone happens as
    /// often as the [menu](MENU) says is usual; `all` alone plays each fault with a probability of 0.05.
    ///
    /// # Errors
    /// [`FaultPlanError`] with the first word that cannot be read.
    pub fn parse<'w>(words: impl IntoIterator<Item = &'w str>) -> Result<Self, FaultPlanError> {
        let mut planned = Vec::new();
        for word in words {
            read(word, &mut planned)?;
        }
        Ok(Self { planned })
    }

    /// Whether nothing goes wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.planned.is_empty()
    }

    /// What is planned, in the order in which it was written.
    #[must_use]
    pub fn planned(&self) -> &[Planned] {
        &self.planned
    }

    /// How often a fault happens at its occasions; `None` for never.
    #[must_use]
    pub fn chance(&self, fault: Fault) -> Option<Chance> {
        self.planned.iter().rev().filter(|planned| planned.fault == fault).find_map(|planned| match planned.when {
            When::Chance(chance) => Some(chance),
            When::At(_) => None,
        })
    }

    /// What happens at a moment, the earliest first.
    #[must_use]
    pub fn moments(&self) -> Vec<(Duration, Fault)> {
        let moment = |planned: &Planned| match planned.when {
            When::At(moment) => Some((moment, planned.fault)),
            When::Chance(_) => None,
        };
        let mut moments: Vec<_> = self.planned.iter().filter_map(moment).collect();
        moments.sort_by_key(|(moment, _)| *moment);
        moments
    }
}

impl FromStr for FaultPlan {
    type Err = FaultPlanError;

    /// Words separated by commas or blanks.
    fn from_str(text: &str) -> Result<Self, FaultPlanError> {
        Self::parse(text.split([',', ' ']).filter(|word| !word.is_empty()))
    }
}

fn read(word: &str, planned: &mut Vec<Planned>) -> Result<(), FaultPlanError> {
    let end = word.find([':', '@']).unwrap_or(word.len());
    let (name, rest) = word.split_at_checked(end).unwrap_or((word, ""));
    let faults: Vec<Fault> = if name == ALL {
        MENU.iter().map(|entry| entry.fault).collect()
    } else {
        vec![Fault::named(name).ok_or_else(|| unknown(name))?]
    };
    for fault in faults {
        let when = if let Some(chance) = rest.strip_prefix(':') {
            let chance = Chance::parse(chance);
            When::Chance(chance.ok_or_else(|| FaultPlanError::Chance { word: word.to_owned(), fault })?)
        } else if let Some(moment) = rest.strip_prefix('@') {
            let moment = parse_moment(moment);
            When::At(moment.ok_or_else(|| FaultPlanError::Moment { word: word.to_owned(), fault })?)
        } else {
            When::Chance(if name == ALL { ALL_CHANCE } else { fault.entry().usual })
        };
        planned.push(Planned { fault, when });
    }
    Ok(())
}

fn unknown(name: &str) -> FaultPlanError {
    let known = MENU.iter().map(|entry| entry.name).chain([ALL]);
    FaultPlanError::Unknown { name: name.to_owned(), nearest: nearest(name, known) }
}

fn parse_moment(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.checked_mul(ms)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_probabilities_and_moments() {
        let plan: FaultPlan = "half-packets,wrong-crc:0.05 silence@90s, silence@1500ms".parse().unwrap();
        assert_eq!(plan.chance(Fault::HalfPackets), Some(Chance::ALWAYS));
        assert_eq!(plan.chance(Fault::WrongCrc), Some(Chance::percent(5)));
        assert_eq!(plan.chance(Fault::Silence), None);
        let moments = [(Duration::from_millis(1_500), Fault::Silence), (Duration::from_secs(90), Fault::Silence)];
        assert_eq!(plan.moments(), moments);
        assert!("".parse::<FaultPlan>().unwrap().is_empty());
    }

    #[test]
    fn all_is_every_fault() {
        let plan: FaultPlan = "all:0.02,flood:1".parse().unwrap();
        assert_eq!(plan.planned().len(), MENU.len() + 1);
        assert_eq!(plan.chance(Fault::Glued), Some(Chance::percent(2)));
        assert_eq!(plan.chance(Fault::Flood), Some(Chance::ALWAYS), "the last counts");
        assert_eq!("all".parse::<FaultPlan>().unwrap().chance(Fault::Glued), Some(ALL_CHANCE));
    }

    #[test]
    fn says_what_cannot_be_read() {
        let error = |text: &str| text.parse::<FaultPlan>().unwrap_err().to_string();
        let unknown = error("wrong-crt");
        assert!(
            unknown.starts_with("there is no fault \"wrong-crt\" (did you mean \"wrong-crc\"?); known are all, half-")
        );
        assert!(error("nonsense").starts_with("there is no fault \"nonsense\"; known are all, "));
        for word in ["glued:2", "glued:1.5", "glued:-1", "glued:", "glued:.", "glued:0.1234567", "glued:1e-3"] {
            assert!(error(word).contains("a probability is a number from 0 to 1"), "{word}");
        }
        for word in ["glued@", "glued@5", "glued@s", "glued@1.5s", "glued@99999999999999999999s", "all@1d"] {
            assert!(error(word).contains("a moment is a whole number"), "{word}");
        }
    }

    #[test]
    fn chances_happen_as_often_as_they_say() {
        let mut rng = Rng::new(1);
        let mut count = |chance: Chance| (0..10_000).filter(|_| chance.happens(&mut rng)).count();
        assert_eq!((count(Chance::ALWAYS), count(Chance::percent(0))), (10_000, 0));
        assert!((900..1_100).contains(&count(Chance::percent(10))));
        assert_eq!(Chance::parse("0.000001"), Some(Chance(1)));
        assert_eq!(Chance::parse("1.0"), Some(Chance::ALWAYS));
    }
}
