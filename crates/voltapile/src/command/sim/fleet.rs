//! The piles that play, who watches them, and how they end.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::load;
use voltapile_simulator::model::{AesKey, KeyMisfit, ModelOptions, Moment, PileSetup};
use voltapile_simulator::runner::{Deed, Ends, Observer, PileHandle, PileRun};
use voltapile_simulator::scenario::{Happening, PilePlan, equip, following};

use super::args::{Args, CurrentName, ProtocolName};
use super::capture::Recorder;
use super::summary::Summary;
use super::tally::Tally;
use crate::command::Failure;

/// Where and how a fleet plays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Launch {
    pub(super) server: SocketAddr,
    pub(super) options: ModelOptions,
}

impl Launch {
    /// As the flags say.
    pub(super) fn new(args: &Args, server: SocketAddr) -> Self {
        let usual = ModelOptions::default();
        let speed = args.play.speed.unwrap_or(usual.speed);
        Self { server, options: ModelOptions { speed, seed: args.play.seed.unwrap_or(usual.seed) } }
    }
}

/// The piles that the flags ask for.
pub(super) fn plans(args: &Args) -> Result<Vec<PilePlan>, Failure> {
    let (wanted, key) = (&args.fleet, aes_key(args)?);
    let plan = |index| {
        let code = match wanted.pile_code {
            Some(first) => following(first, index),
            None => load::pile_code(wanted.first_pile, index),
        };
        let mut setup = match wanted.current {
            CurrentName::Dc => PileSetup::dc(code, wanted.connectors),
            CurrentName::Ac => PileSetup::ac(code, wanted.connectors),
        };
        if wanted.protocol == Some(ProtocolName::Aaf5) {
            setup = setup.speaking_aaf5();
        }
        setup.walk_ins = !wanted.unattended && !args.play.interactive;
        setup.visitor_cards.clone_from(&wanted.cards);
        if let Some(name) = &wanted.firmware {
            setup = equip(setup, name)
                .map_err(|error| Failure::new(error, "voltapile sim --list-firmwares prints them"))?;
        }
        let setup = with_key(key, setup)?;
        Ok(PilePlan { name: code.to_string(), setup, faults: args.faults() })
    };
    (0..args.piles()).map(plan).collect()
}

/// How a key is written.
const KEY_FORM: &str = "64 hex digits, the 32 bytes of an AES-256 key";

/// The key of the flags, where there is one. No message repeats it.
pub(super) fn aes_key(args: &Args) -> Result<Option<AesKey>, Failure> {
    let (flag, text) = match (&args.fleet.aes_key, &args.fleet.aes_key_file) {
        (Some(text), _) => ("--aes-key", text.clone()),
        (None, Some(path)) => {
            let unread = |error| Failure::new(format!("--aes-key-file {}: {error}", path.display()), KEY_FORM);
            ("--aes-key-file", fs::read_to_string(path).map_err(unread)?)
        }
        (None, None) => return Ok(None),
    };
    text.trim().parse().map(Some).map_err(|error| Failure::new(format!("{flag}: {error}"), KEY_FORM))
}

/// The pile with that key.
pub(super) fn with_key(key: Option<AesKey>, setup: PileSetup) -> Result<PileSetup, Failure> {
    let Some(key) = key else { return Ok(setup) };
    setup.with_aes_key(key).map_err(|error| {
        let hint = match error {
            KeyMisfit::Protocol => "--protocol aaf5 with --aes-key HEX or --aes-key-file FILE",
            KeyMisfit::Version(_) => "--firmware v4.9-aes, or none, for the newest",
        };
        Failure::new(format!("--aes-key: {error}"), hint)
    })
}

/// Piles that play, and what is known of them.
pub(super) struct Fleet {
    pub(super) piles: Vec<PileHandle>,
    pub(super) tally: Arc<Tally>,
    recorder: Option<Recorder>,
    launch: Launch,
}

impl Fleet {
    /// Lets the piles dial.
    pub(super) fn launch(
        plans: Vec<PilePlan>,
        launch: &Launch,
        capture: Option<&Path>,
        mut watchers: Vec<Arc<dyn Observer>>,
    ) -> Result<Self, Failure> {
        let tally = Arc::new(Tally::new(plans.iter().map(|plan| (plan.code(), plan.setup.protocol()))));
        watchers.push(Arc::<Tally>::clone(&tally));
        let recorder = capture.map(Recorder::begin).transpose()?;
        watchers.extend(recorder.as_ref().map(Recorder::observer));
        let observer: Arc<dyn Observer> = Arc::new(Watchers(watchers));
        let piles = plans.into_iter().map(|plan| {
            let run = PileRun::new(plan.setup, launch.options, launch.server);
            PileRun { observer: Some(Arc::clone(&observer)), faults: plan.faults, ..run }.spawn()
        });
        Ok(Self { piles: piles.collect(), tally, recorder, launch: *launch })
    }

    /// Cuts all connections and sums up.
    pub(super) async fn end(self) -> Summary {
        let snapshots: Vec<_> = self.piles.iter().map(|pile| (pile.pile_code(), pile.snapshot())).collect();
        let summary = Summary::new(&self.tally, &snapshots, self.launch);
        drop(self.piles);
        let lost = match self.recorder {
            Some(recorder) => recorder.end().await,
            None => Ok(0),
        };
        summary.with_capture(lost)
    }
}

/// Lets something happen at a pile; returns once it has.
pub(super) async fn do_at(pile: &PileHandle, what: &Happening) {
    match what {
        Happening::Act(actions) => {
            for action in actions {
                pile.act(action.clone()).await;
            }
        }
        Happening::Cut => pile.disconnect().await,
        Happening::Reconnect => pile.reconnect().await,
        Happening::Inject(fault) => pile.inject(*fault).await,
        Happening::Say(_) => {}
    }
}

/// Several who watch the same lines.
struct Watchers(Vec<Arc<dyn Observer>>);

impl Observer for Watchers {
    fn connected(&self, pile: PileCode, now: Moment, ends: Ends) {
        self.0.iter().for_each(|watcher| watcher.connected(pile, now, ends));
    }

    fn passed(&self, pile: PileCode, now: Moment, direction: Direction, bytes: &[u8]) {
        self.0.iter().for_each(|watcher| watcher.passed(pile, now, direction, bytes));
    }

    fn disconnected(&self, pile: PileCode, now: Moment, reason: &str) {
        self.0.iter().for_each(|watcher| watcher.disconnected(pile, now, reason));
    }

    fn did(&self, pile: PileCode, now: Moment, deed: &Deed<'_>) {
        self.0.iter().for_each(|watcher| watcher.did(pile, now, deed));
    }
}
