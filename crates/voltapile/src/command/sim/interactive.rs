//! `--interactive`: the page on a real terminal, over piles that really play.

use std::collections::{HashMap, VecDeque};
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyEvent};
use tokio::sync::mpsc::{Receiver, channel};
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::Bytes;
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};
use voltapile_simulator::frames::Exchange;
use voltapile_simulator::model::Moment;
use voltapile_simulator::runner::{Ends, Observer};

use super::args::Args;
use super::fleet::{Fleet, Launch, do_at, plans};
use crate::command::Failure;
use crate::page::{Line, Page, Pocket, What, Wish, draw};

/// Piles that fit onto the page.
const PILES_MAX: usize = 12;
/// How often the page is drawn anew at most.
const REDRAWN: Duration = Duration::from_millis(100);
/// Keys that may wait.
const KEYS_WAITING: usize = 64;
/// Lines that may wait for the page; of more the oldest are forgotten.
const LINES_WAITING: usize = 4_096;
/// The card that is swiped when none is given: the first of `serve --demo`.
const CARD: PhysicalCardNumber = Bytes([0, 0, 0, 0, 0xD1, 0x4B, 0, 1]);

/// Shows the page until somebody leaves it, then sums up.
pub(super) async fn play(args: &Args, server: SocketAddr, lang: Lang) -> Result<(Vec<u8>, ExitCode), Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::new(
            lang.pick("--interactive 需要在终端中运行", "--interactive needs a terminal"),
            lang.pick(
                "不要重定向输入输出；脚本请用 --scenario FILE.toml",
                "run it without redirecting input and output, or use --scenario FILE.toml in scripts",
            ),
        ));
    }
    let plans = plans(args)?;
    if plans.is_empty() || plans.len() > PILES_MAX {
        let message = lang.pick("页面可显示 1 至 12 个桩", "the page has room for 1 to 12 piles");
        return Err(Failure::new(message, "--piles"));
    }
    let launch = Launch::new(args, server);
    let passing = Arc::new(Passing::of(plans.iter().map(|plan| (plan.code(), plan.setup.protocol()))));
    let watcher: Arc<dyn Observer> = Arc::<Passing>::clone(&passing);
    let fleet = Fleet::launch(plans, &launch, args.capture.as_deref(), vec![watcher])?;
    let seen = fleet.piles.iter().map(|pile| (pile.pile_code(), pile.snapshot())).collect();
    let pocket = Pocket { card: args.fleet.cards.first().copied().unwrap_or(CARD), vin: args.fleet.vin };
    let mut page = Page::new(seen, server.to_string(), launch.options.speed, pocket, lang);
    let shown = show(&mut page, &fleet, &passing, args.lasts()).await;
    let summary = fleet.end().await;
    shown.map_err(|error| Failure::new(format!("the terminal: {error}"), ""))?;
    Ok((summary.text(lang).into_bytes(), ExitCode::SUCCESS))
}

/// The terminal as it was, whatever ends the page. A panic restores it as well, before it says why.
struct Restored;

impl Drop for Restored {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

async fn show(page: &mut Page, fleet: &Fleet, passing: &Passing, lasts: Option<Duration>) -> io::Result<()> {
    let mut terminal = ratatui::try_init()?;
    let _restored = Restored;
    let mut keys = keys();
    let mut redraw = tokio::time::interval(REDRAWN);
    let end = super::ended(lasts);
    tokio::pin!(end);
    loop {
        for line in passing.take() {
            page.add(line);
        }
        for (place, pile) in fleet.piles.iter().enumerate() {
            page.update(place, pile.snapshot());
        }
        terminal.draw(|frame| draw(page, frame))?;
        let key = tokio::select! {
            () = &mut end => return Ok(()),
            _ = redraw.tick() => continue,
            key = keys.recv() => key,
        };
        match key.transpose()? {
            // The terminal is gone.
            None => return Ok(()),
            Some(None) => {}
            Some(Some(key)) => match page.press(key) {
                Some(Wish::Quit) => return Ok(()),
                Some(Wish::Do(place, what)) => {
                    if let Some(pile) = fleet.piles.get(place) {
                        do_at(pile, &what).await;
                    }
                }
                None => {}
            },
        }
    }
}

/// What comes from the keyboard; `None` for what is no key, such as another size. Reading blocks, so a thread does it; it
/// ends with the program.
fn keys() -> Receiver<io::Result<Option<KeyEvent>>> {
    let (sender, keys) = channel(KEYS_WAITING);
    std::thread::spawn(move || {
        loop {
            let read = event::read().map(|event| if let Event::Key(key) = event { Some(key) } else { None });
            let is_over = read.is_err();
            if sender.blocking_send(read).is_err() || is_over {
                return;
            }
        }
    });
    keys
}

/// What passed since the page was drawn last.
struct Passing(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    lines: VecDeque<Line>,
    /// Of each pile, what passes.
    exchanges: HashMap<PileCode, Exchange>,
    /// What each speaks.
    protocols: HashMap<PileCode, Protocol>,
}

impl Passing {
    fn locked(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of piles of which each speaks a protocol.
    fn of(piles: impl Iterator<Item = (PileCode, Protocol)>) -> Self {
        Self(Mutex::new(Waiting { protocols: piles.collect(), ..Waiting::default() }))
    }

    fn take(&self) -> VecDeque<Line> {
        std::mem::take(&mut self.locked().lines)
    }
}

impl Waiting {
    fn add(&mut self, pile: PileCode, now: Moment, what: What) {
        if self.lines.len() >= LINES_WAITING {
            self.lines.pop_front();
        }
        self.lines.push_back(Line { pile, unix_ms: now.unix_ms, what });
    }
}

impl Observer for Passing {
    fn connected(&self, pile: PileCode, now: Moment, _: Ends) {
        let mut waiting = self.locked();
        let protocol = waiting.protocols.get(&pile).copied().unwrap_or(Protocol::Ykc);
        waiting.exchanges.insert(pile, Exchange::of(protocol));
        waiting.add(pile, now, What::Connected);
    }

    fn passed(&self, pile: PileCode, now: Moment, direction: Direction, bytes: &[u8]) {
        let mut waiting = self.locked();
        let Some(exchange) = waiting.exchanges.get_mut(&pile) else { return };
        let mut frames = Vec::new();
        exchange.push(direction, bytes, &mut |frame| frames.push(frame.plain()));
        for frame in frames {
            waiting.add(pile, now, What::Frame(direction, frame));
        }
    }

    fn disconnected(&self, pile: PileCode, now: Moment, reason: &str) {
        self.locked().add(pile, now, What::Disconnected(reason.to_owned()));
    }
}
