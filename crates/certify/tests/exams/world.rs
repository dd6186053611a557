//! Virtual time between an exam and a platform.

use voltapile_certify::{ConnectionId, Effect, Exam, Input, Report};
use voltapile_protocol::time::Tick;

/// What a platform does.
pub(crate) enum Said {
    Opened(ConnectionId),
    Bytes(ConnectionId, Vec<u8>),
    Closed(ConnectionId),
}

/// A platform that is examined.
pub(crate) trait Platform {
    fn opened(&mut self, now: Tick, line: ConnectionId) -> Vec<Said>;
    fn heard(&mut self, now: Tick, line: ConnectionId, bytes: &[u8]) -> Vec<Said>;
    fn closed(&mut self, line: ConnectionId) -> Vec<Said>;
    fn next_deadline(&self) -> Option<Tick>;
    fn handle_deadline(&mut self, now: Tick) -> Vec<Said>;
}

/// Turns of the loop that no exam needs: it hangs.
const TURNS_MAX: usize = 200_000;

pub(crate) fn run(exam: &mut impl Exam, mut platform: impl Platform) -> Report {
    let mut now = Tick(0);
    let mut effects = Vec::new();
    for _ in 0..TURNS_MAX {
        let Some(deadline) = exam.next_deadline() else { return exam.report() };
        let next = platform.next_deadline().map_or(deadline, |other| other.min(deadline)).max(now);
        now = next;
        exam.handle_deadline(now, &mut effects);
        let mut said = platform.handle_deadline(now);
        while !effects.is_empty() || !said.is_empty() {
            for effect in std::mem::take(&mut effects) {
                // Some time passes with each packet.
                now = Tick(now.0 + 1);
                said.extend(match effect {
                    Effect::Dial(line) => platform.opened(now, line),
                    Effect::Send(line, bytes) => platform.heard(now, line, &bytes),
                    Effect::Close(line) => platform.closed(line),
                    Effect::Progress(..) | Effect::Ask(_) | Effect::Tell(_) => Vec::new(),
                });
            }
            for said in std::mem::take(&mut said) {
                now = Tick(now.0 + 1);
                let input = match &said {
                    Said::Opened(line) => Input::Opened(*line),
                    Said::Bytes(line, bytes) => Input::Bytes(*line, bytes),
                    Said::Closed(line) => Input::Closed(*line, false),
                };
                exam.handle(now, input, &mut effects);
            }
        }
    }
    panic!("the exam does not end");
}

/// Every dial fails.
pub(crate) fn run_unreachable(exam: &mut impl Exam) -> Report {
    let mut now = Tick(0);
    let mut effects = Vec::new();
    for _ in 0..TURNS_MAX {
        let Some(deadline) = exam.next_deadline() else { return exam.report() };
        now = deadline.max(now);
        exam.handle_deadline(now, &mut effects);
        while let Some(effect) = effects.pop() {
            if let Effect::Dial(line) = effect {
                exam.handle(now, Input::NotOpened(line, "connection refused".to_owned()), &mut effects);
            }
        }
    }
    panic!("the exam does not end");
}
