//! A pile as it is shown: what is registered, and what it said lately.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use voltapile_platform::identity::{ConnectorNumber, OperatorId, OrderId, PileCode, StationId, TariffId};
use voltapile_platform::pile::{ConnectorState, ParkingLock, Pile, PileState};
use voltapile_platform::tariff::TariffNumber;
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::Power;
use voltapile_protocol::inspect::{Lang, Options};
use voltapile_protocol::{Protocol, aaf5, ykc};

use super::telemetry::TelemetryView;
use crate::api::decoded;
use crate::core::{ConnectorLive, Core, Declared, LatestMessage, PileLive};

/// Whether a pile is connected and not silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PileStatus)]
pub(super) enum Status {
    /// It is.
    Online,
    /// It is not.
    Offline,
}

impl Status {
    /// Of that name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "online" => Some(Self::Online),
            "offline" => Some(Self::Offline),
            _ => None,
        }
    }

    /// Of a pile.
    pub(super) fn of(core: &Core, code: PileCode) -> Self {
        core.registry.get(code).map_or(Self::Offline, |live| Self::of_live(core, &live))
    }

    fn of_live(core: &Core, live: &PileLive) -> Self {
        if core.is_online(live) { Self::Online } else { Self::Offline }
    }
}

/// A pile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pile)]
pub(super) struct PileView {
    code: PileCode,
    /// Whose it is: its station's operator.
    operator: Option<OperatorId>,
    station: Option<StationId>,
    name: Option<String>,
    model: Option<String>,
    /// Its maker's serial number.
    serial: Option<String>,
    /// The protocol that it spoke when it logged in last: `ykc` or `aaf5`.
    protocol: Option<String>,
    /// The row of its protocol's table of what models do differently that holds for it.
    profile: &'static str,
    /// How many connectors it has; 0 until known.
    connector_count: u8,
    /// The tariff of its own; else its station's counts.
    tariff: Option<TariffId>,
    /// Whether it may log in.
    enabled: bool,
    /// The most it may draw, in kW.
    power_limit: Option<Power>,
    created_at: Timestamp,
    /// Whether it is connected and not silent.
    status: Status,
    /// When it was last heard since the server started.
    last_seen_at: Option<Timestamp>,
    connected_since: Option<Timestamp>,
    /// Address and port it comes from.
    peer: Option<String>,
    /// What it said of itself at its latest login since the server started.
    declared: Option<DeclaredView>,
    /// The number of the tariff that it runs, by its own word.
    running_tariff: Option<TariffNumber>,
    running_tariff_at: Option<Timestamp>,
    /// Number of its SIM card.
    iccid: Option<String>,
    firmware_version: Option<String>,
    /// The latest work parameters that it took: whether it may work.
    work_allowed: Option<bool>,
    /// The latest work parameters that it took: power in percent.
    power_percent: Option<u8>,
    connectors: Vec<ConnectorView>,
}

/// A pile alone, with its latest messages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PileDetail {
    #[serde(flatten)]
    view: PileView,
    /// The newest message of each kind that has no place of its own, as the inspector reads it.
    latest: Vec<LatestView>,
}

/// What a pile says of itself when it logs in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Declared)]
struct DeclaredView {
    protocol: String,
    /// The protocol's version as the pile names it; not reliable.
    protocol_version: String,
    /// `dc` or `ac`, where known.
    pile_type: String,
    connector_count: u8,
    firmware_version: String,
    network: String,
    iccid: String,
    carrier: String,
}

impl From<&Declared> for DeclaredView {
    fn from(declared: &Declared) -> Self {
        Self {
            protocol: declared.protocol.to_owned(),
            protocol_version: declared.protocol_version.to_string(),
            pile_type: declared.pile_type.to_string(),
            connector_count: declared.connector_count,
            firmware_version: declared.firmware_version.to_string(),
            network: declared.network.to_string(),
            iccid: declared.iccid.to_string(),
            carrier: declared.carrier.to_string(),
        }
    }
}

/// A connector.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connector)]
pub(super) struct ConnectorView {
    number: ConnectorNumber,
    /// What it is doing; `null` until it was heard of.
    pub(super) state: Option<ConnectorState>,
    state_since: Option<Timestamp>,
    /// The order that holds it.
    order: Option<OrderId>,
    /// Whether its latest heartbeat reports a fault.
    heartbeat_fault: Option<bool>,
    /// Its parking lock (地锁), where it has one.
    parking_lock: Option<ParkingLock>,
    /// Its latest values since the server started.
    telemetry: Option<TelemetryView>,
}

/// The newest message of a kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LatestMessage)]
struct LatestView {
    /// Frame type, like `0x17` in YKC and `302` in AA F5.
    r#type: String,
    /// The message's name; `null` where the type has none.
    name: Value,
    connector: ConnectorNumber,
    received_at: Timestamp,
    /// Its fields, as the inspector explains them.
    #[schema(value_type = Vec<Object>)]
    fields: Value,
}

