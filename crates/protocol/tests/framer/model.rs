//! What a framer has to find in a stream, and what it finds.

use voltapile_protocol::framer::{Framer, Framing, Piece, Skipped};

/// A protocol's frames as its document has them, spelled out.
pub(crate) trait Rule: Framing<Relative: Clone + PartialEq> {
    /// Bytes of the longest frame.
    const LONGEST: usize;

    /// What stands at the begin of `rest`; `is_first` before the first frame.
    fn stands(rest: &[u8], is_first: bool) -> Stands<Self::Relative>;

    /// The bytes of a frame.
    fn raw(frame: &Self::Frame<'_>) -> Vec<u8>;
}

/// What stands at a position, and which relative it would be.
pub(crate) enum Stands<R> {
    /// No start.
    Nothing,
    /// A frame of so many bytes.
    Frame(usize),
    /// A start that promises more than has come.
    Unfinished(Option<R>),
    /// A start whose length is out of bounds.
    BadLength(Option<R>),
    /// A start whose check sum does not hold.
    BadCheck(Option<R>),
}

/// A piece that outlives its stream.
pub(crate) type Found<R> = Piece<Vec<u8>, R>;

/// All that can be told about a scan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome<R> {
    pub(crate) found: Vec<Found<R>>,
    pub(crate) skipped: Skipped,
    pub(crate) pending: usize,
}

impl<R> Outcome<R> {
    const fn new() -> Self {
        Self {
            found: Vec::new(),
            skipped: Skipped { since_frame: 0, bytes: 0, bad_check: 0, bad_length: 0 },
            pending: 0,
        }
    }

    /// Lengths of the frames.
    pub(crate) fn frames(&self) -> impl Iterator<Item = usize> {
        self.found.iter().filter_map(|found| if let Piece::Frame(raw) = found { Some(raw.len()) } else { None })
    }

    /// How many relatives there were.
    pub(crate) fn relatives(&self) -> usize {
        self.found.len() - self.frames().count()
    }
}

/// What becomes of a start whose end never comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtEnd {
    Keep,
    GiveUp,
}

/// The rule, spelled out over a whole stream; and where each frame begins.
///
/// At each position: no start → skip a byte. A start → wait until the bytes that its length promises are there; when
/// the check sum holds, they are a frame; otherwise skip one byte. Before the first frame, a start that holds no frame
/// may be a relative's: it is reported and then skipped like the rest.
pub(crate) fn model<P: Rule>(stream: &[u8], at_end: AtEnd) -> (Outcome<P::Relative>, Vec<usize>) {
    let (mut outcome, mut begins, mut at) = (Outcome::new(), Vec::new(), 0);
    while at < stream.len() {
        let rest = &stream[at..];
        let relative = match P::stands(rest, begins.is_empty()) {
            Stands::Frame(length) => {
                outcome.found.push(Piece::Frame(rest[..length].to_vec()));
                outcome.skipped.since_frame = 0;
                begins.push(at);
                at += length;
                continue;
            }
            Stands::Unfinished(_) if at_end == AtEnd::Keep => {
                outcome.pending = rest.len();
                break;
            }
            Stands::BadLength(relative) => {
                outcome.skipped.bad_length += 1;
                relative
            }
            Stands::BadCheck(relative) => {
                outcome.skipped.bad_check += 1;
                relative
            }
            Stands::Unfinished(relative) => relative,
            Stands::Nothing => None,
        };
        outcome.found.extend(relative.map(Piece::Relative));
        outcome.skipped.bytes += 1;
        outcome.skipped.since_frame += 1;
        at += 1;
    }
    (outcome, begins)
}

/// Pushes a stream in pieces that end at `cuts`.
pub(crate) fn push<P: Rule>(stream: &[u8], cuts: &[usize], at_end: AtEnd) -> Outcome<P::Relative> {
    let mut framer = Framer::<P>::new();
    let mut outcome = Outcome::new();
    let mut begin = 0;
    for end in cuts.iter().copied().chain([stream.len()]) {
        framer.push(&stream[begin..end.max(begin)], |piece| outcome.found.push(found::<P>(piece)));
        begin = end.max(begin);
        assert!(framer.pending() < P::LONGEST, "keeps {} bytes", framer.pending());
    }
    while at_end == AtEnd::GiveUp && framer.pending() > 0 {
        let before = framer.pending();
        framer.give_up_partial(|piece| outcome.found.push(found::<P>(piece)));
        assert!(framer.pending() < before, "gives up nothing");
    }
    assert_eq!(framer.seen_frame(), outcome.frames().count() > 0);
    outcome.skipped = framer.skipped();
    outcome.pending = framer.pending();
    let accounted = outcome.frames().sum::<usize>() + outcome.skipped.bytes as usize + outcome.pending;
    assert_eq!(accounted, stream.len(), "every byte is in a frame, skipped or pending");
    outcome
}

/// A piece of a framer, kept.
pub(crate) fn found<P: Rule>(piece: Piece<P::Frame<'_>, P::Relative>) -> Found<P::Relative> {
    match piece {
        Piece::Frame(frame) => Piece::Frame(P::raw(&frame)),
        Piece::Relative(relative) => Piece::Relative(relative),
    }
}
