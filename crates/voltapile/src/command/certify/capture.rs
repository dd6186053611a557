//! A capture as the trace of an exam that nobody led.

use std::collections::BTreeSet;

use voltapile_capture::Timestamp;
use voltapile_certify::aaf5::pile as aaf5;
use voltapile_certify::ykc::pile::{judge, pile_of};
use voltapile_certify::{ConnectionId, Recorder, Report, Subject};
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::scan::Piece;
use voltapile_protocol::inspect::{Lang, Options};
use voltapile_protocol::time::Tick;

use super::pile::pile_code;
use super::{in_shape, name_of_32};
use crate::command::{Failure, read_file};
use crate::traffic::{Happening, Said, watch};

/// What a capture shows of a pile: of the first that logs in, where none is named.
pub(super) fn judged(path: &str, protocol: Protocol, pile: Option<&str>, lang: Lang) -> Result<Report, Failure> {
    let file = read_file(path, lang.pick("抓包文件", "a capture"), lang)?;
    let mut scribe = Scribe::default();
    watch(&file, Options { protocol: Some(protocol), ..Options::default() }, &mut |happening| match happening {
        Happening::Said(said) => scribe.said(&said),
        Happening::Closed { talk, .. } => scribe.closed(talk.number),
        Happening::Problem { .. } | Happening::Damaged(_) => {}
    });
    let Scribe { recorder, began, now, .. } = scribe;
    let trace = recorder.into_trace();
    let nobody = || Failure::new(format!("no pile speaks in {path}"), "`voltapile decode` shows what there is");
    let (name, findings) = match protocol {
        Protocol::Ykc => {
            let named = pile.map(|text| in_shape("--pile", text, pile_code)).transpose()?;
            let pile = named.or_else(|| pile_of(&trace)).ok_or_else(nobody)?;
            (pile.to_string(), judge(&trace, pile, now))
        }
        Protocol::Aaf5 => {
            let named = pile.map(|text| in_shape("--pile", text, name_of_32)).transpose()?;
            let pile = named.or_else(|| aaf5::pile_of(&trace)).ok_or_else(nobody)?;
            (pile.text(), aaf5::judge(&trace, pile, now))
        }
    };
    let began_unix_ms = began.map_or(0, |began| began.0 / 1_000);
    Ok(Report { protocol, subject: Subject::Pile, name, findings, trace, began_unix_ms })
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
