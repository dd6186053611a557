//! A lawful conversation that is told differently in one point, to see the rule fail that looks at it.

use voltapile_certify::{EntryId, Finding, Happening, Report, Trace, TraceEntry, Verdict};
use voltapile_protocol::aaf5::checksum::checksum;
use voltapile_protocol::aaf5::frame::{Envelope, write_message};
use voltapile_protocol::aaf5::message::Message;
use voltapile_protocol::aaf5::{Dialect, Frame};
use voltapile_protocol::layout::Direction;

/// A conversation, the side that is examined, and what the lawful one showed of the rule.
pub(super) struct Tale {
    pub(super) entries: Vec<TraceEntry>,
    pub(super) examined: Direction,
    /// Entries that show that the rule was followed.
    pub(super) shown: Vec<usize>,
}

/// One point in which the tale differs.
pub(super) type Twist = Box<dyn Fn(&mut Tale)>;

impl Tale {
    fn is_frame(&self, at: usize, by: Direction) -> bool {
        matches!(&self.entries[at].happening, Happening::Frame(direction, _) if *direction == by)
    }

    /// What the examined side said of what was shown.
    pub(super) fn said(&self) -> Vec<usize> {
        self.shown.iter().copied().filter(|at| self.is_frame(*at, self.examined)).collect()
    }

    pub(super) fn raw(&self, at: usize) -> Vec<u8> {
        match &self.entries[at].happening {
            Happening::Frame(_, raw) => raw.clone(),
            _ => panic!("entry {at} is no frame"),
        }
    }

    pub(super) fn message(&self, at: usize) -> Message {
        let raw = self.raw(at);
        let frame = Frame::parse(&raw).unwrap();
        Message::decode(frame.command, frame.body, Dialect::Standard).unwrap()
    }

    /// Frames of a command, by place.
    pub(super) fn all(&self, command: u16) -> Vec<usize> {
        let is_it = |entry: &TraceEntry| match &entry.happening {
            Happening::Frame(_, raw) => raw.get(6..8) == Some(&command.to_le_bytes()),
            _ => false,
        };
        (0..self.entries.len()).filter(|at| is_it(&self.entries[*at])).collect()
    }

    /// The next frame of a side after a place, on the same connection.
    pub(super) fn next(&self, at: usize, by: Direction) -> usize {
        let connection = self.entries[at].connection;
        let is_it = |place: &usize| self.entries[*place].connection == connection && self.is_frame(*place, by);
        (at + 1..self.entries.len()).find(is_it).unwrap()
    }

    pub(super) fn edit(&mut self, at: usize, edit: impl Fn(&mut Vec<u8>)) {
        if let Happening::Frame(_, raw) = &mut self.entries[at].happening {
            edit(raw);
        }
    }

    /// Changes what a frame says; its number stays.
    pub(super) fn reword(&mut self, at: usize, change: impl Fn(&mut Message)) {
        let mut message = self.message(at);
        change(&mut message);
        let sequence = self.raw(at)[5];
        self.put(at, sequence, &message);
    }

    /// Puts another message into a frame's place.
    pub(super) fn put(&mut self, at: usize, sequence: u8, message: &Message) {
        let mut out = Vec::new();
        write_message(&mut out, Envelope { info: 0x10, sequence }, message).unwrap();
        self.edit(at, |raw| raw.clone_from(&out));
    }

    /// Makes it as if an entry had not been.
    pub(super) fn erase(&mut self, at: usize) {
        self.entries[at].happening = Happening::Opened;
    }

    pub(super) fn delay(&mut self, at: usize, seconds: u64) {
        self.entries[at].at.0 += seconds * 1_000;
    }
}

/// Makes the check sum right again.
pub(super) fn sealed(raw: &mut [u8]) {
    let length = u16::try_from(raw.len()).unwrap();
    raw[2..4].copy_from_slice(&length.to_le_bytes());
    let end = raw.len() - 1;
    raw[end] = checksum(&raw[6..end]);
}

