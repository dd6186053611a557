//! Both ends against each other on virtual time.

use std::sync::Arc;

use super::*;
use crate::aaf5::code::ParameterAction;
use crate::aaf5::session::platform::{Connection, DeadlineEvent, Event, RecordBody, Settings, SignInAnswer};

/// A pile and a platform with a line between them.
struct Line {
    pile: PileSession,
    platform: Connection,
    answer: SignInAnswer,
    now: Tick,
    /// What the platform saw, by command.
    seen: Vec<u16>,
    records: Vec<i32>,
    answered: Vec<u64>,
    due: Vec<DeadlineEvent>,
    events: Vec<PileEvent>,
}

impl Line {
    fn new(adjust: impl FnOnce(&mut PileConfig)) -> Self {
        let mut config = PileConfig::new(pile());
        config.connector_count = 2;
        adjust(&mut config);
        let platform_time = BcdTime::new(CivilTime::in_china(UNIX_MS));
        Self {
            pile: PileSession::new(config),
            platform: Connection::new(Arc::new(Settings::default()), Tick(0)),
            answer: SignInAnswer { platform_time, ..Default::default() },
            now: Tick(0),
            seen: Vec::new(),
            records: Vec::new(),
            answered: Vec::new(),
            due: Vec::new(),
            events: Vec::new(),
        }
    }

    fn connect(&mut self) {
        let mut out = Vec::new();
        self.pile.connect(self.now, 42, &mut out);
        self.bring_platform(&out);
    }

    /// Brings bytes to the platform, byte by byte, and its answers to the pile.
    fn bring_platform(&mut self, bytes: &[u8]) {
        let mut out = Vec::new();
        for byte in bytes.chunks(1) {
            let (now, answer) = (self.now, self.answer);
            let (seen, records, answered) = (&mut self.seen, &mut self.records, &mut self.answered);
            let taken = self.platform.handle_bytes(now, byte, &mut out, |session, event, frame, out| {
                seen.extend(frame.map(|frame| frame.command));
                match event {
                    Event::SignIn { reply_to, request, .. } => {
                        session.accept_sign_in(now, reply_to, &request, answer, out).unwrap();
                    }
                    Event::Record { reply_to, command, raw, body: RecordBody::Read(message), .. } => {
                        records.extend(record_of(&message).map(|record| record.record_index));
                        if let Some(confirm) = super::super::super::platform::Session::record_confirm(command, raw) {
                            session.reply(reply_to, &confirm, out).unwrap();
                        }
                    }
                    Event::Message { answers, .. } => answered.extend(answers),
                    Event::Heartbeat(_) => {}
                    other => panic!("{other:?}"),
                }
            });
            assert_eq!(taken, Ok(()));
        }
        if !out.is_empty() {
            self.bring_pile(&out);
        }
    }

    fn bring_pile(&mut self, bytes: &[u8]) {
        let mut out = Vec::new();
        let (pile, events, now) = (&mut self.pile, &mut self.events, self.now);
        Framer::new().push(bytes, |piece| {
            let Piece::Frame(frame) = piece else { panic!("one of ours") };
            events.extend(pile.handle_frame(now, &frame, &mut out));
        });
        if !out.is_empty() {
            self.bring_platform(&out);
        }
    }

    /// Lets time pass until `seconds`.
    fn run_until(&mut self, seconds: u64) {
        loop {
            let next = [self.pile.next_deadline(), Some(self.platform.next_deadline())].into_iter().flatten().min();
            let next = next.filter(|at| *at <= Tick(seconds * 1000));
            self.now = next.unwrap_or(Tick(seconds * 1000)).max(self.now);
            let mut out = Vec::new();
            while let Some(due) = self.platform.handle_deadline(self.now, &mut out, |_, _, _, _| {}) {
                self.due.push(due);
            }
            self.bring_pile(&out);
            let mut out = Vec::new();
            self.events.extend(self.pile.handle_deadline(self.now, &mut out));
            self.bring_platform(&out);
            if next.is_none() {
                return;
            }
        }
    }

    fn ask(&mut self, token: u64, message: impl Into<Message>) {
        let mut out = Vec::new();
        let within = Duration::from_secs(5);
        self.platform.session().request(self.now, &message.into(), within, token, &mut out).unwrap();
        self.bring_pile(&out);
    }

    fn count(&self, command: u16) -> usize {
        self.seen.iter().filter(|seen| **seen == command).count()
    }
}

