//! Walks a body along its layout: every bit belongs to exactly one field, as far as the body goes.

use super::declared::header_length;
use super::meaning::{self, Meaning};
use super::value::{self, Value, little_endian};
use crate::layout::{FieldMeta, Layout};
use crate::wire::Kind;

/// Name of what follows the declared fields.
pub const TAIL: &str = "tail";
/// The body of a frame whose layout is not known or that is encrypted.
pub const BODY: &str = "body";

/// One field of a frame, explained.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name for machines; in a repeated group `cards[0].physical_card_number`.
    pub name: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// Format of the bits.
    pub kind: Kind,
    /// First byte it touches, from the frame's start.
    pub offset: usize,
    /// Bytes it touches.
    pub length: usize,
    /// First bit (0 is the lowest) and number of bits, for a field that does not fill whole bytes.
    pub packed: Option<(usize, usize)>,
    /// The bytes it touches.
    pub raw: Vec<u8>,
    /// The raw number, low byte first; 0 for fields longer than 8 bytes.
    pub number: u64,
    /// What it means.
    pub value: Value,
    /// What it means beyond that, by fields before it.
    pub meaning: Option<Box<Meaning>>,
}

/// A field that the body ends before.
#[derive(Debug, Clone, Copy)]
pub struct Missing {
    /// The field.
    pub field: &'static FieldMeta,
    /// Bytes it needs.
    pub needed: usize,
    /// Bytes there are.
    pub available: usize,
}

/// A body, explained.
#[derive(Debug, Clone)]
pub struct Body {
    /// All of it, field by field.
    pub fields: Vec<Field>,
    /// The first field that does not fit, when the body is too short.
    pub missing: Option<Missing>,
    /// Bytes beyond what the layout or one of its extensions declares.
    pub undeclared: usize,
}

/// Explains a body along a layout.
#[must_use]
pub fn body(layout: &'static Layout, bytes: &[u8], fault_base: u8) -> Body {
    let offset = header_length(layout.protocol);
    let mut walk = Walk { bytes, offset, bit: 0, fields: Vec::new(), fault_base, ended: false };
    let missing = walk.fields(layout.fields).or_else(|| walk.repeated(layout));
    let left = walk.left() / 8;
    let is_whole = missing.is_none() && !walk.ended;
    let undeclared = match layout.extensions.iter().find(|extension| extension.length == left && is_whole) {
        Some(extension) => {
            walk.fields(extension.fields);
            0
        }
        None => left,
    };
    walk.rest(TAIL, "未定义字节", "undeclared bytes");
    meaning::tell(layout, &mut walk.fields);
    Body { fields: walk.fields, missing, undeclared }
}

/// A body without a layout, `offset` bytes behind the frame's start: one field of plain bytes.
#[must_use]
pub fn opaque(bytes: &[u8], offset: usize) -> Body {
    let mut walk = Walk { bytes, offset, bit: 0, fields: Vec::new(), fault_base: 0, ended: false };
    walk.rest(BODY, "消息体", "body");
    Body { fields: walk.fields, missing: None, undeclared: 0 }
}

struct Walk<'a> {
    bytes: &'a [u8],
    /// Where the body begins in its frame.
    offset: usize,
    /// Bits used so far.
    bit: usize,
    fields: Vec<Field>,
    fault_base: u8,
    /// Whether an optional field was not there: then none behind it is.
    ended: bool,
}

impl Walk<'_> {
    fn left(&self) -> usize {
        self.bytes.len() * 8 - self.bit
    }

    /// Takes fields in order; gives back the first that does not fit.
    fn fields(&mut self, metas: &'static [FieldMeta]) -> Option<Missing> {
        metas.iter().find_map(|meta| self.field(meta, meta.name.to_owned(), meta.zh.to_owned(), meta.en.to_owned()))
    }

    fn repeated(&mut self, layout: &'static Layout) -> Option<Missing> {
        let group = layout.repeated.as_ref()?;
        let each: usize = group.fields.iter().map(|meta| meta.bits).sum();
        let wanted = match group.counted_by {
            None if group.fixed => group.max as u64,
            Some(counter) => self.fields.iter().find(|field| field.name == counter).map_or(0, |field| field.number),
            None => u64::MAX,
        };
        let there = self.left().checked_div(each).unwrap_or(0);
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        for index in 0..wanted.min(there) {
            for meta in group.fields {
                let name = format!("{}[{index}].{}", group.name, meta.name);
                let zh = format!("{}{} {}", group.zh, index + 1, meta.zh);
                let en = format!("{} {}: {}", group.en, index + 1, meta.en);
                self.field(meta, name, zh, en);
            }
        }
        let first = group.fields.first().filter(|_| group.fixed && there < wanted)?;
        Some(Missing { field: first, needed: group.element_length(), available: self.left() / 8 })
    }

    fn field(&mut self, meta: &'static FieldMeta, name: String, zh: String, en: String) -> Option<Missing> {
        let left = self.left();
        self.ended |= meta.optional && left < meta.bits;
        if left < meta.bits || self.ended && meta.optional {
            let missing = Missing { field: meta, needed: meta.bits.div_ceil(8), available: left / 8 };
            return (!meta.optional).then_some(missing);
        }
        let bits = match meta.kind {
            Kind::CountedText => {
                let announced = self.bytes.get(self.bit / 8).map_or(0, |length| usize::from(*length));
                meta.bits + (announced * 8).min(left - meta.bits)
            }
            Kind::TextToEnd | Kind::HexToEnd | Kind::SimDigits => left,
            _ => meta.bits,
        };
        self.take(meta.kind, bits, name, zh, en);
        None
    }

    /// What is left, as a field of plain bytes; nothing when nothing is left.
    fn rest(&mut self, name: &str, zh: &str, en: &str) {
        if self.left() > 0 {
            self.take(Kind::Hex, self.left(), name.to_owned(), zh.to_owned(), en.to_owned());
        }
    }

    fn take(&mut self, kind: Kind, bits: usize, name: String, zh: String, en: String) {
        let (begin, end) = (self.bit / 8, (self.bit + bits).div_ceil(8));
        let first_bit = self.bit % 8;
        let packed = (first_bit != 0 || !bits.is_multiple_of(8)).then_some((first_bit, bits));
        let raw = self.bytes.get(begin..end).unwrap_or_default().to_vec();
        let number = match packed {
            Some(_) => packed_number(&raw, first_bit, bits),
            None => little_endian(&raw),
        };
        let value = match kind {
            Kind::Reserved if packed.is_some() => Value::Number(super::decimal::Decimal::whole(number as i64)),
            _ => value::decode(&kind, &raw, number, self.fault_base),
        };
        let (offset, length) = (self.offset + begin, raw.len());
        self.fields.push(Field { name, zh, en, kind, offset, length, packed, raw, number, value, meaning: None });
        self.bit += bits;
    }
}

/// The number in packed bits: the lowest bit of the first byte first.
#[must_use]
pub(super) fn packed_number(bytes: &[u8], first_bit: usize, bits: usize) -> u64 {
    let number = little_endian(bytes) >> first_bit.min(63);
    if bits >= 64 { number } else { number & ((1 << bits) - 1) }
}
