//! What stands around a body, by protocol.

use super::ComposeError;
use super::description::Description;
use crate::family::Protocol;
use crate::{aaf5, ykc};

/// The frame around a body, with a length and a sum that do not hold where the description has such.
pub(super) fn around(
    body: &[u8],
    frame_type: u16,
    protocol: Protocol,
    description: &Description,
) -> Result<Vec<u8>, ComposeError> {
    let mut frame = Vec::new();
    refuse_sum_of_other(protocol, description)?;
    match protocol {
        Protocol::Ykc => {
            let code = u8::try_from(frame_type)
                .map_err(|_| ComposeError::UnknownMessage { given: protocol.written(frame_type), suggestion: None })?;
            let envelope = ykc::frame::Envelope {
                sequence: description.sequence()?,
                encryption: description.encryption,
                crc_order: description.crc_order,
            };
            ykc::frame::write_frame(&mut frame, envelope, code, |writer| writer.put(body))?;
            if let (Some(length), Some(byte)) = (description.length, frame.get_mut(1)) {
                *byte = u8::try_from(length).unwrap_or(u8::MAX);
            }
        }
        Protocol::Aaf5 => {
            let [sequence] = description.sequence()?;
            let info = description.information.unwrap_or(aaf5::frame::USUAL_INFO);
            let envelope = aaf5::frame::Envelope { info, sequence };
            aaf5::frame::write_frame(&mut frame, envelope, frame_type, |writer| writer.put(body))?;
            if let (Some(length), Some(bytes)) = (description.length, frame.get_mut(2..4)) {
                bytes.copy_from_slice(&length.to_le_bytes());
            }
        }
    }
    if let Some(sum) = &description.wrong_sum {
        let begin = frame.len().saturating_sub(sum.len());
        frame.truncate(begin);
        frame.extend_from_slice(sum);
    }
    Ok(frame)
}

/// A CRC ends no frame of AA F5, and a check sum none of YKC: it would overwrite what is there.
fn refuse_sum_of_other(protocol: Protocol, description: &Description) -> Result<(), ComposeError> {
    let (key, right, length) = match protocol {
        Protocol::Ykc => ("checksum", "crc", 2),
        Protocol::Aaf5 => ("crc", "checksum", 1),
    };
    if description.wrong_sum.as_ref().is_some_and(|sum| sum.len() != length) {
        return Err(ComposeError::UnknownKey { key: key.to_owned(), suggestion: Some(right.to_owned()) });
    }
    Ok(())
}
