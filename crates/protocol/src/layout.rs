//! What a message looks like, as data. The declarations make these tables; the inspector, the JSON form, the printed
//! reference and the encoder walk them, so that no second description of a message exists.

use crate::Protocol;
use crate::wire::{Kind, Short};

/// Who sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Pile to platform.
    Up,
    /// Platform to pile.
    Down,
}

impl Direction {
    /// `up` or `down`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// One field of a layout.
#[derive(Debug, Clone, Copy)]
pub struct FieldMeta {
    /// Name for machines, `snake_case`.
    pub name: &'static str,
    /// Chinese label, as the specification prints it.
    pub zh: &'static str,
    /// English label.
    pub en: &'static str,
    /// What the bits mean.
    pub kind: Kind,
    /// Width in bits; the least of it for a field of variable length.
    pub bits: usize,
    /// Whether bodies exist that end before this field.
    pub optional: bool,
}

/// Fields that come several times at the end of a body.
#[derive(Debug, Clone, Copy)]
pub struct Repeated {
    /// Name for machines.
    pub name: &'static str,
    /// Chinese label.
    pub zh: &'static str,
    /// English label.
    pub en: &'static str,
    /// Name of the field that counts them; `None` when they go on to the end of the body.
    pub counted_by: Option<&'static str>,
    /// Most that one frame carries.
    pub max: usize,
    /// Whether each body has exactly `max` of them.
    pub fixed: bool,
    /// Fields of one of them.
    pub fields: &'static [FieldMeta],
}

impl Repeated {
    /// Bytes of one of them.
    #[must_use]
    pub fn element_length(&self) -> usize {
        bytes_of(self.fields.iter())
    }
}

/// What some piles append to a body: known by its length.
#[derive(Debug, Clone, Copy)]
pub struct Extension {
    /// Bytes beyond the fields of the layout.
    pub length: usize,
    /// Its fields.
    pub fields: &'static [FieldMeta],
}

/// The layout of one message.
#[derive(Debug)]
pub struct Layout {
    /// Whose message it is.
    pub protocol: Protocol,
    /// Frame type on the wire.
    pub code: u16,
    /// Name for machines, `snake_case`.
    pub name: &'static str,
    /// Chinese name, as the specification prints it.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// When it is sent and where the specification describes it, in Chinese.
    pub about_zh: &'static str,
    /// The same in English.
    pub about_en: &'static str,
    /// Who sends it.
    pub direction: Direction,
    /// Frame type of the request that this answers.
    pub reply_to: Option<u16>,
    /// Why this layout is chosen among several of the same frame type, in Chinese; empty when it is the only or usual one.
    pub when_zh: &'static str,
    /// The same in English.
    pub when_en: &'static str,
    /// The fields in order.
    pub fields: &'static [FieldMeta],
    /// Fields that repeat after those.
    pub repeated: Option<Repeated>,
    /// What some piles append.
    pub extensions: &'static [Extension],
}

impl Layout {
    /// Whether it is chosen only under a condition, among several of the same frame type.
    #[must_use]
    pub const fn is_conditional(&self) -> bool {
        !self.when_en.is_empty()
    }

    /// Bytes of the fields that every body has.
    #[must_use]
    pub fn required_length(&self) -> usize {
        bytes_of(self.fields.iter().filter(|field| !field.optional)) + self.fixed_group_length()
    }

    /// Bytes of all fields, without extensions and without repeated ones whose number varies.
    #[must_use]
    pub fn full_length(&self) -> usize {
        bytes_of(self.fields.iter()) + self.fixed_group_length()
    }

    /// Whether a body of `length` bytes ends where one of an older version does: behind the last required field or behind
    /// an optional one.
    #[must_use]
    pub fn ends_at(&self, length: usize) -> bool {
        let required = self.required_length();
        let optional = self.fields.iter().filter(|field| field.optional);
        let ends = optional.scan(required * 8, |bits, field| {
            *bits += field.bits;
            Some(*bits)
        });
        std::iter::once(required * 8).chain(ends).any(|bits| bits == length * 8)
    }

    /// Bytes of the repeated fields, where their number is fixed.
    fn fixed_group_length(&self) -> usize {
        self.repeated.filter(|group| group.fixed).map_or(0, |group| group.max * group.element_length())
    }

    /// The extension whose length is exactly what a body of `length` bytes has beyond the fields.
    #[must_use]
    pub fn extension_for(&self, length: usize) -> Option<&'static Extension> {
        let beyond = length.checked_sub(self.full_length())?;
        self.extensions.iter().find(|extension| extension.length == beyond)
    }

    /// A field by name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static FieldMeta> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The first field that is wanted, with the bytes of a body from where it begins; none where the body ends before.
    pub fn find<'b>(
        &self,
        body: &'b [u8],
        wanted: impl Fn(&FieldMeta) -> bool,
    ) -> Option<(&'static FieldMeta, &'b [u8])> {
        let mut bits = 0;
        for field in self.fields {
            if wanted(field) {
                return Some((field, body.get(bits / 8..).unwrap_or_default()));
            }
            bits += field.bits;
        }
        None
    }

    /// The first bytes of the field with a name; `None` where there is none or the body ends before.
    #[must_use]
    pub fn named<const N: usize>(&self, body: &[u8], name: &str) -> Option<[u8; N]> {
        let (_, bytes) = self.find(body, |field| field.name == name)?;
        bytes.first_chunk().copied()
    }
}

fn bytes_of<'a>(fields: impl Iterator<Item = &'a FieldMeta>) -> usize {
    fields.map(|field| field.bits).sum::<usize>() / 8
}

/// Sum of widths in bits, for the assertions that hold declarations against the specification's lengths.
pub(crate) const fn total_bits(mut fields: &[FieldMeta], with_optional: bool) -> usize {
    let mut bits = 0;
    while let [field, rest @ ..] = fields {
        if with_optional || !field.optional {
            bits += field.bits;
        }
        fields = rest;
    }
    bits
}

/// Where a field begins, in bytes; `None` when there is no such field.
#[allow(clippy::indexing_slicing, reason = "the loops stay within their bounds")]
pub(crate) const fn byte_offset(fields: &[FieldMeta], name: &str) -> Option<usize> {
    let (mut bits, mut at) = (0, 0);
    while at < fields.len() {
        if same_text(fields[at].name, name) {
            return Some(bits / 8);
        }
        bits += fields[at].bits;
        at += 1;
    }
    None
}

#[allow(clippy::indexing_slicing, reason = "the loop stays within both bounds")]
const fn same_text(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// A body that its layout does not fit: which field could not be read, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{message} ({}): the body ends inside {field} at offset {offset}: {needed} bytes needed, {available} left",
    .protocol.written(*.code)
)]
pub struct DecodeError {
    /// Whose message it is.
    pub protocol: Protocol,
    /// Frame type.
    pub code: u16,
    /// Name of the message.
    pub message: &'static str,
    /// Name of the field.
    pub field: &'static str,
    /// Where the field begins, in bytes of the body.
    pub offset: usize,
    /// Bytes the field needs.
    pub needed: usize,
    /// Bytes that were left.
    pub available: usize,
}

impl DecodeError {
    /// Locates a short read in its message.
    #[cold]
    pub(crate) fn new(layout: &'static Layout, field: &'static str, short: Short) -> Self {
        let before = layout.fields.iter().take_while(|candidate| candidate.name != field);
        Self {
            protocol: layout.protocol,
            code: layout.code,
            message: layout.name,
            field,
            offset: bytes_of(before),
            needed: short.needed,
            available: short.available,
        }
    }
}