impl PileView {
    /// Of a pile with what is known of it.
    pub(super) fn new(core: &Core, pile: Pile, state: Option<PileState>) -> Self {
        let connectors = connectors_of(core, pile.code, state.as_ref());
        let state = state.unwrap_or_else(|| PileState::new(pile.code, None));
        let profile = profile_of(&pile, state.protocol.as_deref());
        let mut view = Self {
            code: pile.code,
            operator: pile.operator,
            station: pile.station,
            profile,
            protocol: state.protocol,
            name: pile.name,
            model: pile.model,
            serial: pile.serial,
            connector_count: pile.connector_count,
            tariff: pile.tariff,
            enabled: pile.enabled,
            power_limit: pile.power_limit,
            created_at: pile.created_at,
            status: Status::Offline,
            last_seen_at: None,
            connected_since: None,
            peer: None,
            declared: None,
            running_tariff: state.running_tariff,
            running_tariff_at: state.running_tariff_at,
            iccid: state.iccid,
            firmware_version: state.firmware_version,
            work_allowed: state.work_allowed,
            power_percent: state.power_percent,
            connectors,
        };
        if let Some(live) = core.registry.get(pile.code) {
            view.take(core, &live);
        }
        view
    }

    /// Takes over what is known in memory.
    fn take(&mut self, core: &Core, live: &PileLive) {
        self.status = Status::of_live(core, live);
        self.last_seen_at = core.last_seen(live);
        let state = live.state();
        if let Some(attachment) = &state.attachment {
            self.connected_since = Some(attachment.since);
            self.peer = Some(attachment.peer.to_string());
        }
        self.declared = state.declared.as_deref().map(DeclaredView::from);
    }
}

/// The name of the row that holds for a pile; one that never logged in is taken for a YKC pile.
fn profile_of(pile: &Pile, protocol: Option<&str>) -> &'static str {
    let (profile, model) = (pile.profile.as_deref(), pile.model.as_deref());
    match protocol.and_then(Protocol::named) {
        Some(Protocol::Aaf5) => aaf5::Profile::of(profile, model).name,
        Some(Protocol::Ykc) | None => ykc::Profile::of(profile, model).name,
    }
}

/// A pile's connectors: what the books know of them, and what they said lately.
pub(super) fn connectors_of(core: &Core, code: PileCode, state: Option<&PileState>) -> Vec<ConnectorView> {
    let live = core.registry.get(code).map(|live| live.state().connectors.clone()).unwrap_or_default();
    let mut views: BTreeMap<ConnectorNumber, ConnectorView> =
        live.iter().map(|connector| (connector.number, ConnectorView::from(connector))).collect();
    for known in state.map(|state| state.connectors.as_slice()).unwrap_or_default() {
        let view = views.entry(known.number).or_insert_with(|| ConnectorView::unheard(known.number));
        view.state = Some(known.state);
        view.state_since = Some(known.since);
        view.parking_lock.clone_from(&known.parking_lock);
    }
    views.into_values().collect()
}

impl ConnectorView {
    const fn unheard(number: ConnectorNumber) -> Self {
        Self {
            number,
            state: None,
            state_since: None,
            order: None,
            heartbeat_fault: None,
            parking_lock: None,
            telemetry: None,
        }
    }
}

impl From<&ConnectorLive> for ConnectorView {
    fn from(live: &ConnectorLive) -> Self {
        Self {
            order: live.order.as_ref().map(|order| order.order),
            heartbeat_fault: live.heartbeat_fault,
            telemetry: live.telemetry.as_ref().map(TelemetryView::from),
            ..Self::unheard(live.number)
        }
    }
}

impl PileDetail {
    /// Of a pile with all that is known of it.
    pub(super) fn new(core: &Core, pile: Pile, state: Option<PileState>) -> Self {
        let live = core.registry.get(pile.code);
        let mut latest = live.as_ref().map(|live| live.state().latest.clone()).unwrap_or_default();
        latest.sort_by_key(|message| (message.frame_type, message.connector));
        let options = live.as_deref().map(decoded::options).unwrap_or_default();
        let protocol = live.as_ref().and_then(|live| live.protocol()).unwrap_or_default();
        let latest = latest.iter().map(|message| LatestView::new(message, protocol, options)).collect();
        Self { view: PileView::new(core, pile, state), latest }
    }
}

impl LatestView {
    fn new(message: &LatestMessage, protocol: &str, options: Options) -> Self {
        let mut decoded: Map<String, Value> = decoded::decode(&message.frame, options, Lang::En);
        Self {
            r#type: decoded::type_name(protocol, message.frame_type),
            name: decoded.remove("name").unwrap_or_default(),
            connector: message.connector,
            received_at: message.received_at,
            fields: decoded.remove("fields").unwrap_or_else(|| Value::Array(Vec::new())),
        }
    }
}
