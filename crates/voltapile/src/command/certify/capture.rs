//! A capture as the trace of an exam that nobody led.

use std::collections::BTreeSet;

use voltapile_capture::Timestamp;
use voltapile_certify::pile::{judge, pile_of};
use voltapile_certify::{ConnectionId, Recorder, Report, Subject};
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::scan::Piece;
use voltapile_protocol::inspect::{Lang, Options};
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::field::PileCode;

use crate::command::{Failure, read_file};
use crate::traffic::{Happening, Said, watch};

/// What a capture shows of a pile: of the first that logs in, where none is named.
pub(super) fn judged(path: &str, pile: Option<PileCode>, lang: Lang) -> Result<Report, Failure> {
    let file = read_file(path, lang.pick("抓包文件", "a capture"), lang)?;
    let mut scribe = Scribe::default();
    watch(&file, Options { protocol: Some(Protocol::Ykc), ..Options::default() }, &mut |happening| match happening {
        Happening::Said(said) => scribe.said(&said),
        Happening::Closed { talk, .. } => scribe.closed(talk.number),
        Happening::Problem { .. } | Happening::Damaged(_) => {}
    });
    let Scribe { recorder, began, now, .. } = scribe;
    let trace = recorder.into_trace();
    let Some(pile) = pile.or_else(|| pile_of(&trace)) else {
        return Err(Failure::new(format!("no pile speaks in {path}"), "`voltapile decode` shows what there is"));
    };
    let findings = judge(&trace, pile, now);
    let began_unix_ms = began.map_or(0, |began| began.0 / 1_000);
    Ok(Report { subject: Subject::Pile, name: pile.to_string(), findings, trace, began_unix_ms })
}

/// Writes down what is said in a capture.
#[derive(Default)]
struct Scribe {
    recorder: Recorder,
    open: BTreeSet<usize>,
    began: Option<Timestamp>,
    now: Tick,
}

impl Scribe {
    fn said(&mut self, said: &Said<'_>) {
        // What lies beyond the numbers of connections is beyond a trace's bound as well.
        let Some(connection) = connection(said.talk.number) else { return };
        let began = *self.began.get_or_insert(said.at);
        self.now = self.now.max(Tick(said.at.0.saturating_sub(began.0) / 1_000));
        if self.open.insert(said.talk.number) {
            self.recorder.opened(self.now, connection);
        }
        let bytes = match said.piece {
            Piece::Found(found) => found.raw,
            Piece::Skipped { bytes, .. } => bytes,
        };
        self.recorder.passed(self.now, connection, said.direction, bytes);
    }

    fn closed(&mut self, number: usize) {
        if let Some(connection) = connection(number).filter(|_| self.open.remove(&number)) {
            self.recorder.closed(self.now, connection, None);
        }
    }
}

fn connection(number: usize) -> Option<ConnectionId> {
    u16::try_from(number).ok().map(ConnectionId)
}
