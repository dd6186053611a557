//! A pile as it is shown: what is registered, and what it said lately.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use voltapile_platform::identity::{ConnectorNumber, PileCode};
use voltapile_platform::pile::Pile;
use voltapile_platform::telemetry::{ConnectorState, Telemetry};
use voltapile_platform::timestamp::Timestamp;
use voltapile_protocol::inspect::{Lang, Options};
use voltapile_protocol::ykc::Profile;

use crate::api::decoded;
use crate::core::{ConnectorLive, Core, Declared, LatestMessage, PileLive};

/// Whether a pile is connected and not silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum Status {
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

/// A pile in a list.
#[derive(Debug, Serialize)]
pub(in crate::api) struct PileView {
    #[serde(flatten)]
    pile: Pile,
    /// The row of the table of what models do differently.
    profile: &'static str,
    status: Status,
    last_seen_at: Option<Timestamp>,
    connected_since: Option<Timestamp>,
    peer: Option<String>,
    declared: Option<Box<Declared>>,
    connectors: Vec<ConnectorView>,
}

/// A pile alone, with its latest messages.
#[derive(Debug, Serialize)]
pub(in crate::api) struct PileDetail {
    #[serde(flatten)]
    view: PileView,
    latest: Vec<LatestView>,
}

/// A connector.
#[derive(Debug, Serialize)]
struct ConnectorView {
    number: ConnectorNumber,
    state: Option<&'static str>,
    /// The number of a state without a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    state_code: Option<u8>,
    state_since: Option<Timestamp>,
    heartbeat_fault: Option<bool>,
    telemetry: Option<Value>,
}

/// The newest message of a kind.
#[derive(Debug, Serialize)]
struct LatestView {
    r#type: String,
    name: Value,
    connector: ConnectorNumber,
    received_at: Timestamp,
    fields: Value,
}

impl PileView {
    /// Of a pile with what is known of it in memory.
    pub(super) fn new(core: &Core, pile: Pile) -> Self {
        let live = core.registry.get(pile.code);
        Self::with_live(core, pile, live.as_ref())
    }

    fn with_live(core: &Core, pile: Pile, live: Option<&Arc<PileLive>>) -> Self {
        let mut view = Self {
            profile: Profile::of_model(pile.model.as_deref()).name,
            pile,
            status: Status::Offline,
            last_seen_at: None,
            connected_since: None,
            peer: None,
            declared: None,
            connectors: Vec::new(),
        };
        if let Some(live) = live {
            view.status = Status::of_live(core, live);
            view.last_seen_at = core.last_seen(live);
            let state = live.state();
            if let Some(attachment) = &state.attachment {
                view.connected_since = Some(attachment.since);
                view.peer = Some(attachment.peer.to_string());
            }
            view.declared.clone_from(&state.declared);
            let connectors = state.connectors.clone();
            drop(state);
            view.connectors = connectors.iter().map(ConnectorView::from).collect();
        }
        view
    }
}

impl PileDetail {
    /// Of a pile with all that is known of it in memory.
    pub(super) fn new(core: &Core, pile: Pile) -> Self {
        let live = core.registry.get(pile.code);
        let mut latest = live.as_ref().map(|live| live.state().latest.clone()).unwrap_or_default();
        latest.sort_by_key(|message| (message.frame_type, message.connector));
        let options = live.as_deref().map(decoded::options).unwrap_or_default();
        let latest = latest.iter().map(|message| LatestView::new(message, options)).collect();
        Self { view: PileView::with_live(core, pile, live.as_ref()), latest }
    }
}

impl From<&ConnectorLive> for ConnectorView {
    fn from(live: &ConnectorLive) -> Self {
        let (state, state_code) = live.telemetry.as_ref().map_or((None, None), |telemetry| state_of(telemetry.state));
        Self {
            number: live.number,
            state,
            state_code,
            state_since: live.state_since,
            heartbeat_fault: live.heartbeat_fault,
            telemetry: live.telemetry.as_ref().map(measured),
        }
    }
}

const fn state_of(state: ConnectorState) -> (Option<&'static str>, Option<u8>) {
    match state {
        ConnectorState::Offline => (Some("offline"), None),
        ConnectorState::Fault => (Some("fault"), None),
        ConnectorState::Idle => (Some("idle"), None),
        ConnectorState::Charging => (Some("charging"), None),
        ConnectorState::Unknown(code) => (Some("unknown"), Some(code)),
    }
}

/// What is measured; the state stands beside it.
fn measured(telemetry: &Telemetry) -> Value {
    let mut value = serde_json::to_value(telemetry).unwrap_or_default();
    if let Value::Object(members) = &mut value {
        members.remove("state");
    }
    value
}

impl LatestView {
    fn new(message: &LatestMessage, options: Options) -> Self {
        let mut decoded: Map<String, Value> = decoded::decode(&message.frame, options, Lang::En);
        Self {
            r#type: decoded::type_name(message.frame_type.into()),
            name: decoded.remove("name").unwrap_or_default(),
            connector: message.connector,
            received_at: message.received_at,
            fields: decoded.remove("fields").unwrap_or_else(|| Value::Array(Vec::new())),
        }
    }
}
