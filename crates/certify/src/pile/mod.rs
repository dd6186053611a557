//! The exam of a pile.
