//! Virtual piles for tests that do not want to be asynchronous.

use std::net::SocketAddr;
use std::sync::OnceLock;

use tokio::runtime::Runtime;
use voltapile_protocol::ykc::field::{HardwareFaults, PhysicalCardNumber, PileCode};
use voltapile_simulator::model::{
    Action, Behaviour, CarWish, ConnectorSnapshot, Credential, ModelOptions, PileSetup, PileSnapshot, Refusal,
};
use voltapile_simulator::runner::{PileHandle, spawn};

use crate::support::messages::code;

/// Simulated seconds per second. With [`POWER_W`] no car takes more in a second than the strongest charger really
/// gives, so that no bill looks impossible.
const SPEED: u32 = 85;
/// Power of each connector.
const POWER_W: u32 = 7_000;

/// A virtual pile at work.
pub(crate) struct Sim {
    pub(crate) code: PileCode,
    handle: PileHandle,
}

/// A card's physical number.
pub(crate) fn card(number: u16) -> PhysicalCardNumber {
    let mut digits = [0; 8];
    digits[6..].copy_from_slice(&number.to_be_bytes());
    voltapile_protocol::wire::Bytes(digits)
}

/// Pile number `number`: healthy, direct current, two connectors.
pub(crate) fn healthy(number: u8) -> PileSetup {
    PileSetup { max_power_w: POWER_W, ..PileSetup::dc(code(number), 2).unattended() }
}

impl Sim {
    pub(crate) fn play(setup: PileSetup, server: SocketAddr) -> Self {
        let _inside = runtime().enter();
        let code = setup.config.pile_code;
        Self { code, handle: spawn(setup, ModelOptions { speed: SPEED, seed: 1 }, server) }
    }

    pub(crate) fn act(&self, action: Action) {
        runtime().block_on(self.handle.act(action));
    }

    /// A car is plugged in, and stays.
    pub(crate) fn plug(&self, connector: u8) {
        self.act(Action::Plug { connector, car: CarWish::default() });
    }

    /// A car with this VIN is plugged in and asks to charge by it.
    pub(crate) fn plug_and_charge(&self, connector: u8, vin: &str) {
        let vin = vin.as_bytes().try_into().unwrap();
        runtime().block_on(self.handle.plug_and_charge(connector, vin));
    }

    pub(crate) fn unplug(&self, connector: u8) {
        self.act(Action::Unplug { connector });
    }

    /// Somebody swipes a card.
    pub(crate) fn swipe(&self, connector: u8, number: u16) {
        self.ask(connector, Credential::Card(card(number), None));
    }

    pub(crate) fn ask(&self, connector: u8, credential: Credential) {
        self.act(Action::Ask { connector, credential });
    }

    /// Somebody presses the stop button.
    pub(crate) fn stop(&self, connector: u8) {
        self.act(Action::Stop { connector, password: None });
    }

    /// Exactly these faults hold from now on; bits as the specification numbers them.
    pub(crate) fn break_down(&self, connector: u8, bits: &[u8]) {
        let faults = HardwareFaults(bits.iter().fold(0, |faults, bit| faults | 1 << bit));
        self.act(Action::SetFaults { connector, faults });
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        self.act(Action::Behave(Box::new(behaviour)));
    }

    /// Loses the connection and stays offline.
    pub(crate) fn disconnect(&self) {
        runtime().block_on(self.handle.disconnect());
    }

    /// Dials now, and waits until it is at work.
    #[track_caller]
    pub(crate) fn reconnect(&self) {
        runtime().block_on(self.handle.reconnect());
        self.until("at work again", |pile| pile.is_working);
    }

    pub(crate) fn snapshot(&self) -> PileSnapshot {
        self.handle.snapshot()
    }

    /// A connector as it is now.
    pub(crate) fn connector(&self, connector: u8) -> ConnectorSnapshot {
        self.snapshot().connector(connector).unwrap().clone()
    }

    /// Waits until the pile is as wanted.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, wanted: impl FnMut(&PileSnapshot) -> bool) -> PileSnapshot {
        match runtime().block_on(self.handle.until(wanted)) {
            Ok(snapshot) => snapshot,
            Err(error) => panic!("in vain: {what}: {error}"),
        }
    }

    /// Waits until a charge has come to something.
    #[track_caller]
    pub(crate) fn until_energy(&self, connector: u8) {
        self.until("some energy", |pile| pile.connector(connector).unwrap().energy > 0);
    }

    /// Waits until a connector charges.
    #[track_caller]
    pub(crate) fn until_charging(&self, connector: u8) -> ConnectorSnapshot {
        let snapshot = self.until("charging", |pile| pile.charging().contains(&connector));
        snapshot.connector(connector).unwrap().clone()
    }

    /// Waits until a connector shows why it does not charge.
    #[track_caller]
    pub(crate) fn until_refused(&self, connector: u8) -> Refusal {
        let refusal = |pile: &PileSnapshot| pile.connector(connector).unwrap().last_refusal;
        refusal(&self.until("refused", |pile| refusal(pile).is_some())).unwrap()
    }

    /// Waits until the platform has confirmed all records.
    #[track_caller]
    pub(crate) fn until_billed(&self) {
        self.until("all records confirmed", |pile| pile.unconfirmed_records == 0);
    }
}

/// What all virtual piles of this process run on.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
}
