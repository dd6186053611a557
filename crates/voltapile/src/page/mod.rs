//! The terminal page of `voltapile sim --interactive`: what it shows, and what keys do. It draws from its own state alone
//! and touches neither terminal nor piles, so that tests look at the same picture as people.

mod keys;
mod line;
#[cfg(test)]
mod tests;
mod view;
mod words;
mod wrap;

use std::collections::VecDeque;

use voltapile_protocol::aaf5::code::WorkState;
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};
use voltapile_protocol::ykc::message::{Message, RealtimeReport};
use voltapile_protocol::{aaf5, ykc};
use voltapile_simulator::model::{PileSnapshot, VinCharacters};
use voltapile_simulator::scenario::Happening;

pub(crate) use self::line::{Line, What};
pub(crate) use self::view::draw;

/// Lines of all piles that are kept to scroll back: half an hour of a few piles.
const LINES_MAX: usize = 5_000;

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Something is to happen at a pile, by its place.
    Do(usize, Happening),
    /// It is enough.
    Quit,
}

/// What keys bring along.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pocket {
    /// The card that is swiped.
    pub(crate) card: PhysicalCardNumber,
    /// The VIN of cars that charge by it; without it each has its own.
    pub(crate) vin: Option<VinCharacters>,
}

/// A pile on the page.
#[derive(Debug)]
pub(crate) struct PileView {
    code: PileCode,
    snapshot: PileSnapshot,
    /// The latest 0x13 of each connector.
    telemetry: Vec<Option<Telemetry>>,
    /// Whether its line was cut here, so that the same key joins it again.
    is_cut: bool,
}

/// What a connector last said of its charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Telemetry {
    soc_percent: u64,
    /// Voltage times current, in watts.
    power_w: u64,
    /// 1e-4 yuan.
    amount: u64,
}

/// What lies above the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Overlay {
    Nothing,
    /// The fault menu, and which of it is chosen.
    Menu(usize),
    /// The keys.
    Help,
    /// The chosen frame, explained in full from this line on.
    Frame(u16),
}

/// The page.
#[derive(Debug)]
pub(crate) struct Page {
    lang: Lang,
    /// Where the piles dial, and how fast time runs.
    server: String,
    speed: u32,
    pocket: Pocket,
    piles: Vec<PileView>,
    /// The chosen pile, by its place.
    pile: usize,
    /// The chosen connector, from 1.
    connector: u8,
    lines: VecDeque<Line>,
    /// The chosen line of the chosen pile, counted back from the newest; `None` goes along with the newest.
    back: Option<usize>,
    overlay: Overlay,
    /// What was done last.
    notice: String,
}

impl Page {
    /// A page of piles that have said nothing yet.
    pub(crate) fn new(
        piles: Vec<(PileCode, PileSnapshot)>,
        server: String,
        speed: u32,
        pocket: Pocket,
        lang: Lang,
    ) -> Self {
        let view = |(code, snapshot): (PileCode, PileSnapshot)| {
            let telemetry = vec![None; snapshot.connectors.len()];
            PileView { code, snapshot, telemetry, is_cut: false }
        };
        Self {
            lang,
            server,
            speed,
            pocket,
            piles: piles.into_iter().map(view).collect(),
            pile: 0,
            connector: 1,
            lines: VecDeque::new(),
            back: None,
            overlay: Overlay::Nothing,
            notice: String::new(),
        }
    }

    /// How a pile is now.
    pub(crate) fn update(&mut self, pile: usize, snapshot: PileSnapshot) {
        let Some(view) = self.piles.get_mut(pile) else { return };
        for (connector, telemetry) in snapshot.connectors.iter().zip(&mut view.telemetry) {
            if connector.transaction_number.is_none() {
                *telemetry = None;
            }
        }
        view.snapshot = snapshot;
    }

    /// Something passed on a line.
    pub(crate) fn add(&mut self, line: Line) {
        if let What::Frame(Direction::Up, bytes) = &line.what {
            self.listen(line.pile, bytes);
        }
        if self.chosen_pile().is_some_and(|view| view.code == line.pile)
            && let Some(back) = &mut self.back
        {
            // Who looks at an older line goes on looking at it.
            *back += 1;
        }
        self.lines.push_back(line);
        if self.lines.len() > LINES_MAX {
            self.lines.pop_front();
        }
        let most = self.shown_lines().count().saturating_sub(1);
        self.back = self.back.map(|back| back.min(most));
    }

    /// Takes what a pile says of its charges.
    fn listen(&mut self, pile: PileCode, bytes: &[u8]) {
        let Some(view) = self.piles.iter_mut().find(|view| view.code == pile) else { return };
        if let Ok(frame) = ykc::Frame::parse(bytes) {
            if let Ok(Message::RealtimeReport(report)) = Message::decode(frame.frame_type, frame.body, Dialect::V16) {
                view.hear(&report);
            }
        } else if let Ok(frame) = aaf5::Frame::parse(bytes)
            && let Ok(aaf5::Message::StatusReport(report)) =
                aaf5::Message::decode(frame.command, frame.body, aaf5::Dialect::default())
        {
            view.hear_status(&report);
        }
    }

    fn chosen_pile(&self) -> Option<&PileView> {
        self.piles.get(self.pile)
    }

    /// The lines of the chosen pile, oldest first.
    fn shown_lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        let code = self.chosen_pile().map(|view| view.code);
        self.lines.iter().filter(move |line| Some(line.pile) == code)
    }

    /// The line that is chosen, or the newest.
    fn chosen_line(&self) -> Option<&Line> {
        self.shown_lines().rev().nth(self.back.unwrap_or(0))
    }
}

impl PileView {
    fn hear(&mut self, report: &RealtimeReport) {
        let (voltage_dv, current_da) = (report.output_voltage.raw(), report.output_current.raw());
        let telemetry = (!report.transaction_number.is_zero()).then(|| Telemetry {
            soc_percent: report.soc.raw(),
            power_w: voltage_dv * current_da / 100,
            amount: report.amount.raw(),
        });
        self.note(report.connector_number.number(), telemetry);
    }

    fn hear_status(&mut self, report: &aaf5::message::StatusReport) {
        let telemetry = (report.work_state == WorkState::Charging).then(|| Telemetry {
            soc_percent: report.soc.raw(),
            power_w: report.power.raw() * 100,
            amount: report.total_amount.raw() * 100,
        });
        self.note(report.connector_number.number(), telemetry);
    }

    fn note(&mut self, connector: u8, telemetry: Option<Telemetry>) {
        let index = usize::from(connector).checked_sub(1);
        if let Some(known) = index.and_then(|index| self.telemetry.get_mut(index)) {
            *known = telemetry;
        }
    }
}
