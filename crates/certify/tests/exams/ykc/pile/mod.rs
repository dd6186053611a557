//! The exam of a pile against virtual piles: some by the book, and many that break one thing.

mod fault;
mod lawful;

use voltapile_certify::ykc::pile::{PileExam, PileExamOptions};
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::Frame;
use voltapile_protocol::ykc::field::ConnectorNumber;
use voltapile_protocol::ykc::frame::{Envelope, write_message};
use voltapile_protocol::ykc::message::HeartbeatResponse;
use voltapile_simulator::model::PileSetup;

use crate::stage::{Meddled, PILE, Stage};

/// 2026-11-20 16:10 in UTC+8.
const BEGAN: u64 = 1_795_162_200_000;

fn options() -> PileExamOptions {
    PileExamOptions { began_unix_ms: BEGAN, ..PileExamOptions::default() }
}

fn stage(setup: PileSetup, options: PileExamOptions) -> Stage<PileExam> {
    Stage::new(setup, PileExam::new(options), BEGAN)
}

/// Changes frames on their way. A heartbeat that the pile did not mean to send is not one that it waits to be answered.
fn meddled(
    stage: Stage<PileExam>,
    mut meddler: impl FnMut(Tick, &Frame<'_>) -> Vec<Vec<u8>> + 'static,
) -> Stage<PileExam> {
    stage.meddled(move |now, raw| {
        let frame = Frame::parse(raw).unwrap();
        let leaves = meddler(now, &frame);
        let is_lost_beat = frame.frame_type == 0x03 && leaves.concat().is_empty();
        let answer = if is_lost_beat { heartbeat_answer(&frame) } else { Vec::new() };
        Meddled { leaves, answer }
    })
}

fn heartbeat_answer(frame: &Frame<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let pile_code = PILE;
    let answer = HeartbeatResponse { pile_code, connector_number: ConnectorNumber::bcd(1), ..Default::default() };
    let envelope = Envelope { sequence: frame.sequence, ..Envelope::default() };
    write_message(&mut out, envelope, &answer.into()).unwrap();
    out
}
