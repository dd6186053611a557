//! Connections: dialled, greeted, ended.

use voltapile_protocol::layout::Direction;

use super::{Desk, Greeting, Line, LineState};
use crate::exam::{ConnectionId, Effect};

impl Desk {
    /// Dials, and greets once the connection stands.
    pub(in crate::platform) fn dial(&mut self, greeting: Greeting) {
        let id = ConnectionId(u16::try_from(self.lines.len()).unwrap_or(u16::MAX));
        let greeting = Some(greeting);
        self.lines.push(Line { id, state: LineState::Dialing, greeting, sequence: 0, opened: None, lost: None });
        self.effects.push(Effect::Dial(id));
    }

    /// Ends a connection.
    pub(in crate::platform) fn close(&mut self, line: ConnectionId) {
        if !self.is_open(line) {
            return;
        }
        self.recorder.closed(self.now, line, Some(Direction::Up));
        self.effects.push(Effect::Close(line));
        self.end(line);
    }

    pub(in crate::platform) fn close_all(&mut self) {
        let open: Vec<ConnectionId> =
            self.lines.iter().map(|line| line.id).filter(|line| self.is_open(*line)).collect();
        open.into_iter().for_each(|line| self.close(line));
    }

    pub(in crate::platform) fn line(&self, id: ConnectionId) -> Option<&Line> {
        self.lines.get(usize::from(id.0))
    }

    pub(in crate::platform) fn is_open(&self, id: ConnectionId) -> bool {
        self.line(id).is_some_and(|line| line.state == LineState::Open)
    }

    /// The connection dialled last.
    pub(in crate::platform) fn newest_line(&self) -> Option<ConnectionId> {
        self.lines.last().map(|line| line.id)
    }

    /// The newest connection on which the pile is logged in.
    pub(in crate::platform) fn main(&self) -> Option<ConnectionId> {
        self.main.filter(|line| self.is_open(*line))
    }

    pub(in crate::platform) fn opened(&mut self, id: ConnectionId) {
        let now = self.now;
        let Some(line) = self.lines.get_mut(usize::from(id.0)).filter(|line| line.state == LineState::Dialing) else {
            return;
        };
        line.state = LineState::Open;
        line.opened = Some(now);
        let greeting = line.greeting.take();
        self.recorder.opened(now, id);
        if let Some(greeting) = greeting {
            greeting(self, id);
        }
    }

    /// A dial failed, or a connection ended without the exam's doing.
    pub(in crate::platform) fn lost(&mut self, id: ConnectionId, by: Option<Direction>) {
        if self.is_open(id) {
            self.recorder.closed(self.now, id, by);
        }
        let now = self.now;
        if let Some(line) = self.lines.get_mut(usize::from(id.0)).filter(|line| line.state != LineState::Closed) {
            line.lost = Some(now);
        }
        self.end(id);
    }

    fn end(&mut self, id: ConnectionId) {
        if let Some(line) = self.lines.get_mut(usize::from(id.0)) {
            line.state = LineState::Closed;
        }
        self.scheduled.retain(|(_, line, _)| *line != id);
    }
}
