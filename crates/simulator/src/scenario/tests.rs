//! Files that are read or refused, and timelines over piles whose state the test decides.

use std::time::Duration;

use voltapile_protocol::ykc::code::{ConnectorState, StartRefusal};

use super::*;
use crate::model::{Action, CarWish, ModelOptions, PileSnapshot, Refusal, VirtualPile};

const WHOLE: &str = r#"
title = { zh = "刷卡充电", en = "A card charges" }
speed = 60
limit = "2m"

[[pile]]
name = "a"
code = "32010600000021"
connectors = 1

[[pile]]
name = "fleet"
type = "ac"
count = 2
faults = "glued, wrong-crc:0.01"

[[step]]
name = "again"
when = "working"
pile = "a"
do = "swipe"
card = "D14B0001"

[[step]]
pile = "a"
expect = "charging"
within = "5s"

[[step]]
after = "3s"
pile = "a"
do = "unplug"

[[step]]
hold = "idle"
pile = "a"
for = "1s"

[[step]]
do = "repeat"
from = "again"
times = 2
"#;

/// What is wrong with a file.
fn error(text: &str) -> String {
    Scenario::parse(text).unwrap_err().to_string()
}

/// The file with something else in it.
fn with(from: &str, to: &str) -> String {
    assert!(WHOLE.contains(from), "{from}");
    WHOLE.replacen(from, to, 1)
}

