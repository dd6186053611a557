//! What a person says at the terminal.

use tokio::sync::mpsc;

use super::PersonSays;

/// Words that a person may say before anybody listens.
const WORDS_MAX: usize = 8;

/// A person's answers, or nobody's.
#[derive(Debug)]
pub struct Answers {
    said: Option<mpsc::Receiver<PersonSays>>,
}

impl Answers {
    /// Nobody is there.
    #[must_use]
    pub const fn of_nobody() -> Self {
        Self { said: None }
    }

    /// Somebody types: a line that begins with `s` skips, any other says that it is done. The thread that reads ends
    /// with the process: nobody can take a line back that is being typed.
    #[must_use]
    pub fn typed() -> Self {
        let (sender, said) = mpsc::channel(WORDS_MAX);
        std::thread::spawn(move || {
            for line in std::io::stdin().lines().map_while(Result::ok) {
                let is_skip = line.trim_start().starts_with(['s', 'S']);
                let word = if is_skip { PersonSays::Skip } else { PersonSays::Done };
                if sender.blocking_send(word).is_err() {
                    return;
                }
            }
        });
        Self { said: Some(said) }
    }

    /// What is said next; never anything where nobody is or nobody speaks any more.
    pub(super) async fn next(&mut self) -> PersonSays {
        if let Some(said) = &mut self.said {
            if let Some(word) = said.recv().await {
                return word;
            }
            self.said = None;
        }
        std::future::pending().await
    }
}
