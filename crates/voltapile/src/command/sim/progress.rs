//! How it goes, while it goes: one line on the side that renews itself on a terminal, or one line every ten seconds.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use voltapile_protocol::inspect::Lang;
use voltapile_simulator::scenario::span_text;

use super::fleet::Fleet;
use super::tally::Totals;

/// How often the line renews itself on a terminal.
const RENEWED: Duration = Duration::from_secs(1);
/// How often a line is written elsewhere.
const WRITTEN: Duration = Duration::from_secs(10);

/// Tells for ever.
pub(super) async fn tell(fleet: &Fleet, lang: Lang) {
    let is_terminal = io::stderr().is_terminal();
    let pause = if is_terminal { RENEWED } else { WRITTEN };
    let mut ticks = tokio::time::interval(pause);
    ticks.tick().await;
    let mut frames_before = 0;
    loop {
        ticks.tick().await;
        let totals = fleet.tally.totals();
        let frames = totals.frames_passed();
        let rate = (frames - frames_before) / pause.as_secs().max(1);
        frames_before = frames;
        let line = line(&totals, fleet.piles.len(), rate, fleet.tally.elapsed(), lang);
        let mut stderr = io::stderr().lock();
        // Where nobody listens, nothing is lost.
        let _ = if is_terminal { write!(stderr, "\r{line}\u{1B}[K") } else { writeln!(stderr, "{line}") };
        let _ = stderr.flush();
    }
}

/// Leaves the line that renews itself.
pub(super) fn end() {
    if io::stderr().is_terminal() {
        let _ = writeln!(io::stderr().lock());
    }
}

fn line(totals: &Totals, piles: usize, rate: u64, elapsed: Duration, lang: Lang) -> String {
    let Totals { online, charging, records_confirmed: confirmed, records_sent: sent, .. } = totals;
    let problems = totals.problems();
    let elapsed = span_text(elapsed);
    match lang {
        Lang::Zh => format!(
            "{elapsed}  在线 {online}/{piles}，充电中 {charging}，{rate} 帧/秒，交易记录已确认 {confirmed}/{sent}，问题 {problems}"
        ),
        Lang::En => format!(
            "{elapsed}  {online}/{piles} online, {charging} charging, {rate} frames/s, {confirmed}/{sent} records \
             confirmed, {problems} problems"
        ),
    }
}