/// Plays a day's worth of a pile's life in ten minutes.
fn ten_minutes(adjust: impl FnOnce(&mut PileConfig), key: Option<[u8; 32]>) -> Line {
    let mut line = Line::new(adjust);
    line.answer.key = key;
    line.connect();
    line.run_until(60);
    assert!(line.pile.is_signed_in() && line.platform.session().pile().is_some());

    let mut out = Vec::new();
    for number in ["SN1", "SN2", "SN3"] {
        line.pile.send_record(line.now, record(number), &mut out).unwrap();
    }
    line.bring_platform(&out);
    assert_eq!((&line.records[..], line.pile.unconfirmed_records()), (&[1, 2, 3][..], 0));

    line.ask(
        1,
        IntegerParameterRequest { action: ParameterAction::Query, first_index: 21, count: 3, ..Default::default() },
    );
    line.ask(2, TextParameterRequest { action: ParameterAction::Query, index: 2, ..Default::default() });
    line.ask(3, TariffQuery::default());
    let connector_number = ConnectorNumber(1);
    line.ask(4, StatusResponse { connector_number, report_now: Some(ReportNow::Yes), ..Default::default() });
    assert_eq!(line.answered, [1, 2, 3, 4]);
    line.run_until(600);
    assert!(!line.events.contains(&PileEvent::LinkDead));
    line
}

#[test]
fn a_pile_by_the_book_lives_with_the_platform() {
    let line = ten_minutes(|config| config.start_count = 3, None);
    assert_eq!((line.count(102), line.count(106)), (31, 1));
    assert_eq!(line.count(104), 2 * 41 + 1);
    assert_eq!(line.due, [DeadlineEvent::ClockSync(pile())], "its clock was never set before the sign-in");
}

#[test]
fn piles_of_each_version_live_with_the_platform() {
    for version in [Version::V26, Version::V34, Version::V47, Version::V52] {
        let line = ten_minutes(|config| config.version = version, None);
        let command = if version.has_fine_records() { 222 } else { 202 };
        assert_eq!(line.count(command), 3, "{version:?}");
    }
}

#[test]
fn piles_with_habits_live_with_the_platform() {
    let habits: [fn(&mut PileConfig); 6] = [
        |config| config.quirks.info = 0x02,
        |config| config.quirks.constant_sequence = Some((0x41, 0x00)),
        |config| {
            config.connector_count = 1;
            config.quirks.connector_zero = true;
        },
        |config| config.quirks.record_command = RecordCommand::Coarse,
        |config| config.quirks.confirms_blindly = true,
        |config| config.heartbeat_seconds = 200,
    ];
    for (number, habit) in habits.into_iter().enumerate() {
        let line = ten_minutes(habit, None);
        assert!(line.due.iter().all(|due| matches!(due, DeadlineEvent::ClockSync(_))), "{number}: {:?}", line.due);
    }
}

#[test]
fn an_encrypted_pile_lives_with_the_platform() {
    let mut line = ten_minutes(|config| config.can_encrypt = true, Some([7; 32]));
    assert!(line.platform.session().is_encrypted());
}

#[test]
fn a_pile_that_speaks_only_when_asked_is_asked_and_heard() {
    let line = ten_minutes(|config| config.report_mode = ReportMode::Answering, None);
    assert_eq!(line.count(102), 0);
    assert_eq!(line.count(104), 2 * 41 + 1, "at the sign-in, every 15 s, and once more");
    assert_eq!(line.due, [DeadlineEvent::ClockSync(pile())]);
}

#[test]
fn firmware_that_answers_answers_does_not_drown_the_line() {
    let mut line = Line::new(|config| config.quirks.status_for_each_answer = true);
    line.connect();
    assert_eq!(line.count(104), 258, "the platform falls silent");
}

#[test]
fn a_platform_that_is_gone_is_noticed_and_a_pile_that_is_gone_too() {
    let mut line = Line::new(|_| {});
    line.connect();
    // From now on nothing of what either sends arrives.
    let (mut now, mut dead_at) = (line.now, None);
    while let Some(at) = line.pile.next_deadline() {
        now = at;
        dead_at = line.pile.handle_deadline(now, &mut Vec::new()).map(|_| now).or(dead_at);
    }
    assert_eq!((dead_at, now), (Some(Tick(80_000)), Tick(80_000)));
    let mut due = Vec::new();
    for seconds in [79, 80, 160] {
        let now = Tick(seconds * 1000);
        due.extend(line.platform.handle_deadline(now, &mut Vec::new(), |_, _, _, _| {}).map(|event| (seconds, event)));
    }
    let closed = DeadlineEvent::Close(crate::session::CloseReason::Silent);
    assert_eq!(due, [(79, DeadlineEvent::ClockSync(pile())), (80, DeadlineEvent::PileSilent(pile())), (160, closed)]);
}
