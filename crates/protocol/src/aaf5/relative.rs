//! Protocols that begin like AA F5 and are others: who speaks one is to be told so, instead of being waited for.
//!
//! Known are only what their firmware and servers show, so recognition is a guess with two witnesses: a command that
//! a pile begins with stands where that relative has it, and the relative's own check sum holds. It is made for the
//! first frame of a connection alone, and only where that frame cannot be one of ours. One damaged sign-in of ours in
//! 256 is taken for [`SumFromStart`](Relative::SumFromStart), and one frame of a relative in 256 holds as ours; both
//! cost one connection.
//!
//! Uncertain: of the relatives with a longer head nothing public shows one behind AA F5 (the one with 14 bytes begins
//! with 7D D0 elsewhere), so their command is accepted in either byte order and their check sum from the first byte
//! or from the command on. One with another head still ends as [`junk`](super::framer::Skipped).

use super::checksum::checksum;
use super::frame::{MAX_LENGTH, MIN_LENGTH, START};

/// How a relative differs from AA F5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relative {
    /// Our head; the check sum begins at the first byte.
    SumFromStart,
    /// Our head, but the length is 15 and the body's while 9 and the body's are sent, as firmware of the ZH (宇晖)
    /// kind does; the check sum begins at the first byte.
    CountsSixMore,
    /// A head of 11 bytes: start, length, information byte, sequence (4), command.
    HeadOf11,
    /// A head of 14 bytes: start, length, version (4), sequence (4), command (汇誉, 小桔).
    HeadOf14,
}

/// Commands that a pile's first frame may have: heartbeat, status, sign-in. All relatives have them.
const FIRST_COMMANDS: [u16; 3] = [102, 104, 106];
/// Bytes that [`Relative::CountsSixMore`] counts and does not send.
const NOT_SENT: usize = 6;

impl Relative {
    /// A stable name for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SumFromStart => "sum_from_start",
            Self::CountsSixMore => "counts_six_more",
            Self::HeadOf11 => "head_of_11",
            Self::HeadOf14 => "head_of_14",
        }
    }

    /// The relative whose frame `bytes` begin with: all that its length promises, or all that came before silence.
    #[must_use]
    pub fn recognise(bytes: &[u8]) -> Option<Self> {
        Self::recognise_among(bytes, |command| FIRST_COMMANDS.contains(&command))
    }

    /// The same for a frame of any command that is believed: for who looks at single frames, not at the begin of a
    /// connection.
    #[must_use]
    pub fn recognise_among(bytes: &[u8], is_command: impl Fn(u16) -> bool) -> Option<Self> {
        let [first, second, low, high, ..] = bytes else { return None };
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        if [*first, *second] != START || !(MIN_LENGTH..=MAX_LENGTH).contains(&length) {
            return None;
        }
        // Whether such a command stands at an offset.
        let begins = |frame: &[u8], offset: usize, order: fn([u8; 2]) -> u16| {
            let bytes = frame.get(offset..).and_then(<[u8]>::first_chunk);
            bytes.is_some_and(|bytes| is_command(order(*bytes)))
        };
        if bytes.get(..length).is_some_and(|whole| begins(whole, 6, u16::from_le_bytes) && sums(whole, 0)) {
            return Some(Self::SumFromStart);
        }
        if counts_six_more(bytes, length).is_some_and(|sent| begins(sent, 6, u16::from_le_bytes) && sums(sent, 0)) {
            return Some(Self::CountsSixMore);
        }
        let whole = bytes.get(..length)?;
        let has_head_of = |head: usize| {
            let command = head - 2;
            let orders = [u16::from_le_bytes, u16::from_be_bytes];
            orders.into_iter().any(|order| begins(whole, command, order)) && (sums(whole, 0) || sums(whole, command))
        };
        [(11, Self::HeadOf11), (14, Self::HeadOf14)]
            .into_iter()
            .find_map(|(head, relative)| has_head_of(head).then_some(relative))
    }
}

/// What is sent of a frame whose length counts six bytes more: with it the stream so far ends, or the next frame begins
/// behind it.
fn counts_six_more(bytes: &[u8], length: usize) -> Option<&[u8]> {
    let (sent, behind) = bytes.split_at_checked(length.checked_sub(NOT_SENT)?)?;
    (behind.is_empty() || behind.first_chunk() == Some(&START)).then_some(sent)
}

/// Whether the last byte is the sum of those before it, from an offset on.
fn sums(frame: &[u8], from: usize) -> bool {
    let Some((last, rest)) = frame.split_last() else { return false };
    rest.get(from..).is_some_and(|counted| checksum(counted) == *last)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame whose length counts so many bytes more than it has, with a sum from an offset on.
    fn frame(head: &[u8], body: &[u8], more: usize, from: usize) -> Vec<u8> {
        let mut out = [&START[..], &[0, 0], head, body].concat();
        let length = u16::try_from(out.len() + 1 + more).unwrap();
        out[2..4].copy_from_slice(&length.to_le_bytes());
        out.push(checksum(&out[from..]));
        out
    }

    #[test]
    fn each_relative_is_recognised_by_its_sign_in() {
        let body = [0x31; 96];
        let usual = [0x10, 0, 106, 0];
        assert_eq!(Relative::recognise(&frame(&usual, &body, 0, 6)), None, "one of ours");
        assert_eq!(Relative::recognise(&frame(&usual, &body, 0, 0)), Some(Relative::SumFromStart));
        let eleven = [0x10, 1, 0, 0, 0, 106, 0];
        assert_eq!(Relative::recognise(&frame(&eleven, &body, 0, 0)), Some(Relative::HeadOf11));
        for command in [[106, 0], [0, 106]] {
            let fourteen = [&[0, 0, 0, 0, 1, 0, 0, 0][..], &command].concat();
            for from in [0, 12] {
                let relative = Relative::recognise(&frame(&fourteen, &body, 0, from));
                assert_eq!(relative, Some(Relative::HeadOf14), "{command:?} summed from {from}");
            }
        }
    }

    #[test]
    fn a_length_of_six_too_many_is_seen_at_the_next_frame_or_in_silence() {
        let sign_in = frame(&[0x10, 0, 106, 0], &[0x31; 76], 6, 0);
        assert_eq!(Relative::recognise(&sign_in), Some(Relative::CountsSixMore));
        assert_eq!(Relative::recognise(&[&sign_in[..], &sign_in].concat()), Some(Relative::CountsSixMore));
        assert_eq!(Relative::recognise(&[&sign_in[..], &[7; 9]].concat()), None);
        assert_eq!(Relative::recognise(&sign_in[..sign_in.len() - 1]), None);
    }

    #[test]
    fn other_commands_and_other_starts_are_no_witness() {
        assert_eq!(Relative::recognise(&frame(&[0x10, 0, 7, 0], &[0x31; 96], 0, 0)), None);
        assert_eq!(Relative::recognise(&[0x7D, 0xD0, 9, 0]), None);
        assert_eq!(Relative::recognise(&[]), None);
    }
}
