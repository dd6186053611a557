//! From the file's tables to a scenario: what the types alone cannot say is checked here, with the line of its table.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use voltapile_protocol::Protocol;
use voltapile_protocol::ykc::field::PileCode;

use super::Scenario;
use super::error::ScenarioError;
use super::file::{CauseWord, Current, PileTable, ProtocolWord, ScenarioTable, StepTable, Verb};
use super::firmware::equip;
use super::happening::Happening;
use super::keys::{PATIENCE, ask, car, check_car, condition, played_behind, repeat, trigger};
use super::pile::PilePlan;
use super::step::{Step, What};
use super::value::{AesKeyText, Card, Code, Span};
use crate::fault::{Fault, FaultPlan};
use crate::load;
use crate::model::{Action, BreakOff, Credential, PileSetup};

/// How long the whole may take when nothing is said.
const LIMIT: Duration = Duration::from_secs(10 * 60);
/// Piles of one scenario: as many as a person can still read the results of.
const PILES_MAX: usize = 1_000;
/// Connectors of one pile.
const CONNECTORS_MAX: u8 = 12;
/// Steps that are played in all, repetitions of repetitions included: each leaves an outcome behind.
const PLAYED_MAX: u64 = 100_000;
/// Simulated seconds per second at most: a day in 24 s.
const SPEED_MAX: u32 = 3_600;

impl Scenario {
    /// Reads a scenario's file.
    ///
    /// # Errors
    /// [`ScenarioError`] with the line and the key that is wrong.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let file: ScenarioTable = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            ScenarioError::at(text, offset, error.message().replace('\n', "; "))
        })?;
        let reader = Reader { text };
        let piles = reader.piles(file.pile)?;
        let steps = reader.steps(file.step, &piles)?;
        if let Some(speed) = &file.speed {
            reader.within(speed, 1..=SPEED_MAX, "speed")?;
        }
        let limit = file.limit.map_or(LIMIT, |Span(limit)| limit);
        let speed = file.speed.map(Spanned::into_inner);
        Ok(Self { title: file.title.bilingual(), speed, seed: file.seed, limit, piles, steps })
    }
}

