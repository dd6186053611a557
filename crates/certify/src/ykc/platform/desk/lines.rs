//! Connections: dialled, greeted, ended.

use super::{Desk, Greeting, Line};
use crate::exam::ConnectionId;

impl Desk {
    /// Dials, and greets once the connection stands.
    pub(in crate::ykc::platform) fn dial(&mut self, greeting: Greeting) {
        let id = self.exchange.dial();
        self.lines.push(Line { id, greeting: Some(greeting), sequence: 0 });
    }

    /// Ends a connection.
    pub(in crate::ykc::platform) fn close(&mut self, line: ConnectionId) {
        self.exchange.close(line);
    }

    pub(in crate::ykc::platform) fn is_open(&self, id: ConnectionId) -> bool {
        self.exchange.is_open(id)
    }

    /// The connection dialled last.
    pub(in crate::ykc::platform) fn newest_line(&self) -> Option<ConnectionId> {
        self.lines.last().map(|line| line.id)
    }

    /// The newest connection on which the pile is logged in.
    pub(in crate::ykc::platform) fn main(&self) -> Option<ConnectionId> {
        self.main.filter(|line| self.is_open(*line))
    }

    /// A connection stands.
    pub(in crate::ykc::platform) fn opened(&mut self, id: ConnectionId) {
        self.exchange.opened(id);
        if let Some(greeting) = self.line_mut(id).and_then(|line| line.greeting.take()) {
            greeting(self, id);
        }
    }

    pub(super) fn line_mut(&mut self, id: ConnectionId) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.id == id)
    }
}
