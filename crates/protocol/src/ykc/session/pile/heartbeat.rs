//! What heartbeats tell, and of which connectors.

use std::ops::RangeInclusive;

use super::{HEARTBEAT_PAUSE, HeartbeatPattern, PileSession};
use crate::time::Tick;
use crate::ykc::code::ConnectorHealth;
use crate::ykc::message::HeartbeatRequest;

impl PileSession {
    /// A connector broke or is whole again; its next heartbeat says so.
    pub fn set_connector_health(&mut self, connector: u8, health: ConnectorHealth) {
        self.unhealthy.retain(|(number, _)| *number != connector);
        if health != ConnectorHealth::Normal {
            self.unhealthy.push((connector, health));
        }
    }

    pub(super) fn send_heartbeat(&mut self, now: Tick, out: &mut Vec<u8>) {
        let count = self.config.connector_count.max(1);
        let connectors = match self.config.quirks.heartbeat {
            HeartbeatPattern::InTurn => self.next_in_turn(count),
            HeartbeatPattern::FaultyFirst => match self.unhealthy.first() {
                Some((connector, _)) => *connector..=*connector,
                None => self.next_in_turn(count),
            },
            HeartbeatPattern::FirstOnly => 1..=1,
            HeartbeatPattern::Each => 1..=count,
        };
        for connector in connectors {
            let heartbeat = HeartbeatRequest {
                pile_code: self.config.pile_code,
                connector_number: self.config.connector_byte(connector),
                connector_health: self.connector_health(connector),
                ..HeartbeatRequest::default()
            };
            self.ask(&heartbeat.into(), out);
        }
        self.heartbeats_unanswered = self.heartbeats_unanswered.saturating_add(1);
        self.heartbeat_at = Some(now + HEARTBEAT_PAUSE);
    }

    const fn next_in_turn(&mut self, count: u8) -> RangeInclusive<u8> {
        let connector = self.heartbeat_connector;
        self.heartbeat_connector = connector % count + 1;
        connector..=connector
    }

    fn connector_health(&self, connector: u8) -> ConnectorHealth {
        let known = self.unhealthy.iter().find(|(number, _)| *number == connector);
        known.map_or(ConnectorHealth::Normal, |(_, health)| *health)
    }
}
