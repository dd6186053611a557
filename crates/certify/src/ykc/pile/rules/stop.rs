//! Stop commands: 0x36 and 0x35.

use std::time::Duration;

use super::answer::answered;
use super::{Rule, rule};
use crate::case::{Case, both, seconds};
use crate::ykc::pile::tolerance::STOPPED;
use crate::ykc::pile::view::View;

pub(super) static RULES: &[Rule] = &[
    rule("pile.stop.answered", "对 0x36 应答 0x35", "0x36 is answered with 0x35", "V1.6 §8.5", |view, case| {
        answered(view, 0x36, case)
    }),
    rule("pile.stop.stops", "收到 0x36 必须停止充电", "a stop command always stops the charge", "V1.6 §13.3.3", stops),
];

fn stops(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let Some(stop) = charge.stop.filter(|_| charge.proof().is_some()) else { continue };
        let later = charge.charging().map(|(spot, _)| *spot).rfind(|spot| spot.id > stop.id);
        match (charge.record(), later) {
            (Some((record, _)), _) if record.connection == stop.connection => {
                // A record may be late for reasons of its own; what counts is that nothing charged any more.
                let charged = later.map_or(Duration::ZERO, |last| last.at.since(stop.at));
                case.took(charged, STOPPED, &[stop.id, record.id]);
            }
            (_, Some(last)) if last.at.since(stop.at) > STOPPED.bearable => {
                let bound = seconds(STOPPED.bearable);
                case.broken(&[stop.id, last.id], both!("{bound} 秒后仍在充电", "still charges after {bound} s"));
            }
            (_, last) => {
                let quiet_since = last.map_or(stop.at, |last| last.at);
                let is_quiet = view.lived(stop.connection, quiet_since, STOPPED.bearable);
                if is_quiet {
                    case.followed(&[stop.id]);
                }
            }
        }
    }
}