#[test]
fn a_file_becomes_a_scenario() {
    let scenario = Scenario::parse(WHOLE).unwrap();
    assert_eq!((scenario.title.zh.as_str(), scenario.speed, scenario.seed), ("刷卡充电", Some(60), None));
    let piles: Vec<_> = scenario.piles.iter().map(|pile| (pile.name.as_str(), pile.code().to_string())).collect();
    let expected = [("a", "32010600000021"), ("fleet", "99000000000002"), ("fleet", "99000000000003")];
    assert_eq!(piles, expected.map(|(name, code)| (name, code.to_owned())));
    assert!(!scenario.piles[0].setup.walk_ins, "nobody comes who is not called");
    assert_eq!(scenario.piles[1].faults.planned().len(), 2);
    assert_eq!(scenario.steps.len(), 5);
    assert_eq!((scenario.steps[0].line, &scenario.steps[0].piles), (17, &vec![0]));
    let What::Do(Happening::Act(actions)) = &scenario.steps[2].what else { panic!("{:?}", scenario.steps[2]) };
    assert_eq!(actions, &[Action::Unplug { connector: 1 }]);
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_key() {
    for (text, expected) in [
        (with("speed = 60", "sped = 60"), "line 3: unknown field `sped`, expected one of `title`, `speed`"),
        (with("speed = 60", "speed = 0"), "line 3: speed = 0: expected 1 to 3600"),
        (with("limit = \"2m\"", "limit = \"2 m\""), "line 4: \"2 m\" is no time: expected a time such as 10s"),
        (with("connectors = 1", "connectors = 13"), "line 9: connectors = 13: expected 1 to 12"),
        (with("32010600000021", "3201060000002X"), "line 8: \"3201060000002X\" is no pile code"),
        (with("type = \"ac\"", "type = \"dcc\""), "line 13: unknown variant `dcc`, expected `dc` or `ac`"),
        (with("glued,", "glue,"), "line 15: faults: there is no fault \"glue\" (did you mean \"glued\"?)"),
        (with("count = 2", "firmware = \"v1.66\""), "line 14: there is no firmware \"v1.66\" (did you mean \"v1.6\"?)"),
        (with("do = \"swipe\"", "do = \"swip\""), "line 21: unknown variant `swip`, expected one of `plug`"),
        (with("D14B0001", "D14BXXXX"), "line 22: \"D14BXXXX\" is no card"),
        (with("card = \"D14B0001\"", ""), "line 17: do = \"swipe\" needs card"),
        (with("card = \"D14B0001\"", "vin = \"LVPTEST10SA000001\""), "line 17: vin does not go with do = \"swipe\""),
        (with("pile = \"a\"\ndo = \"swipe\"", "pile = \"b\"\ndo = \"swipe\""), "no pile \"b\"; there are a, fleet"),
        (with("within = \"5s\"", "connector = 2"), "connector 2: not every pile of this step has it"),
        (with("for = \"1s\"", ""), "hold needs for"),
        (with("times = 2", "times = 1"), "times = 1: expected 2 to 10000"),
        (with("from = \"again\"", "from = \"gain\""), "no earlier step has the name \"gain\""),
        (with("after = \"3s\"", "after = \"3s\"\nat = \"4s\""), "a step begins by one of at, after and when"),
        (with("do = \"unplug\"", ""), "a step has one of do, expect and hold"),
        (with("after = \"3s\"", "within = \"3s\""), "within goes with when or expect"),
        (with("card = \"D14B0001\"", "card = \"1\"\nauxiliary = 1"), "expected another connector than the one"),
        (with("do = \"unplug\"", "do = \"plug\"\nsoc = 101"), "soc = 101: expected 0 to 100"),
        (with("do = \"unplug\"", "do = \"plug\"\ntarget = 0"), "target = 0: expected 1 to 100"),
        (with("do = \"unplug\"", "do = \"plug\"\nbattery_kwh = 0"), "battery_kwh = 0: expected 1 to 1000"),
        (
            with("do = \"unplug\"", "do = \"behave\"\nbehaviour = { records = \"held\", records_late_by = \"3s\" }"),
            "records_late_by goes with records = \"at-once\" only",
        ),
        (
            with("do = \"unplug\"", "do = \"behave\"\nbehaviour = { ignores = [1105] }"),
            "ignores: 1105 is no frame type of YKC, which end at 255",
        ),
        (
            with("do = \"unplug\"", "do = \"behave\"\nbehaviour = { withholds = [70000] }"),
            "70000 is no frame type and no command: expected 0 to 65535",
        ),
        (with("do = \"unplug\"", "do = \"plug\"\npassword = 1"), "password does not go with do = \"plug\""),
        (with("count = 2", "aes_key = \"07\""), "line 14: an AES key has 64 hex digits"),
        (
            with("count = 2", &format!("aes_key = \"{}\"", "07".repeat(32))),
            "line 14: aes_key: only piles with protocol aaf5 encrypt",
        ),
        ("title = { zh = \"x\" }".to_owned(), "title: expected a text, or { zh"),
        ("title = \"x\"".to_owned(), "no [[pile]]"),
        ("title = ".to_owned(), "line 1: "),
    ] {
        let error = error(&text);
        assert!(error.starts_with("line ") && error.contains(expected), "{expected:?} is not in {error:?}");
    }
}

#[test]
fn repetitions_of_repetitions_are_bounded() {
    let again = |times: u32| format!("[[step]]\ndo = \"repeat\"\nfrom = \"again\"\ntimes = {times}\n");
    let played = |last: u32| Scenario::parse(&format!("{}\n{}{}", WHOLE.trim_end(), again(99), again(last)));
    // Four steps and the repetition, twice; that and its repetition 99 times; all of it once more.
    assert!(played((100_000 - 1) / (11 * 99)).is_ok());
    let error = played(1_000).unwrap_err();
    assert!(error.what.contains("more than 100000 steps are played"), "{error}");
    assert_eq!(error.line, 47);
}

#[test]
fn a_car_is_described_by_its_step() {
    let step = "do = \"vin\"\nvin = \"LVPTEST10SA000001\"\nsoc = 20\nbattery_kwh = 60";
    let text = with("do = \"swipe\"\ncard = \"D14B0001\"", step);
    let scenario = Scenario::parse(&text).unwrap();
    let What::Do(Happening::Act(actions)) = &scenario.steps[0].what else { panic!() };
    let car = CarWish { soc_percent: Some(20), capacity_wh: Some(60_000), ..CarWish::of(*b"LVPTEST10SA000001") };
    assert_eq!(actions[0], Action::Plug { connector: 1, car });
    assert!(matches!(actions[1], Action::Ask { connector: 1, .. }));
}

#[test]
fn what_only_aaf5_has_is_read_for_its_piles() {
    let text =
        "title = \"x\"\n[[pile]]\nprotocol = \"aaf5\"\nbehaviour = { ignores = [1105, 0x33], withholds = [222] }\n";
    let step = "[[step]]\ndo = \"stop\"\npassword = 4711\n";
    let scenario = Scenario::parse(&format!("{text}aes_key = \"{}\"\n{step}", "07".repeat(32))).unwrap();
    let setup = &scenario.piles[0].setup;
    assert_eq!((&setup.behaviour.ignores, &setup.behaviour.withholds), (&vec![1_105, 0x33], &vec![222]));
    let crate::model::Speech::Aaf5(speech) = setup.speech else { panic!() };
    assert_eq!(speech.aes_key, Some(crate::model::AesKey([7; 32])));
    let What::Do(Happening::Act(actions)) = &scenario.steps[0].what else { panic!() };
    assert_eq!(actions, &[Action::Stop { connector: 1, password: Some(4_711) }]);
}

/// Piles whose state the test decides.
struct World {
    timeline: Timeline,
    piles: Vec<PileSnapshot>,
    confirmed: u64,
}

impl World {
    fn new(text: &str) -> Self {
        let scenario = Scenario::parse(text).unwrap();
        let snapshot = |pile: &PilePlan| VirtualPile::new(pile.setup.clone(), ModelOptions::default()).snapshot();
        let piles = scenario.piles.iter().map(snapshot).collect();
        Self { timeline: Timeline::new(&scenario), piles, confirmed: 0 }
    }

    fn turn(&mut self, ms: u64) -> Turn {
        let Self { timeline, piles, confirmed } = self;
        timeline.turn(Duration::from_millis(ms), |place| {
            let snapshot = piles.get(place)?;
            Some(Facts { snapshot, records_confirmed: *confirmed, logins_refused: 0 })
        })
    }

    fn set(&mut self, state: ConnectorState) {
        self.piles[0].connectors[0].state = state;
    }
}

const fn wait(ms: u64) -> Turn {
    Turn::Wait(Duration::from_millis(ms))
}

#[test]
fn steps_are_played_one_after_the_other_and_repeated() {
    let mut world = World::new(WHOLE);
    assert_eq!(world.turn(0), wait(30_000), "not logged in yet");
    world.piles[0].is_working = true;
    for round in 0..2 {
        let begin = 1_000 + round * 10_000;
        world.set(ConnectorState::Idle);
        assert!(matches!(world.turn(begin), Turn::Do { piles, .. } if piles == [0]));
        assert_eq!(world.turn(begin + 100), wait(begin + 5_100), "charging is expected within 5 s of the swipe");
        world.set(ConnectorState::Charging);
        assert_eq!(world.turn(begin + 400), wait(begin + 3_400), "3 s after the charge began");
        assert!(matches!(world.turn(begin + 3_400), Turn::Do { .. }));
        world.set(ConnectorState::Idle);
        assert_eq!(world.turn(begin + 3_500), wait(begin + 4_500));
        if round == 0 {
            world.piles[0].is_working = false;
            assert_eq!(world.turn(begin + 4_500), wait(begin + 34_500), "from the first step again");
            world.piles[0].is_working = true;
        } else {
            assert_eq!(world.turn(begin + 4_500), Turn::Over);
        }
    }
    assert!(world.timeline.has_passed());
    assert_eq!(world.timeline.outcomes().len(), 10);
}

#[test]
fn what_does_not_come_in_time_fails_and_ends_the_scenario() {
    let mut world = World::new(WHOLE);
    world.piles[0].is_working = true;
    assert!(matches!(world.turn(0), Turn::Do { .. }));
    world.piles[0].connectors[0].last_refusal = Some(Refusal::Platform(StartRefusal::AccountUnknown));
    assert_eq!(world.turn(10), wait(5_010));
    assert_eq!(world.turn(5_010), Turn::Over);
    assert_eq!(world.turn(5_020), Turn::Over);
    assert!(!world.timeline.has_passed());
    let [_, StepOutcome { step: 1, verdict: Verdict::Failed(failure), .. }] = world.timeline.outcomes() else {
        panic!("{:?}", world.timeline.outcomes())
    };
    assert_eq!((failure.pile, &failure.wanted), (Some(0), &Some(Condition::Charging(1))));
    assert!(failure.instead.en.contains("account does not exist (account_unknown)"), "{}", failure.instead.en);
    assert!(failure.instead.zh.contains("账户不存在（account_unknown）"), "{}", failure.instead.zh);
}

#[test]
fn what_is_to_stay_must_stay() {
    let mut world = World::new(WHOLE);
    world.piles[0].is_working = true;
    world.turn(0);
    world.set(ConnectorState::Charging);
    world.turn(10);
    assert!(matches!(world.turn(3_010), Turn::Do { .. }));
    assert_eq!(world.turn(3_020), Turn::Over, "it should be idle and still charges");
    assert!(!world.timeline.has_passed());
}

#[test]
fn the_whole_has_a_limit() {
    let mut world = World::new(&with("limit = \"2m\"", "limit = \"1s\""));
    assert_eq!(world.turn(0), wait(1_000), "no longer than the whole may take");
    assert_eq!(world.turn(1_000), Turn::Over);
    assert!(!world.timeline.has_passed());
}

#[test]
fn conditions_look_at_records_reasons_and_energy() {
    let world = World::new(WHOLE);
    let mut pile = world.piles[0].clone();
    let holds = |condition: &Condition, pile: &PileSnapshot, confirmed| {
        condition.holds(&Facts { snapshot: pile, records_confirmed: confirmed, logins_refused: 0 })
    };
    let refused = |reason: Option<&str>| Condition::Refused(1, reason.map(str::to_owned));
    assert!(!holds(&refused(None), &pile, 0));
    pile.connectors[0].last_refusal = Some(Refusal::Unanswered);
    assert!(holds(&refused(None), &pile, 0) && holds(&refused(Some("unanswered")), &pile, 0));
    assert!(!holds(&refused(Some("wrong_password")), &pile, 0));
    assert!(holds(&Condition::RecordConfirmed(1), &pile, 1));
    pile.held_records = 1;
    assert!(!holds(&Condition::RecordConfirmed(1), &pile, 1), "one waits still");
    assert!(holds(&Condition::RecordWaiting(1), &pile, 1) && !holds(&Condition::RecordWaiting(2), &pile, 1));
    pile.connectors[0].energy = 5_000;
    assert!(holds(&Condition::Energy(1, 5_000), &pile, 0) && !holds(&Condition::Energy(1, 5_001), &pile, 0));
    assert!(!holds(&Condition::Idle(2), &pile, 0), "it has one connector only");
}
