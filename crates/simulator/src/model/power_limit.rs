//! Limits of one connector's power.

use voltapile_protocol::time::Tick;

use super::connector::Connector;
use super::context::Context;

/// What the platform limits a connector to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PowerLimit {
    pub(super) watts: u64,
    /// A limit gives way to one of the same or a higher number.
    pub(super) priority: u8,
    /// When it ends; `None` with the charge.
    pub(super) until: Option<Tick>,
}

impl Connector {
    /// What flowed until now did so without it.
    pub(super) fn limit_power(&mut self, cx: &mut Context<'_>, limit: PowerLimit) -> bool {
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
