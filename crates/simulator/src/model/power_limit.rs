//! Limits of one connector's power.

use voltapile_protocol::time::Tick;

use super::connector::{Connector, Life};
use super::context::Context;

/// What the platform limits a connector to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PowerLimit {
    pub(super) watts: u64,
    /// A limit gives way to one of the same or a higher number.
    pub(super) priority: u8,
    pub(super) ends: LimitEnd,
}

/// When a limit ends, unless another one takes its place before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LimitEnd {
    /// With the charge.
    WithCharge,
    /// At a moment.
    At(Tick),
    /// When the pile restarts.
    WithRestart,
}

impl PowerLimit {
    /// When it ends by itself.
    pub(super) const fn ends_at(&self) -> Option<Tick> {
        if let LimitEnd::At(at) = self.ends { Some(at) } else { None }
    }
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

    /// Any limit ends.
    pub(super) fn lift_any_power_limit(&mut self, cx: &mut Context<'_>) {
        self.compute(cx);
        self.power_limit = None;
    }

    /// Highest current of the charge under way, in 0.1 A; `None` for any. What flowed until now did so without it.
    pub(super) fn limit_current(&mut self, cx: &mut Context<'_>, most_da: Option<u64>) {
        self.compute(cx);
        if let Life::Charging(charge) = &mut self.life {
            charge.current_limit_da = most_da;
        }
    }

    /// The pile restarted: what the platform limited or suspended here is forgotten.
    pub(super) fn restarted(&mut self) {
        self.power_limit = None;
        self.is_suspended = false;
    }

    /// Watts that the platform allows here, or allowed for as long as it cannot be reached.
    pub(super) fn allowed_watts(&self, cx: &Context<'_>) -> u64 {
        let offline = if cx.tongue.is_logged_in() { None } else { cx.tongue.offline_watts() };
        let limits = [self.power_limit.map(|limit| limit.watts), offline];
        limits.into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    /// A limit whose time is over holds no more.
    pub(super) fn lift_power_limit(&mut self, cx: &Context<'_>) {
        self.power_limit.take_if(|limit| cx.is_due(limit.ends_at()));
    }

    /// The charge is over, and with it a limit that has no time of its own.
    pub(super) fn end_power_limit(&mut self) {
        self.power_limit.take_if(|limit| limit.ends == LimitEnd::WithCharge);
    }
}
