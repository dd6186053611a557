//! What holds for the framer of every protocol.

use proptest::prelude::*;
use proptest::sample::Index;
use voltapile_protocol::framer::{Framer, Piece};

use super::model::{AtEnd, Rule, found, model, push};
use super::stream::{Source, concat, segments};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 1000, ..ProptestConfig::default() }
}

pub(crate) fn cuts_change_nothing<P: Rule + Source>() {
    proptest!(config(), |(segments in segments::<P>(), cuts in prop::collection::vec(any::<Index>(), 0..24))| {
        let stream = concat(&segments);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let bytewise: Vec<usize> = (0..stream.len()).collect();
        for at_end in [AtEnd::Keep, AtEnd::GiveUp] {
            let (expected, _) = model::<P>(&stream, at_end);
            prop_assert_eq!(&push::<P>(&stream, &[], at_end), &expected, "whole");
            prop_assert_eq!(&push::<P>(&stream, &cuts, at_end), &expected, "in cuts");
            prop_assert_eq!(&push::<P>(&stream, &bytewise, at_end), &expected, "byte by byte");
        }
    });
}

/// A frame is missed only where it begins inside a frame that was found: nothing else swallows bytes. What a false start
/// promises is waited for, so it takes as many bytes behind it, or giving up, to see that it was none.
pub(crate) fn every_frame_is_found_once_false_starts_are_through<P: Rule + Source>() {
    proptest!(config(), |(segments in segments::<P>(), filler in any::<bool>())| {
        let mut stream = concat(&segments);
        let at_end = if filler { AtEnd::Keep } else { AtEnd::GiveUp };
        stream.extend(vec![0; if filler { P::LONGEST } else { 0 }]);
        let (expected, begins) = model::<P>(&stream, at_end);
        let outcome = push::<P>(&stream, &[], at_end);
        prop_assert_eq!(&outcome.found, &expected.found);
        let spans: Vec<_> = begins.iter().zip(outcome.frames()).map(|(begin, length)| *begin..begin + length).collect();
        let mut begin = 0;
        for segment in &segments {
            let is_found = spans.iter().any(|span| span.contains(&begin));
            prop_assert!(is_found || !segment.is_whole, "the frame at {} was missed", begin);
            begin += segment.bytes.len();
        }
    });
}

pub(crate) fn glued_frames_are_found<P: Rule + Source>() {
    proptest!(config(), |(frames in prop::collection::vec(P::frame(), 0..16))| {
        let outcome = push::<P>(&frames.concat(), &[], AtEnd::Keep);
        prop_assert_eq!(outcome.found, frames.into_iter().map(Piece::Frame).collect::<Vec<_>>());
    });
}

/// Both `starts` begin no frame and promise more than follows; `half` may be the begin of a start.
#[track_caller]
pub(crate) fn assert_found_after_giving_up<P: Rule>(starts: [&[u8]; 2], frame: &[u8], half: u8) {
    let stream = [starts[0], starts[1], frame, &[half]].concat();
    let mut framer = Framer::<P>::new();
    framer.push(&stream, |piece| panic!("{piece:?}"));
    assert_eq!(framer.pending(), stream.len());

    framer.give_up_partial(|piece| panic!("{piece:?}"));
    assert_eq!(framer.pending(), stream.len() - starts[0].len(), "the second false start still hides it");
    let mut pieces = Vec::new();
    framer.give_up_partial(|piece| pieces.push(found::<P>(piece)));
    assert_eq!(pieces, [Piece::Frame(frame.to_vec())]);
    let skipped = starts.concat().len() as u64;
    assert_eq!((framer.pending(), framer.skipped().bytes, framer.skipped().since_frame), (1, skipped, 0));

    framer.give_up_partial(|piece| panic!("{piece:?}"));
    framer.give_up_partial(|piece| panic!("{piece:?}"));
    assert_eq!((framer.pending(), framer.skipped().bytes), (0, skipped + 1));
}

/// A false start that promises `promised` bytes hides a frame for as long as these have not come, and no longer.
#[track_caller]
pub(crate) fn assert_waited_for_no_longer<P: Rule>(start: &[u8], promised: usize, frame: &[u8]) {
    let mut framer = Framer::<P>::new();
    let mut count = 0;
    framer.push(start, |_| count += 1);
    framer.push(frame, |_| count += 1);
    framer.push(&vec![0; promised - start.len() - frame.len() - 1], |_| count += 1);
    assert_eq!((count, framer.pending()), (0, promised - 1));
    framer.push(&[0], |_| count += 1);
    assert_eq!((count, framer.pending(), framer.skipped().bad_check), (1, 0, 1));
}
