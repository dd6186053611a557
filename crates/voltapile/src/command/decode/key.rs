//! Encrypted bodies of AA F5, read with the key that 105 or parameter 90 gave.

use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::cipher::{BodyCipher, KEY_LENGTH, key_from_hex};
use voltapile_protocol::aaf5::frame::{ENCRYPTED, Envelope, write_frame};
use voltapile_protocol::inspect::scan::{Found, Framing, Proof};
use voltapile_protocol::inspect::{Options, Report};

/// A key.
#[derive(Debug, Clone)]
pub(super) struct Key(BodyCipher);

impl Key {
    /// From hex digits.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected {} hex digits, the {KEY_LENGTH} bytes of the key in 105", 2 * KEY_LENGTH);
        let key = key_from_hex(text).ok_or_else(wrong)?;
        Ok(Self(BodyCipher::new(key)))
    }

    /// An encrypted frame as it was before: `None` where it is not encrypted, an error where this is not its key.
    pub(super) fn open(&self, report: &Report, options: Options) -> Option<Result<Report, String>> {
        let is_meant = report.protocol == Protocol::Aaf5 && report.framing.holds();
        let header = report.header.filter(|header| is_meant && header.is_encrypted())?;
        let end = report.raw.len().checked_sub(report.check_length())?;
        let plain = match self.0.decrypt(report.raw.get(header.bytes()..end)?) {
            Ok(plain) => plain,
            Err(error) => return Some(Err(error.to_string())),
        };
        let (mut raw, [sequence, _]) = (Vec::new(), header.sequence);
        let envelope = Envelope { info: header.flags & !ENCRYPTED, sequence };
        write_frame(&mut raw, envelope, header.frame_type, |writer| writer.put(&plain)).ok()?;
        let framing = Framing::Sound(Proof::Sum);
        let found = Found { protocol: Protocol::Aaf5, offset: report.offset, raw: &raw, framing };
        let mut opened = Report::new(&found, options);
        opened.line = report.line;
        if let Some(direction) = report.direction {
            opened.went(direction);
        }
        Some(Ok(opened))
    }
}
