//! A limit of one connector's power: 0x52 with 13 bytes.

use voltapile_protocol::wire::{Minutes, Quantity};
use voltapile_protocol::ykc::field::ConnectorNumber;
use voltapile_protocol::ykc::message::PowerLimitResponse;

use super::outcome;
use crate::model::clock::Moment;
use crate::model::context::later;
use crate::model::pile::VirtualPile;
use crate::model::power_limit::{LimitEnd, PowerLimit};

const MS_PER_MINUTE: u64 = 60_000;

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
        let ends = if ms > 0 { LimitEnd::At(later(now.tick, ms)) } else { LimitEnd::WithCharge };
        let limit = PowerLimit { watts, priority, ends };
        let number = self.connector_of(connector_number);
        let is_set: bool = self.on(number, now, out, |connector, cx| connector.limit_power(cx, limit));
        let (pile_code, set_result) = (self.state.pile_code, outcome(is_set));
        let answer = PowerLimitResponse { pile_code, connector_number, set_result, ..Default::default() };
        self.tell(&answer.into(), out);
    }
}
