//! How frames of all protocols begin and end.

use crate::aaf5;
use crate::ykc;

/// Whether a frame of any protocol may begin so.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    bytes.first() == Some(&ykc::frame::START) || bytes.starts_with(&aaf5::frame::START)
}

/// How long the sound frame is that bytes begin with.
pub(super) fn whole(bytes: &[u8]) -> Option<usize> {
    let ykc = || ykc::Frame::parse(bytes).ok().map(|frame| frame.raw.len());
    ykc().or_else(|| aaf5::Frame::parse(bytes).ok().map(|frame| frame.raw.len()))
}

/// How long a frame with this begin says that it is; `None` where that is not there yet.
pub(super) fn announced(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [ykc::frame::START, length, ..] => Some(usize::from(*length) + ykc::frame::UNCOUNTED),
        [_, _, low, high, ..] if bytes.starts_with(&aaf5::frame::START) => {
            Some(usize::from(u16::from_le_bytes([*low, *high])).max(aaf5::frame::MIN_LENGTH))
        }
        _ => None,
    }
}

/// Whether bytes that begin like a frame go on like one: the encryption flag of YKC is known, or the length holds. Words
/// such as `face` and `dead` seldom do.
pub(super) fn is_likely(bytes: &[u8]) -> bool {
    if bytes.starts_with(&aaf5::frame::START) {
        return announced(bytes).is_some_and(|length| length <= aaf5::frame::MAX_FIRMWARE_LENGTH);
    }
    let Some([_, length, _, _, encryption]) = bytes.first_chunk::<5>() else { return false };
    let version2 = *length < 4;
    version2 || *encryption <= 1 || announced(bytes) == Some(bytes.len())
}
