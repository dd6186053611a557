//! Starts that piles ask for and that wait for the business's decision.

/// Starts of one connection that may wait for a decision; more are not answered, and the pile asks again.
const WAITING_MAX: usize = 64;

/// The starts of one connection that wait for a decision, each with what its answer needs.
pub(super) struct Starts<A> {
    waiting: Vec<(u64, A)>,
    next_token: u64,
}

impl<A> Default for Starts<A> {
    fn default() -> Self {
        Self { waiting: Vec::new(), next_token: 0 }
    }
}

impl<A> Starts<A> {
    /// Remembers a start; gives the token that its decision comes with, unless too many wait.
    pub(super) fn wait(&mut self, answer: A) -> Option<u64> {
        if self.waiting.len() >= WAITING_MAX {
            return None;
        }
        let token = self.next_token;
        self.next_token += 1;
        self.waiting.push((token, answer));
        Some(token)
    }

    /// What the answer to a start needs that was decided.
    pub(super) fn decided(&mut self, token: u64) -> Option<A> {
        let position = self.waiting.iter().position(|(waiting, _)| *waiting == token)?;
        let (_, answer) = self.waiting.swap_remove(position);
        if self.waiting.is_empty() {
            self.waiting = Vec::new();
        }
        Some(answer)
    }
}
