//! Limits of one connector's power: 0x52 with 13 bytes.

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{Minutes, Quantity};
use voltapile_protocol::ykc::field::ConnectorNumber;
use voltapile_protocol::ykc::message::PowerLimitResponse;

use super::clock::Moment;
use super::connector::Connector;
use super::context::{Context, later};
use super::pile::VirtualPile;

const MS_PER_MINUTE: u64 = 60_000;

/// What the platform limits a connector to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PowerLimit {
    pub(super) watts: u64,
    /// A limit gives way to one of the same or a higher number.
    priority: u8,
    /// When it ends; `None` with the charge.
    pub(super) until: Option<Tick>,
}

impl VirtualPile {
    /// Limits a connector, unless it is not there or a limit of higher priority holds.
    pub(super) fn limit_power(
        &mut self,
        now: Moment,
        connector_number: ConnectorNumber,
        watts: u64,
        (priority, duration): (u8, Minutes),
        out: &mut Vec<u8>,
    ) {
        let ms = duration.raw() * MS_PER_MINUTE / u64::from(self.state.speed);
        let until = (ms > 0).then(|| later(now.tick, ms));
        let limit = PowerLimit { watts, priority, until };
        let number = self.session.config().connector(connector_number);
        let is_set: bool = self.on(number, now, out, |connector, cx| connector.limit_power(cx, limit));
        let (pile_code, set_result) = (self.state.pile_code, super::request::outcome(is_set));
        let answer = PowerLimitResponse { pile_code, connector_number, set_result, ..Default::default() };
        self.tell(&answer.into(), out);
    }
}

impl Connector {
    /// What flowed until now did so without it.
    fn limit_power(&mut self, cx: &mut Context<'_>, limit: PowerLimit) -> bool {
        self.compute(cx);
        let gives_way = self.power_limit.is_none_or(|held| held.priority <= limit.priority);
        if gives_way {
            self.power_limit = Some(limit);
        }
        gives_way
    }

    /// A limit whose time is over holds no more.
    pub(super) fn lift_power_limit(&mut self, cx: &Context<'_>) {
        self.power_limit.take_if(|limit| cx.is_due(limit.until));
    }

    /// The charge is over, and with it a limit that has no time of its own.
    pub(super) fn end_power_limit(&mut self) {
        self.power_limit.take_if(|limit| limit.until.is_none());
    }
}
