//! Sequence numbers.

use super::{Rule, rule};
use crate::case::{Case, both};
use crate::ykc::pile::tolerance::ANSWER;
use crate::ykc::pile::view::{Seen, View};

pub(super) static RULES: &[Rule] = &[
    rule(
        "pile.sequence.begins_at_zero",
        "每次连接后序列号从 0 开始",
        "the numbers begin at 0 on every connection",
        "V1.6 §3.2",
        begins_at_zero,
    ),
    rule(
        "pile.sequence.counts",
        "桩主动发送的帧，序列号逐帧变化",
        "the pile's own requests are counted",
        "V1.6 §3.2",
        counts,
    ),
    rule(
        "pile.sequence.echo",
        "应答帧重复请求帧的序列号",
        "an answer repeats the number of its request, byte for byte",
        "V1.6 §3.2",
        echo,
    ),
];

/// Requests that show whether a pile counts: fewer may be alike by chance.
const COUNTED_MIN: usize = 4;

fn begins_at_zero(view: &View<'_>, case: &mut Case) {
    for link in view.lines.iter().filter(|link| view.saw_begin(link)) {
        let Some(first) = view.up().find(|seen| seen.connection == link.connection) else { continue };
        let [low, high] = first.sequence;
        case.holds(first.sequence == [0, 0], &[first.id], || {
            both!("第一帧的序列号是 {low:02X} {high:02X}", "the first frame has number {low:02X} {high:02X}")
        });
    }
}

fn counts(view: &View<'_>, case: &mut Case) {
    let reads: Vec<_> = view.of_type(0x12).map(|seen| (seen.id, seen.sequence)).collect();
    for link in &view.lines {
        // 0x13 answers 0x12, but mostly comes by itself.
        let is_own = |seen: &&Seen<'_>| {
            let is_asked = || reads.iter().any(|(id, sequence)| *id < seen.id && *sequence == seen.sequence);
            seen.answers().is_none() || (seen.frame_type == 0x13 && !is_asked())
        };
        let own: Vec<&Seen<'_>> = view.up().filter(|seen| seen.connection == link.connection).filter(is_own).collect();
        let [first, rest @ ..] = own.as_slice() else { continue };
        if own.len() < COUNTED_MIN {
            continue;
        }
        let evidence: Vec<_> = own.iter().take(COUNTED_MIN).map(|seen| seen.id).collect();
        let changes = rest.iter().any(|seen| seen.sequence != first.sequence);
        case.holds(changes, &evidence, || both!("每一帧的序列号都一样", "all of them have the same number"));
        let in_steps = |number: fn([u8; 2]) -> u16| {
            own.iter().zip(rest).all(|(one, next)| number(next.sequence) == number(one.sequence).wrapping_add(1))
        };
        if changes && !in_steps(u16::from_le_bytes) && !in_steps(u16::from_be_bytes) {
            case.remark(both!(
                "并非逐帧加 1（有的固件每枪单独计数，平台不应依赖它）",
                "not in steps of 1 (some firmware counts per connector; no platform should rely on it)"
            ));
        }
    }
}

fn echo(view: &View<'_>, case: &mut Case) {
    for request in view.down().filter(|seen| seen.answers().is_none()) {
        let fitting = || {
            view.up_after(request.id)
                .take_while(|seen| seen.at <= request.at + ANSWER.bearable)
                .filter(|seen| seen.connection == request.connection && seen.fits(request))
        };
        let Some(first) = fitting().next() else { continue };
        // Of telemetry that comes by itself any may stand before the answer, and late successes have numbers of their own.
        let echoed = fitting().find(|seen| seen.sequence == request.sequence);
        let evidence = [request.id, echoed.unwrap_or(first).id];
        let [low, high] = first.sequence;
        case.holds(echoed.is_some(), &evidence, || {
            both!(
                "应答的序列号是 {low:02X} {high:02X}，与请求不同",
                "the answer has number {low:02X} {high:02X}, unlike its request"
            )
        });
    }
}
