//! What somebody sees who stands in front of the pile and can look into it.

use voltapile_protocol::ykc::code::ConnectorState;
use voltapile_protocol::ykc::field::{HardwareFaults, TariffId};
use voltapile_protocol::ykc::message::OfflineCard;

use super::action::Refusal;
use super::connector::Connector;
use super::parking_lock::ParkingLock;
use super::pile::VirtualPile;
use super::transaction::TransactionNumber;

/// How a pile is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PileSnapshot {
    /// Whether the platform took its login on the present connection.
    pub is_logged_in: bool,
    /// Whether its tariff is settled as well.
    pub is_working: bool,
    /// Its connectors in order.
    pub connectors: Vec<ConnectorSnapshot>,
    /// The offline cards it knows, in the order in which they came.
    pub offline_cards: Vec<OfflineCard>,
    /// Number of the tariff it charges by; zero for none.
    pub tariff_id: TariffId,
    /// Per cent of its highest power that it may deliver.
    pub power_percent: u8,
    /// Whether the platform locked it, or each of its connectors.
    pub is_locked: bool,
    /// Whether it fetches a firmware, or will once nobody charges.
    pub is_updating: bool,
    /// Version of its firmware.
    pub firmware_version: String,
    /// What stands before the pile code in its QR codes.
    pub qr_prefix: Option<String>,
    /// What the platform's clock is ahead of this machine's, in milliseconds.
    pub clock_ahead_ms: i64,
    /// Records on their way to the platform that it has not confirmed.
    pub unconfirmed_records: usize,
    /// Records that have not left yet.
    pub held_records: usize,
    /// Records that never will: by its behaviour, or because its firmware gave them up.
    pub lost_records: usize,
}

/// How a connector is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorSnapshot {
    /// Number, from 1.
    pub number: u8,
    /// What it does.
    pub state: ConnectorState,
    /// Whether it is plugged into a car.
    pub is_plugged: bool,
    /// VIN of that car.
    pub vin: Option<String>,
    /// Number of the charge under way.
    pub transaction_number: Option<TransactionNumber>,
    /// Energy of the charge under way, 1e-4 kWh.
    pub energy: u32,
    /// What the charge under way may cost, 1e-4 yuan; `None` when nobody limits it.
    pub balance: Option<u64>,
    /// What has to be entered to stop the charge under way at the pile.
    pub stop_password: Option<u32>,
    /// Whether somebody waits for the platform's consent.
    pub is_asking: bool,
    /// Whether a start command waits for somebody to plug in.
    pub waits_for_plug: bool,
    /// Why the last start did not lead to a charge; forgotten with the next one.
    pub last_refusal: Option<Refusal>,
    /// Highest power that the platform allows, in watts.
    pub power_limit_w: Option<u64>,
    /// What is broken.
    pub faults: HardwareFaults,
    /// Whether the platform lets no charge begin here, whatever the pile's other connectors may.
    pub is_suspended: bool,
    /// Its parking lock, where it has one.
    pub lock: Option<ParkingLock>,
    /// Text of its QR code.
    pub qr_code: Option<String>,
}

impl PileSnapshot {
    /// A connector by its number.
    #[must_use]
    pub fn connector(&self, number: u8) -> Option<&ConnectorSnapshot> {
        self.connectors.get(usize::from(number).checked_sub(1)?)
    }

    /// Numbers of the connectors that charge.
    #[must_use]
    pub fn charging(&self) -> Vec<u8> {
        let charging = self.connectors.iter().filter(|connector| connector.state == ConnectorState::Charging);
        charging.map(|connector| connector.number).collect()
    }
}

impl VirtualPile {
    /// How the pile is now.
    #[must_use]
    pub fn snapshot(&self) -> PileSnapshot {
        PileSnapshot {
            is_logged_in: self.tongue.is_logged_in(),
            is_working: self.tongue.is_working(),
            connectors: self.connectors.iter().map(Connector::snapshot).collect(),
            offline_cards: self.tongue.offline_cards(&self.state.cards),
            tariff_id: self.tongue.tariff_id(),
            power_percent: self.state.power_percent,
            is_locked: self.state.is_locked || self.connectors.iter().all(|connector| connector.is_suspended),
            is_updating: self.state.is_updating,
            firmware_version: self.tongue.firmware_version(),
            qr_prefix: self.qr_prefix.clone(),
            clock_ahead_ms: self.state.clock_ahead_ms,
            unconfirmed_records: self.tongue.unconfirmed_records(),
            held_records: self.held.len(),
            lost_records: self.held.lost() + self.tongue.forgotten_records(),
        }
    }
}
