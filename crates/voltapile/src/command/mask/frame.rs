//! Masks one frame by what its layout says each field is.

use voltapile_protocol::inspect::Report;
use voltapile_protocol::inspect::explain::Field;
use voltapile_protocol::inspect::scan::Framing;
use voltapile_protocol::inspect::value::Value;
use voltapile_protocol::wire::{Kind, is_decimal};
use voltapile_protocol::ykc::frame::HEADER_LENGTH;

use super::Masking;
use super::pseudonym::{Class, Pseudonyms};
use crate::traffic::rewrite::{carry_crc, rewrite};

/// Fields that could hold a name by their format but never do: versions, makers, numbers of tariffs. Every other field of
/// digits, opaque bytes or text is masked, so that a field that is added later is masked, too.
const HARMLESS: [&str; 6] =
    ["tariff_id", "firmware_version", "bms_protocol_version", "bms_software_version", "battery_vendor", "fault_bits"];

/// The name without the place in a group: `cards[0].physical_card_number`.
fn own_name(field: &Field) -> &str {
    field.name.rsplit('.').next().unwrap_or(&field.name)
}

/// What a field names; `None` where it names nobody.
fn class(field: &Field) -> Option<Class> {
    let name = own_name(field);
    match field.kind {
        Kind::Vin(_) => Some(Class::Vin),
        Kind::SimDigits => Some(Class::Sim),
        Kind::Bcd { .. } | Kind::Hex | Kind::Ascii | Kind::CountedText | Kind::TextToEnd => match name {
            _ if HARMLESS.contains(&name) => None,
            "pile_code" => Some(Class::Pile),
            "transaction_number" => Some(Class::Transaction),
            "parallel_session_number" => Some(Class::Session),
            _ if name.ends_with("card_number") => Some(Class::Card),
            _ if name.ends_with("iccid") => Some(Class::Sim),
            _ => Some(Class::Other),
        },
        _ => None,
    }
}

/// The frame with everything masked that names somebody.
pub(super) fn mask(report: &Report, masking: &mut Masking) -> Vec<u8> {
    if !is_readable(report) {
        masking.tally.blanked_frames += 1;
        return blanked(report);
    }
    masking.tally.frames += 1;
    let pile = report.fields.iter().find(|field| own_name(field) == "pile_code").map(|field| field.raw.clone());
    rewrite(report, |field| masked(field, pile.as_deref(), &mut masking.pseudonyms))
}

fn masked(field: &Field, pile: Option<&[u8]>, pseudonyms: &mut Pseudonyms) -> Option<Vec<u8>> {
    use voltapile_protocol::inspect::explain::{BODY, TAIL};
    if matches!(field.kind, Kind::Reserved) || [BODY, TAIL].contains(&field.name.as_str()) {
        return Some(vec![0; field.length]);
    }
    let class = class(field)?;
    let raw = field.raw.as_slice();
    Some(match (class, field.kind) {
        (Class::Transaction, _) => pseudonyms.transaction(raw, pile),
        (Class::Session, _) => pseudonyms.session(raw),
        (_, Kind::Vin(order)) => pseudonyms.vin(raw, order),
        (_, Kind::Ascii | Kind::TextToEnd) => pseudonyms.text(class, raw),
        (_, Kind::SimDigits) if raw.iter().all(u8::is_ascii_alphanumeric) => pseudonyms.text(class, raw),
        (_, Kind::CountedText) => {
            let (length, text) = raw.split_first()?;
            [vec![*length], pseudonyms.text(class, text)].concat()
        }
        _ => pseudonyms.digits(class, raw),
    })
}

/// Whether the fields of a frame are certainly where its layout says. Where they are not, numbers may stand in the place
/// of others, and only blanking all of them is safe.
fn is_readable(report: &Report) -> bool {
    let plain = report.header.is_some_and(|header| header.encryption == 0) && report.layout.is_some();
    let too_short = report.findings.iter().any(|finding| finding.code == "body-too-short");
    match report.framing {
        Framing::Sound(_) | Framing::WrongLength(Some(_)) => plain && !too_short,
        Framing::BadCrc => plain && !too_short && report.fields.iter().all(is_plausible),
        _ => false,
    }
}

fn is_plausible(field: &Field) -> bool {
    match (&field.kind, &field.value) {
        (Kind::Bcd { letters_usual: false }, _) => is_decimal(&field.raw),
        (Kind::Time, Value::None) => field.raw.iter().all(|byte| *byte == 0),
        (Kind::Vin(_), _) => {
            let all = |is: fn(&u8) -> bool| field.raw.iter().all(is);
            all(u8::is_ascii_alphanumeric) || all(|byte| *byte == 0) || all(|byte| *byte == 0xFF)
        }
        (Kind::Ascii, _) => field.raw.iter().all(|byte| matches!(byte, 0 | 0x20..=0x7E)),
        (Kind::Code(table), Value::Code { number, .. }) => table.find(*number).is_some(),
        _ => true,
    }
}

/// The frame with an empty body: header and CRC stay.
fn blanked(report: &Report) -> Vec<u8> {
    let mut raw = report.raw.clone();
    let crc_length = report.framing.crc_length();
    let end = raw.len().saturating_sub(crc_length);
    if let Some(body) = raw.get_mut(HEADER_LENGTH.min(end)..end) {
        body.fill(0);
    }
    carry_crc(&report.raw, &mut raw, crc_length);
    raw
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use voltapile_protocol::ykc::message::LAYOUTS;

    use super::*;

    #[test]
    fn what_is_left_alone_is_known_by_name() {
        let text = |kind: &Kind| {
            matches!(kind, Kind::Bcd { .. } | Kind::Hex | Kind::Ascii | Kind::CountedText | Kind::TextToEnd)
        };
        let repeated = LAYOUTS.iter().filter_map(|layout| layout.repeated.as_ref()).flat_map(|group| group.fields);
        let extended = LAYOUTS.iter().flat_map(|layout| layout.extensions).flat_map(|extension| extension.fields);
        let all = LAYOUTS.iter().flat_map(|layout| layout.fields).chain(repeated).chain(extended);
        let kept: BTreeSet<&str> =
            all.filter(|meta| text(&meta.kind) && HARMLESS.contains(&meta.name)).map(|meta| meta.name).collect();
        let expected = [
            "battery_vendor",
            "bms_protocol_version",
            "bms_software_version",
            "fault_bits",
            "firmware_version",
            "tariff_id",
        ];
        assert_eq!(kept.into_iter().collect::<Vec<_>>(), expected);
    }
}
