//! The next sound frame of AA F5, looked for once: bytes that are full of starts and hold nothing would else be gone through
//! again at each of them.

use std::ops::Range;

use super::aaf5::is_known;
use crate::aaf5::frame::{Frame, START};

/// What is known of the bytes ahead.
#[derive(Debug)]
pub(super) struct Ahead<'a> {
    bytes: &'a [u8],
    /// Where was looked: no frame that holds begins there.
    looked: Range<usize>,
    /// Whether one begins behind it.
    found: bool,
}

impl<'a> Ahead<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, looked: 0..0, found: false }
    }

    /// Where the first frame of a known command that holds begins, in a range of offsets.
    pub(super) fn first_in(&mut self, range: Range<usize>) -> Option<usize> {
        let Range { start, end } = range;
        if start < self.looked.start || self.looked.end < start {
            (self.looked, self.found) = (start..start, false);
        }
        if !self.found && self.looked.end < end {
            let first = (self.looked.end..end).find(|at| begins_at(self.bytes, *at));
            (self.looked.end, self.found) = (first.unwrap_or(end), first.is_some());
        }
        Some(self.looked.end).filter(|at| self.found && *at < end)
    }
}

/// Whether a frame of a known command that holds begins at an offset.
fn begins_at(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.starts_with(&START) && Frame::parse(rest).is_ok_and(|frame| is_known(frame.command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_asked_the_first_that_holds_is_told() {
        let answer = [0xAA, 0xF5, 0x0D, 0, 2, 0, 0x6D, 0, 0, 0, 0, 0, 0x6D];
        let bytes = [&[0xAA, 0xF5, 0x68], &answer[..], &[0xAA, 0xF5], &answer[..], &[0xAA]].concat();
        let mut ahead = Ahead::new(&bytes);
        let slowly = |range: Range<usize>| range.clone().find(|at| begins_at(&bytes, *at));
        for (start, end) in
            [(0, 3), (1, 4), (0, 2), (2, 20), (4, 10), (4, 18), (5, 30), (0, 32), (19, 32), (3, 3), (9, 19)]
        {
            assert_eq!(ahead.first_in(start..end), slowly(start..end), "{start}..{end}");
        }
        assert_eq!(ahead.first_in(0..bytes.len()), Some(3));
    }
}