/// The last thing that was said comes so much later.
pub(super) fn late(seconds: u64) -> Twist {
    Box::new(move |tale| {
        let last = *tale.said().last().unwrap();
        tale.delay(last, seconds);
    })
}

/// What was said is other bytes.
pub(super) fn bytes(edit: impl Fn(&mut Vec<u8>) + 'static) -> Twist {
    Box::new(move |tale| tale.said().into_iter().for_each(|at| tale.edit(at, &edit)))
}

/// The last thing that was said is other bytes.
pub(super) fn last_bytes(edit: impl Fn(&mut Vec<u8>) + 'static) -> Twist {
    Box::new(move |tale| tale.edit(*tale.said().last().unwrap(), &edit))
}

/// What was said says something else.
pub(super) fn reworded(change: impl Fn(&mut Message) + 'static) -> Twist {
    Box::new(move |tale| tale.said().into_iter().for_each(|at| tale.reword(at, &change)))
}

/// The thing said at a place from the end says something else.
pub(super) fn reworded_at(back: usize, change: impl Fn(&mut Message) + 'static) -> Twist {
    Box::new(move |tale| {
        let said = tale.said();
        tale.reword(said[said.len() - 1 - back], &change);
    })
}

/// All frames of a command say something else.
pub(super) fn every(command: u16, change: impl Fn(&mut Message) + 'static) -> Twist {
    Box::new(move |tale| tale.all(command).into_iter().for_each(|at| tale.reword(at, &change)))
}

/// All frames of some commands were never sent.
pub(super) fn without(commands: &'static [u16]) -> Twist {
    Box::new(move |tale| {
        commands.iter().for_each(|command| tale.all(*command).into_iter().for_each(|at| tale.erase(at)))
    })
}

/// Both.
pub(super) fn and(one: Twist, other: Twist) -> Twist {
    Box::new(move |tale| {
        one(tale);
        other(tale);
    })
}

pub(super) fn otherwise(twist: impl Fn(&mut Tale) + 'static) -> Twist {
    Box::new(twist)
}

/// A change of one kind of message; others stay.
macro_rules! of {
    ($kind:ident, $said:ident => $change:expr) => {
        move |message: &mut voltapile_protocol::aaf5::message::Message| {
            if let voltapile_protocol::aaf5::message::Message::$kind($said) = message {
                $change;
            }
        }
    };
}
pub(super) use of;

/// What a rule makes of a tale.
pub(super) fn judged(
    lawful: &Report,
    examined: Direction,
    id: &str,
    twist: &Twist,
    report_of: impl Fn(Trace) -> Report,
) -> Finding {
    let of_it = |report: &Report| report.findings.iter().find(|finding| finding.check.id == id).cloned();
    let finding = of_it(lawful).unwrap_or_else(|| panic!("there is no check {id}"));
    let shown = finding.evidence.iter().map(|EntryId(at)| *at).collect();
    let mut tale = Tale { entries: lawful.trace.entries().to_vec(), examined, shown };
    twist(&mut tale);
    let mut trace = Trace::default();
    tale.entries.into_iter().for_each(|entry| _ = trace.push(entry));
    of_it(&report_of(trace)).unwrap()
}

/// Tells each tale, and gives what does not come out: rules that do not fail by their twist, rules without one.
pub(super) fn wrong(
    lawful: &Report,
    examined: Direction,
    twists: &[(&'static str, Twist)],
    prefix: &str,
    report_of: impl Fn(Trace) -> Report,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (id, twist) in twists {
        let finding = judged(lawful, examined, &format!("{prefix}{id}"), twist, &report_of);
        if finding.verdict != Verdict::Fail || finding.evidence.is_empty() {
            wrong.push(format!("{id}: {:?}: {}", finding.verdict, finding.note.en));
        }
    }
    for finding in &lawful.findings {
        let id = finding.check.id;
        if !twists.iter().any(|(twisted, _)| format!("{prefix}{twisted}") == id) {
            wrong.push(format!("{id}: nobody breaks it"));
        }
    }
    wrong
}
