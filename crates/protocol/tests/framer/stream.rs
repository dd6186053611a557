//! Streams that a framer may be given.

use proptest::prelude::*;
use proptest::sample::Index;

/// What streams of a protocol are made of.
pub(crate) trait Source {
    /// Any frame.
    fn frame() -> impl Strategy<Value = Vec<u8>> + 'static;
    /// Any frame of a relative.
    fn relative() -> impl Strategy<Value = Vec<u8>> + 'static;
    /// Bytes with many starts and lengths in them.
    fn trap() -> impl Strategy<Value = u8> + 'static;
}

/// Part of a stream.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// Whether it is a whole frame.
    pub(crate) is_whole: bool,
    pub(crate) bytes: Vec<u8>,
}

fn segment<S: Source>() -> impl Strategy<Value = Segment> {
    let whole = S::frame().prop_map(|bytes| Segment { is_whole: true, bytes });
    let other = prop_oneof![
        2 => prop::collection::vec(any::<u8>(), 0..40),
        3 => prop::collection::vec(S::trap(), 0..40),
        2 => (S::frame(), any::<Index>()).prop_map(|(bytes, at)| bytes[..at.index(bytes.len())].to_vec()),
        2 => (S::frame(), any::<Index>(), 1..=255_u8).prop_map(|(mut bytes, at, flip)| {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            bytes
        }),
        1 => S::relative(),
    ];
    prop_oneof![3 => whole, 5 => other.prop_map(|bytes| Segment { is_whole: false, bytes })]
}

pub(crate) fn segments<S: Source>() -> impl Strategy<Value = Vec<Segment>> {
    prop::collection::vec(segment::<S>(), 0..12)
}

pub(crate) fn concat(segments: &[Segment]) -> Vec<u8> {
    segments.iter().flat_map(|segment| segment.bytes.iter().copied()).collect()
}
