//! Which body lengths a layout takes.

use super::lang::Lang;
use crate::layout::{FieldMeta, Layout};
use crate::wire::Kind;

/// Whether a body of `length` bytes is exactly what a layout declares: with or without its optional fields, with whole
/// repeated groups, or with one of its extensions.
#[must_use]
pub(super) fn fits(layout: &Layout, length: usize) -> bool {
    let (required, full) = (layout.required_length(), layout.full_length());
    if layout.fields.iter().any(|field| is_variable(&field.kind)) {
        return length >= required;
    }
    if let Some(group) = &layout.repeated {
        let each = group.fields.iter().map(|field| field.bits).sum::<usize>() / 8;
        return length >= required && (length - required).is_multiple_of(each.max(1));
    }
    length == required || length == full || layout.extension_for(length).is_some()
}

/// Whether a kind takes as many bytes as its content says.
#[must_use]
pub(super) const fn is_variable(kind: &Kind) -> bool {
    matches!(kind, Kind::CountedText | Kind::TextToEnd | Kind::SimDigits)
}

/// A field's length in words: bytes, bits, or how it varies.
#[must_use]
pub(super) fn width(field: &FieldMeta, lang: Lang) -> String {
    match field.kind {
        Kind::CountedText => "1+n".to_owned(),
        Kind::TextToEnd | Kind::SimDigits => "n".to_owned(),
        _ if field.bits.is_multiple_of(8) => (field.bits / 8).to_string(),
        _ => format!("{} {}", field.bits, lang.pick("位", "bit")),
    }
}