/// Knows the text, so that it can say on which line something stands.
struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn error(&self, at: Range<usize>, what: impl Into<String>) -> ScenarioError {
        // The span of a table begins with its header or with its first key.
        ScenarioError::at(self.text, at.start, what)
    }

    fn within<T: Copy + PartialOrd + std::fmt::Display>(
        &self,
        value: &Spanned<T>,
        bounds: std::ops::RangeInclusive<T>,
        key: &str,
    ) -> Result<T, ScenarioError> {
        let number = *value.get_ref();
        if bounds.contains(&number) {
            return Ok(number);
        }
        let (least, most) = (bounds.start(), bounds.end());
        Err(self.error(value.span(), format!("{key} = {number}: expected {least} to {most}")))
    }

    fn piles(&self, tables: Vec<Spanned<PileTable>>) -> Result<Vec<PilePlan>, ScenarioError> {
        let mut piles = Vec::new();
        if tables.is_empty() {
            return Err(ScenarioError::at(self.text, 0, "no [[pile]]: a scenario needs one at least"));
        }
        for table in tables {
            let span = table.span();
            self.pile(span.clone(), table.into_inner(), &mut piles)?;
            if piles.len() > PILES_MAX {
                return Err(self.error(span, format!("more than {PILES_MAX} piles")));
            }
        }
        Ok(piles)
    }

    /// The piles of one table, behind those that are there.
    fn pile(&self, span: Range<usize>, table: PileTable, piles: &mut Vec<PilePlan>) -> Result<(), ScenarioError> {
        let most = PILES_MAX as u16;
        let count = table.count.as_ref().map_or(Ok(1), |count| self.within(count, 1..=most, "count"))?;
        let connectors = match &table.connectors {
            Some(connectors) => self.within(connectors, 1..=CONNECTORS_MAX, "connectors")?,
            None => 2,
        };
        let faults = match &table.faults {
            Some(words) => {
                words.get_ref().parse().map_err(|error| self.error(words.span(), format!("faults: {error}")))?
            }
            None => FaultPlan::default(),
        };
        let name = table.name.unwrap_or_else(|| (piles.len() + 1).to_string());
        for index in 0..usize::from(count) {
            let code = match table.code {
                Some(Code(first)) => following(first, index),
                None => load::pile_code(1, piles.len()),
            };
            let mut setup = match table.current {
                Current::Dc => PileSetup::dc(code, connectors),
                Current::Ac => PileSetup::ac(code, connectors),
            };
            if table.protocol == Some(ProtocolWord::Aaf5) {
                setup = setup.speaking_aaf5();
            }
            setup.walk_ins = table.visitors;
            setup.visitor_cards = table.cards.iter().map(|Card(card)| *card).collect();
            setup.parking_locks = table.parking_locks;
            let behaviour = table.behaviour.clone().behaviour(&[setup.protocol()]);
            setup.behaviour = behaviour.map_err(|error| self.error(span.clone(), error))?;
            if let Some(power) = &table.power_kw {
                setup.max_power_w = self.within(power, 1..=2_000, "power_kw")? * 1_000;
            }
            if let Some(named) = &table.firmware {
                setup = equip(setup, named.get_ref()).map_err(|error| self.error(named.span(), error))?;
            }
            if let Some(key) = &table.aes_key {
                let AesKeyText(own) = *key.get_ref();
                let keyed = setup.with_aes_key(own);
                setup = keyed.map_err(|error| self.error(key.span(), format!("aes_key: {error}")))?;
            }
            if piles.iter().any(|pile| pile.code() == code) {
                return Err(self.error(span, format!("two piles with the code {code}")));
            }
            piles.push(PilePlan { name: name.clone(), setup, faults: faults.clone() });
        }
        Ok(())
    }

    fn steps(&self, tables: Vec<Spanned<StepTable>>, piles: &[PilePlan]) -> Result<Vec<Step>, ScenarioError> {
        let mut steps = Vec::new();
        let mut names: Vec<(String, usize)> = Vec::new();
        // How many steps are played before each one is for the first time.
        let mut played = vec![0_u64];
        for table in tables {
            let (span, table) = (table.span(), table.into_inner());
            if let Some(name) = &table.name {
                if names.iter().any(|(known, _)| known == name) {
                    return Err(self.error(span, format!("two steps with the name {name:?}")));
                }
                names.push((name.clone(), steps.len()));
            }
            let step = self.step(span.clone(), &table, piles, &names)?;
            let so_far = played_behind(&step, &played);
            if so_far > PLAYED_MAX {
                return Err(self.error(span, format!("more than {PLAYED_MAX} steps are played up to here")));
            }
            played.push(so_far);
            steps.push(step);
        }
        Ok(steps)
    }

    fn step(
        &self,
        span: Range<usize>,
        table: &StepTable,
        piles: &[PilePlan],
        names: &[(String, usize)],
    ) -> Result<Step, ScenarioError> {
        let wrong = |what: String| self.error(span.clone(), what);
        let named = names.iter().map(|(name, place)| (name.as_str(), *place));
        self.check_keys(table).map_err(&wrong)?;
        let trigger = trigger(table).map_err(&wrong)?;
        let about = self.about(table.pile.as_ref(), piles)?;
        let protocols: Vec<_> =
            about.iter().filter_map(|place| piles.get(*place)).map(|pile| pile.setup.protocol()).collect();
        let what = match (table.verb, table.expect, table.hold) {
            (Some(Verb::Repeat), None, None) => repeat(table, named).map_err(&wrong)?,
            (Some(verb), None, None) => What::Do(self.happening(span.clone(), verb, table, &protocols)?),
            (None, Some(word), None) => {
                What::Expect(condition(word, table).map_err(&wrong)?, table.within.map_or(PATIENCE, |Span(span)| span))
            }
            (None, None, Some(word)) => match table.lasting {
                Some(Span(lasting)) => What::Hold(condition(word, table).map_err(&wrong)?, lasting),
                None => return Err(wrong("hold needs for = \"…\": how long it is to stay so".to_owned())),
            },
            _ => return Err(wrong("a step has one of do, expect and hold".to_owned())),
        };
        self.check_connectors(table, &about, piles).map_err(&wrong)?;
        check_car(table).map_err(&wrong)?;
        let line = ScenarioError::at(self.text, span.start, "").line;
        Ok(Step { line, trigger, piles: about, what })
    }

    /// A key that does not go with the step would be passed over, and the author believe otherwise.
    fn check_keys(&self, table: &StepTable) -> Result<(), String> {
        let mut allowed: BTreeSet<&str> = BTreeSet::new();
        let mut of = Vec::new();
        if let Some(verb) = table.verb {
            allowed.extend(verb.keys());
            of.push(format!("do = {:?}", verb.name()));
        }
        for word in [table.when, table.expect, table.hold].into_iter().flatten() {
            allowed.extend(word.keys());
        }
        if table.hold.is_some() {
            allowed.insert("for");
        }
        match table.written().find(|key| !allowed.contains(key)) {
            None => Ok(()),
            Some(key) if allowed.is_empty() => Err(format!("{key} does not go with this step")),
            Some(key) => {
                let known: Vec<&str> = allowed.into_iter().collect();
                let of = of.first().map_or("this step", String::as_str);
                Err(format!("{key} does not go with {of}; what goes with it is {}", known.join(", ")))
            }
        }
    }

    /// The piles that a step names; all of them when it names none.
    fn about(&self, name: Option<&Spanned<String>>, piles: &[PilePlan]) -> Result<Vec<usize>, ScenarioError> {
        let Some(name) = name else { return Ok((0..piles.len()).collect()) };
        let wanted = name.get_ref();
        let is_wanted = |pile: &PilePlan| pile.name == *wanted || pile.code().to_string() == *wanted;
        let about: Vec<usize> =
            piles.iter().enumerate().filter(|(_, pile)| is_wanted(pile)).map(|(place, _)| place).collect();
        if about.is_empty() {
            let names: BTreeSet<&str> = piles.iter().map(|pile| pile.name.as_str()).collect();
            let names: Vec<&str> = names.into_iter().collect();
            return Err(self.error(name.span(), format!("no pile {wanted:?}; there are {}", names.join(", "))));
        }
        Ok(about)
    }

    fn check_connectors(&self, table: &StepTable, about: &[usize], piles: &[PilePlan]) -> Result<(), String> {
        for number in [table.connector, table.auxiliary].into_iter().flatten() {
            let has_it = |place: &usize| {
                piles.get(*place).is_some_and(|pile| (1..=pile.setup.config.connector_count).contains(&number))
            };
            if !about.iter().all(has_it) {
                return Err(format!("connector {number}: not every pile of this step has it"));
            }
        }
        match table.auxiliary {
            Some(auxiliary) if auxiliary == table.connector.unwrap_or(1) => {
                Err(format!("auxiliary = {auxiliary}: expected another connector than the one that leads"))
            }
            _ => Ok(()),
        }
    }

    fn happening(
        &self,
        span: Range<usize>,
        verb: Verb,
        table: &StepTable,
        protocols: &[Protocol],
    ) -> Result<Happening, ScenarioError> {
        let missing = |key: &str| self.error(span.clone(), format!("do = {:?} needs {key}", verb.name()));
        let connector = table.connector.unwrap_or(1);
        let password = table.password_md5.map(|password| password.0);
        let ask = |credential| ask(connector, table.auxiliary, credential);
        let actions = match verb {
            Verb::Plug => vec![Action::Plug { connector, car: car(table) }],
            Verb::Unplug => vec![Action::Unplug { connector }],
            Verb::Swipe => {
                let Card(card) = table.card.ok_or_else(|| missing("card"))?;
                vec![ask(Credential::Card(card, password))]
            }
            Verb::Account => {
                let Card(account) = table.account.ok_or_else(|| missing("account"))?;
                vec![ask(Credential::Account(account, password))]
            }
            Verb::Vin => vec![Action::Plug { connector, car: car(table) }, ask(Credential::Vin)],
            Verb::Stop => vec![Action::Stop { connector, password: table.password }],
            Verb::BreakOff => {
                let cause = match table.cause.ok_or_else(|| missing("cause"))? {
                    CauseWord::BmsError => BreakOff::BmsError,
                    CauseWord::BmsAbort => BreakOff::BmsAbort,
                    CauseWord::ChargerAbort => BreakOff::ChargerAbort,
                };
                vec![Action::BreakOff { connector, cause }]
            }
            Verb::Break => {
                let broken = table.broken.ok_or_else(|| missing("broken"))?;
                vec![Action::SetFaults { connector, faults: broken.0 }]
            }
            Verb::Repair => vec![Action::SetFaults { connector, faults: Default::default() }],
            Verb::Behave => {
                let behaviour = table.behaviour.clone().ok_or_else(|| missing("behaviour"))?;
                let behaviour = behaviour.behaviour(protocols).map_err(|error| self.error(span.clone(), error))?;
                vec![Action::Behave(Box::new(behaviour))]
            }
            Verb::ReleaseRecords => vec![Action::ReleaseRecords],
            Verb::Reboot => vec![Action::Reboot],
            Verb::PowerCut => {
                let Span(lasts) = table.lasting.ok_or_else(|| missing("for"))?;
                vec![Action::PowerCut { lasts }]
            }
            Verb::Cut => return Ok(Happening::Cut),
            Verb::Reconnect => return Ok(Happening::Reconnect),
            Verb::Inject => {
                let name = table.fault.as_ref().ok_or_else(|| missing("fault"))?;
                let unknown = || self.error(name.span(), format!("no fault {:?} on the menu", name.get_ref()));
                return Fault::named(name.get_ref()).map(Happening::Inject).ok_or_else(unknown);
            }
            Verb::Say => return table.text.clone().map(Happening::Say).ok_or_else(|| missing("text")),
            Verb::Repeat => return Err(missing("from")),
        };
        Ok(Happening::Act(actions))
    }
}

/// The code so many places behind another.
pub fn following(first: PileCode, places: usize) -> PileCode {
    let number = first.to_string().parse::<u64>().unwrap_or_default().saturating_add(places as u64);
    let digits = format!("{number:014}");
    let behind = digits.len().saturating_sub(14);
    digits.get(behind..).and_then(|digits| digits.parse().ok()).unwrap_or(first)
}
