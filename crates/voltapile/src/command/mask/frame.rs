//! Masks one frame by what its layout says each field is.

use voltapile_protocol::inspect::Report;
use voltapile_protocol::inspect::declared::header_length;
use voltapile_protocol::inspect::explain::Field;
use voltapile_protocol::inspect::scan::Framing;
use voltapile_protocol::inspect::value::Value;
use voltapile_protocol::wire::{Kind, is_decimal};

use super::Masking;
use super::parameter::{self, Settings};
use super::pseudonym::{Class, Pseudonyms, until_zero};
use crate::traffic::rewrite::{carry_check, rewrite};

/// Fields that could hold a name by their format but never do: versions, makers, numbers of tariffs. Every other field of
/// digits, opaque bytes or text is masked, so that a field that is added later is masked, too.
const HARMLESS: [&str; 10] = [
    "battery_maker",
    "battery_vendor",
    "bms_protocol",
    "bms_protocol_version",
    "bms_software",
    "bms_software_version",
    "description",
    "fault_bits",
    "firmware_version",
    "tariff_id",
];

/// Numbers that name somebody or something, or let somebody in. All others are measured, counted or chosen.
const NAMING: [&str; 4] = ["battery_serial", "card_serial", "rsa_exponent", "stop_password"];

/// Opaque bytes longer than this are no name: files, keys, what a meter signed. They are blanked.
const LONGEST_NAME: usize = 64;

/// The name without the place in a group: `cards[0].physical_card_number`.
fn own_name(field: &Field) -> &str {
    field.name.rsplit('.').next().unwrap_or(&field.name)
}

/// Whether a format could hold a name.
const fn may_name(kind: &Kind) -> bool {
    use Kind::{Ascii, Bcd, CountedText, Hex, HexToEnd, Text, TextToEnd};
    matches!(kind, Bcd { .. } | Hex | HexToEnd | Ascii | Text | CountedText | TextToEnd)
}

