//! The exam of piles against virtual piles on virtual time: some by the book, and many that break one thing.

mod fault;
mod lawful;
mod stage;
