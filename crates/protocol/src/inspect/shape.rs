//! Which body lengths a layout takes.

use super::lang::Lang;
use crate::layout::{FieldMeta, Layout};
use crate::wire::Kind;

/// Whether a body of `length` bytes is exactly what a layout declares: with or without its optional fields, with whole
/// repeated groups, or with one of its extensions.
#[must_use]
pub(super) fn fits(layout: &Layout, length: usize) -> bool {
    let (required, full) = (layout.required_length(), layout.full_length());
    if layout.fields.iter().any(|field| field.kind.is_variable()) {
        return length >= required;
    }
    if let Some(group) = layout.repeated.filter(|group| !group.fixed) {
        return length >= required && (length - required).is_multiple_of(group.element_length().max(1));
    }
    layout.ends_at(length) || length == full || layout.extension_for(length).is_some()
}

/// A field's length in words: bytes, bits, or how it varies.
#[must_use]
pub(super) fn width(field: &FieldMeta, lang: Lang) -> String {
    match field.kind {
        Kind::CountedText => "1+n".to_owned(),
        Kind::TextToEnd | Kind::HexToEnd | Kind::SimDigits => "n".to_owned(),
        _ if field.bits.is_multiple_of(8) => (field.bits / 8).to_string(),
        _ => format!("{} {}", field.bits, lang.pick("位", "bit")),
    }
}
