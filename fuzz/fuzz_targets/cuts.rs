//! What holds for the framer of every protocol: a stream gives the same pieces and counters however it is cut, in bounded
//! memory, and no byte is lost.

use std::fmt::Debug;

use voltapile_protocol::framer::{Framer, Framing, Piece, Skipped};

#[derive(Debug, PartialEq)]
struct Outcome<R> {
    pieces: Vec<Piece<Vec<u8>, R>>,
    /// Counters and kept bytes at the end of the stream, then after giving up on what was unfinished.
    skipped: [Skipped; 2],
    pending: usize,
}

/// Pushes a stream whole, byte by byte, and in uneven cuts. `longest` is the longest frame's length; `raw` gives the
/// bytes of a frame.
pub fn change_nothing<P: Framing<Relative: Debug + PartialEq>>(
    stream: &[u8],
    seed: u8,
    longest: usize,
    raw: impl Fn(P::Frame<'_>) -> Vec<u8>,
) {
    let seed = usize::from(seed);
    let whole = push::<P>(stream, longest, &raw, |_| stream.len());
    let bytewise = push::<P>(stream, longest, &raw, |_| 1);
    let mixed = push::<P>(stream, longest, &raw, |at| 1 + (at * 31 + seed) % (1 + seed));
    assert_eq!(whole, bytewise);
    assert_eq!(whole, mixed);
}

/// Pushes the stream in pieces as long as `length` says.
fn push<P: Framing>(
    stream: &[u8],
    longest: usize,
    raw: &impl Fn(P::Frame<'_>) -> Vec<u8>,
    length: impl Fn(usize) -> usize,
) -> Outcome<P::Relative> {
    let mut framer = Framer::<P>::new();
    let mut pieces = Vec::new();
    let mut on_piece = |piece: Piece<P::Frame<'_>, P::Relative>| {
        pieces.push(match piece {
            Piece::Frame(frame) => Piece::Frame(raw(frame)),
            Piece::Relative(relative) => Piece::Relative(relative),
        });
    };
    let mut at = 0;
    while at < stream.len() {
        let end = (at + length(at)).min(stream.len());
        framer.push(&stream[at..end], &mut on_piece);
        assert!(framer.pending() < longest);
        at = end;
    }
    let (skipped, pending) = (framer.skipped(), framer.pending());
    while framer.pending() > 0 {
        framer.give_up_partial(&mut on_piece);
    }
    let frames = pieces.iter().map(|piece| if let Piece::Frame(raw) = piece { raw.len() } else { 0 });
    assert_eq!(frames.sum::<usize>() + framer.skipped().bytes as usize, stream.len());
    Outcome { pieces, skipped: [skipped, framer.skipped()], pending }
}