/// What a field names; `None` where it names nobody.
fn class(field: &Field) -> Option<Class> {
    let name = own_name(field);
    match field.kind {
        Kind::Vin(_) => Some(Class::Vin),
        Kind::SimDigits => Some(Class::Sim),
        Kind::Number { .. } => NAMING.contains(&name).then_some(Class::Other),
        kind if may_name(&kind) => match name {
            _ if HARMLESS.contains(&name) => None,
            "pile_code" => Some(Class::Pile),
            "transaction_number" => Some(Class::Transaction),
            "parallel_session_number" => Some(Class::Session),
            "account" => Some(Class::Card),
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
    let mut settings = Settings::of(report);
    rewrite(report, |field| match settings.next(field) {
        Some(setting) => parameter::masked(setting, field, &mut masking.pseudonyms),
        None => masked(field, pile.as_deref(), &mut masking.pseudonyms),
    })
}

fn masked(field: &Field, pile: Option<&[u8]>, pseudonyms: &mut Pseudonyms) -> Option<Vec<u8>> {
    use voltapile_protocol::inspect::explain::{BODY, TAIL};
    if matches!(field.kind, Kind::Reserved) || [BODY, TAIL].contains(&field.name.as_str()) {
        return Some(vec![0; field.length]);
    }
    let class = class(field)?;
    let raw = field.raw.as_slice();
    Some(match (class, field.kind) {
        (Class::Transaction, Kind::Text) => pseudonyms.transaction_text(raw, pile),
        (Class::Transaction, _) => pseudonyms.transaction(raw, pile),
        (Class::Session, _) => pseudonyms.session(raw),
        (_, Kind::Vin(order)) => pseudonyms.vin(raw, order),
        (_, Kind::Text) => pseudonyms.name(class, raw),
        (_, Kind::Ascii | Kind::TextToEnd) => pseudonyms.text(class, raw),
        (_, Kind::SimDigits) if raw.iter().all(u8::is_ascii_alphanumeric) => pseudonyms.text(class, raw),
        (_, Kind::CountedText) => {
            let (length, text) = raw.split_first()?;
            [vec![*length], pseudonyms.text(class, text)].concat()
        }
        (_, Kind::Number { .. }) => pseudonyms.number(class, raw),
        (_, Kind::Hex | Kind::HexToEnd) if raw.len() > LONGEST_NAME => vec![0; raw.len()],
        _ => pseudonyms.digits(class, raw),
    })
}

/// Whether the fields of a frame are certainly where its layout says. Where they are not, numbers may stand in the place
/// of others, and only blanking all of them is safe.
fn is_readable(report: &Report) -> bool {
    let plain = report.header.is_some_and(|header| !header.is_encrypted()) && report.layout.is_some();
    let too_short = report.findings.iter().any(|finding| finding.code == "body-too-short");
    let bad_check = report.framing == Framing::BadCheck && report.fields.iter().all(is_plausible);
    plain && !too_short && (report.framing.holds() || bad_check)
}

fn is_plausible(field: &Field) -> bool {
    match (&field.kind, &field.value) {
        (Kind::Bcd { letters_usual: false }, _) => is_decimal(&field.raw),
        (Kind::Time, Value::None) => field.raw.iter().all(|byte| *byte == 0),
        (Kind::BcdTime, Value::None) => [0, 0xFF].iter().any(|unset| field.raw.iter().all(|byte| byte == unset)),
        (Kind::Vin(_), _) => {
            let all = |is: fn(&u8) -> bool| field.raw.iter().all(is);
            all(u8::is_ascii_alphanumeric) || all(|byte| *byte == 0) || all(|byte| *byte == 0xFF)
        }
        (Kind::Text, _) => until_zero(&field.raw).iter().all(|byte| matches!(byte, 0x20..=0x7E | 0xFF)),
        (Kind::Ascii, _) => field.raw.iter().all(|byte| matches!(byte, 0 | 0x20..=0x7E)),
        (Kind::Code(table), Value::Code { number, .. }) => table.find(*number).is_some(),
        _ => true,
    }
}

/// The frame with an empty body: header and check sum stay.
fn blanked(report: &Report) -> Vec<u8> {
    let mut raw = report.raw.clone();
    let end = raw.len().saturating_sub(report.check_length());
    if let Some(body) = raw.get_mut(header_length(report.protocol).min(end)..end) {
        body.fill(0);
    }
    carry_check(report, &report.raw, &mut raw);
    raw
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use voltapile_protocol::layout::{FieldMeta, Layout};
    use voltapile_protocol::{aaf5, ykc};

    use super::*;

    fn all_fields() -> impl Iterator<Item = &'static FieldMeta> {
        let layouts = || ykc::message::LAYOUTS.iter().chain(aaf5::message::LAYOUTS).copied();
        let of = |layout: &'static Layout| {
            let repeated = layout.repeated.iter().flat_map(|group| group.fields);
            let extended = layout.extensions.iter().flat_map(|extension| extension.fields);
            layout.fields.iter().chain(repeated).chain(extended)
        };
        layouts().flat_map(of)
    }

    #[test]
    fn what_is_left_alone_is_known_by_name() {
        let kept: BTreeSet<&str> = all_fields()
            .filter(|meta| may_name(&meta.kind) && HARMLESS.contains(&meta.name))
            .map(|meta| meta.name)
            .collect();
        assert_eq!(kept.into_iter().collect::<Vec<_>>(), HARMLESS);
    }

    #[test]
    fn numbers_that_name_somebody_are_known_by_name() {
        let naming: BTreeSet<&str> = all_fields()
            .filter(|meta| matches!(meta.kind, Kind::Number { .. }) && NAMING.contains(&meta.name))
            .map(|meta| meta.name)
            .collect();
        assert_eq!(naming.into_iter().collect::<Vec<_>>(), NAMING);
        // Whatever is called so is either masked or said here to be harmless.
        for meta in all_fields().filter(|meta| matches!(meta.kind, Kind::Number { .. })) {
            let suspicious = ["serial", "password", "exponent", "key"].iter().any(|word| meta.name.contains(word));
            assert!(!suspicious || NAMING.contains(&meta.name), "{}", meta.name);
        }
    }
}
