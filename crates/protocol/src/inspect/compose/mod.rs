//! Makes a frame from a description in JSON: its type or name and the fields that differ from zero. What `decode --json`
//! printed is such a description; it gives the same bytes again, whatever they were.

mod description;
mod encode;
mod envelope;
mod error;

use description::{Description, Given};
pub use error::ComposeError;

use super::declared;
use super::explain::{BODY, TAIL};
use super::report::Options;
use super::suggest::nearest;
use super::value;
use crate::family::Protocol;
use crate::layout::{Extension, FieldMeta, Layout};
use crate::wire::{Kind, Writer};

/// The name of fields that count the bytes behind the fixed ones.
const BYTE_COUNT: &str = "byte_count";

/// Makes a frame.
///
/// # Errors
/// [`ComposeError`] when the description names what does not exist or gives a value that does not fit.
pub fn compose(json: &serde_json::Value, options: Options) -> Result<Vec<u8>, ComposeError> {
    let mut description = Description::read(json)?;
    let protocol = protocol_of(&description, options);
    let (frame_type, layout) = choose_layout(&description, protocol, options)?;
    let mut body = Composer { given: std::mem::take(&mut description.fields), options, out: Vec::new() };
    // An encrypted body is given as it is, or not at all when it is empty.
    let as_it_is = body.has(BODY) || description.is_encrypted(protocol) && body.given.is_empty();
    match layout {
        Some(layout) if !as_it_is => body.layout(layout, description.ends_before.as_deref())?,
        _ => body.append(BODY)?,
    }
    let message = layout.map_or_else(|| protocol.written(frame_type), |layout| layout.name.to_owned());
    body.refuse_rest(&message, layout)?;
    envelope::around(&body.out, frame_type, protocol, &description)
}

/// The protocol that is named, else the one in which such a type is written, else the first that has the message.
fn protocol_of(description: &Description, options: Options) -> Protocol {
    let asked = description.protocol.or(options.protocol).or(description.type_written_in);
    let has = |protocol: &Protocol| {
        let named = |name: &String| declared::layouts(*protocol).iter().any(|layout| layout.name == name);
        description.name.as_ref().is_some_and(named)
    };
    asked.or_else(|| Protocol::ALL.into_iter().find(has)).unwrap_or(Protocol::Ykc)
}

/// The frame type and its layout: by name, or by type, dialect and the fields that are given.
fn choose_layout(
    description: &Description,
    protocol: Protocol,
    options: Options,
) -> Result<(u16, Option<&'static Layout>), ComposeError> {
    let layouts = declared::layouts(protocol);
    let named = match &description.name {
        Some(name) => Some(layouts.iter().copied().find(|layout| layout.name == name).ok_or_else(|| {
            let suggestion = nearest(name, layouts.iter().map(|layout| layout.name)).map(str::to_owned);
            ComposeError::UnknownMessage { given: format!("{name:?}"), suggestion }
        })?),
        None => None,
    };
    match (named, description.frame_type) {
        (Some(layout), Some(code)) if layout.code != code => Err(ComposeError::TypeAndNameDiffer {
            name: layout.name,
            code: protocol.written(layout.code),
            given: protocol.written(code),
        }),
        (Some(layout), _) => Ok((layout.code, Some(layout))),
        (None, Some(code)) => Ok((code, layout_of(code, description, protocol, options))),
        (None, None) => Err(ComposeError::NoType),
    }
}

/// The usual layout of a type that has all fields given; where none has, the usual one, so that its error names the field.
fn layout_of(code: u16, description: &Description, protocol: Protocol, options: Options) -> Option<&'static Layout> {
    let of_type = declared::layouts(protocol).iter().copied().filter(|candidate| candidate.code == code);
    let in_dialect = |candidate: &&'static Layout| {
        (0..=declared::longest_body(protocol)).any(|length| {
            declared::layout(protocol, code, length, options.dialect).is_some_and(|it| it.name == candidate.name)
        })
    };
    let has_all = |candidate: &&'static Layout| {
        let in_group =
            |inner: &str| candidate.repeated.is_some_and(|group| group.fields.iter().any(|field| field.name == inner));
        let has =
            |given: &Given| names(candidate).any(|name| name == given.base()) && given.inner().is_none_or(in_group);
        description.fields.iter().all(has)
    };
    let candidates: Vec<_> = of_type.filter(in_dialect).collect();
    candidates.iter().rev().find(|candidate| has_all(candidate)).or_else(|| candidates.last()).copied()
}

/// All names that a message's description may use.
fn names(layout: &'static Layout) -> impl Iterator<Item = &'static str> {
    let extended = layout.extensions.iter().flat_map(|extension| extension.fields);
    let fields = layout.fields.iter().chain(extended).map(|field| field.name);
    fields.chain(layout.repeated.as_ref().map(|group| group.name)).chain([TAIL, BODY])
}

struct Composer {
    given: Vec<Given>,
    options: Options,
    out: Vec<u8>,
}

/// What a field without a value becomes.
enum Missing {
    Zero,
    Absent,
    Count(usize),
}

impl Composer {
    fn has(&self, name: &str) -> bool {
        self.given.iter().any(|given| given.name == name)
    }

    fn take(&mut self, name: &str) -> Option<Given> {
        let at = self.given.iter().position(|given| given.name == name)?;
        Some(self.given.swap_remove(at))
    }

    fn layout(&mut self, layout: &'static Layout, ends_before: Option<&str>) -> Result<(), ComposeError> {
        let groups = layout.repeated.as_ref().map_or(0, |group| {
            let cut_off = group.fields.iter().any(|field| Some(field.name) == ends_before);
            if group.fixed && !cut_off { group.max } else { self.groups(group.name) }
        });
        let counter = layout.repeated.as_ref().and_then(|group| group.counted_by);
        let extension = layout.extensions.iter().find(|extension| self.gives(extension));
        let counts_bytes = !self.has(BYTE_COUNT);
        let last_given = layout.fields.iter().rposition(|field| self.has(field.name));
        let goes_on_to = if extension.is_some() { Some(layout.fields.len()) } else { last_given };
        let (mut bits, mut ended, mut byte_count) = (Vec::new(), false, None);
        for (place, field) in layout.fields.iter().enumerate() {
            if Some(field.name) == ends_before {
                self.out.extend(bits_to_bytes(&bits));
                return self.append(TAIL);
            }
            let later_is_given = goes_on_to.is_some_and(|last| place <= last);
            let left_out = field.optional && !later_is_given && (ended || !matches!(field.kind, Kind::Reserved));
            let missing = match field {
                _ if Some(field.name) == counter && !(groups == 0 && left_out) => Missing::Count(groups),
                _ if left_out => Missing::Absent,
                _ => Missing::Zero,
            };
            ended |= matches!(missing, Missing::Absent);
            if field.name == BYTE_COUNT && counts_bytes {
                byte_count = Some(self.out.len()..self.out.len() + field.bits / 8);
            }
            self.field(field, field.name, missing, &mut bits)?;
        }
        if let Some(group) = &layout.repeated {
            for index in 0..groups {
                for field in group.fields {
                    self.field(field, &format!("{}[{index}].{}", group.name, field.name), Missing::Zero, &mut bits)?;
                }
            }
        }
        if let Some(extension) = extension {
            for field in extension.fields {
                self.field(field, field.name, Missing::Zero, &mut bits)?;
            }
        }
        self.out.extend(bits_to_bytes(&bits));
        if let Some(place) = byte_count {
            self.count_bytes(place, layout.required_length());
        }
        self.append(TAIL)
    }

    /// Fills a count of the bytes that stand behind the fixed fields.
    fn count_bytes(&mut self, place: std::ops::Range<usize>, fixed: usize) {
        let count = self.out.len().saturating_sub(fixed).to_le_bytes();
        if let (Some(bytes), Some(count)) = (self.out.get_mut(place.clone()), count.get(..place.len())) {
            bytes.copy_from_slice(count);
        }
    }

    /// Whether a field of an extension is given, and none in another length.
    fn gives(&self, extension: &Extension) -> bool {
        let own = |field: &&FieldMeta| self.has(field.name);
        let other_length = |field: &&FieldMeta| {
            let given = self.given.iter().find(|given| given.name == field.name);
            given.and_then(|given| given.raw.as_ref()).is_some_and(|raw| raw.len() * 8 != field.bits)
        };
        extension.fields.iter().any(|field| own(&field)) && !extension.fields.iter().any(|field| other_length(&field))
    }

    /// How many groups are given.
    fn groups(&self, name: &str) -> usize {
        let index =
            |given: &Given| given.name.strip_prefix(name)?.strip_prefix('[')?.split_once(']')?.0.parse::<usize>().ok();
        self.given.iter().filter_map(index).max().map_or(0, |last| last.min(usize::from(u8::MAX)) + 1)
    }

    fn field(
        &mut self,
        meta: &FieldMeta,
        name: &str,
        missing: Missing,
        bits: &mut Vec<bool>,
    ) -> Result<(), ComposeError> {
        let bytes = match (self.take(name), missing) {
            (Some(given), _) => self.bytes_of(meta, &given, bits.len() % 8)?,
            (None, Missing::Absent) => return Ok(()),
            (None, Missing::Zero) => vec![0; meta.bits.div_ceil(8)],
            (None, Missing::Count(count)) => {
                let count = u8::try_from(count).unwrap_or(u8::MAX);
                u32::from(count).to_le_bytes().into_iter().take(meta.bits.div_ceil(8)).collect()
            }
        };
        if bits.is_empty() && meta.bits.is_multiple_of(8) {
            self.out.extend(bytes);
            return Ok(());
        }
        let number = value::little_endian(&bytes);
        bits.extend((0..meta.bits).map(|bit| (number >> bit) & 1 == 1));
        if bits.len().is_multiple_of(8) {
            self.out.extend(bits_to_bytes(bits));
            bits.clear();
        }
        Ok(())
    }

    /// The bytes of a field, its lowest bit first. What was decoded and not changed keeps its raw bytes: they may say
    /// more than the value.
    fn bytes_of(&self, meta: &FieldMeta, given: &Given, first_bit: usize) -> Result<Vec<u8>, ComposeError> {
        let packed = !meta.bits.is_multiple_of(8);
        if let Some(raw) = &given.raw {
            let number = super::explain::packed_number(raw, first_bit, meta.bits);
            let own = if packed { number.to_le_bytes().to_vec() } else { raw.clone() };
            let number = if packed { number } else { value::little_endian(raw) };
            let says = value::decode(&meta.kind, raw, number, self.options.fault_base).to_json();
            let fits = packed || meta.kind.is_variable() || raw.len() * 8 == meta.bits;
            let same = given.value.as_ref().is_none_or(|value| {
                *value == says || value.is_null() && number == 0 || packed && value.as_u64() == Some(number)
            });
            if fits && same {
                return Ok(own);
            }
        }
        let Some(value) = &given.value else { return Ok(vec![0; meta.bits.div_ceil(8)]) };
        encode::encode(meta, value, self.options.fault_base).map_err(|wanted| ComposeError::BadValue {
            field: given.name.clone(),
            expected: wanted.expected,
            example: wanted.example,
            given: value.to_string(),
        })
    }

    /// Appends plain bytes that are given under a name.
    fn append(&mut self, name: &str) -> Result<(), ComposeError> {
        let Some(given) = self.take(name) else { return Ok(()) };
        let bits = given.raw.as_ref().map_or(0, |raw| raw.len() * 8);
        let meta = FieldMeta { name: TAIL, zh: "", en: "", kind: Kind::Hex, bits, optional: true };
        let bytes = match &given.value {
            Some(value) => {
                let text = value.as_str().and_then(encode::hex_bytes);
                text.map_or_else(|| self.bytes_of(&meta, &given, 0), Ok)?
            }
            None => given.raw.unwrap_or_default(),
        };
        self.out.extend(bytes);
        Ok(())
    }

    /// Refuses fields that nothing took.
    fn refuse_rest(&self, message: &str, layout: Option<&'static Layout>) -> Result<(), ComposeError> {
        let Some(given) = self.given.first() else { return Ok(()) };
        let known: Vec<&str> = layout.map_or_else(|| vec![BODY], |layout| names(layout).collect());
        let group_fields = layout.and_then(|layout| layout.repeated.as_ref()).map_or(&[][..], |group| group.fields);
        let suggestion = match given.name.rsplit_once("].") {
            Some((group, field)) => nearest(field, group_fields.iter().map(|field| field.name))
                .filter(|suggestion| *suggestion != field)
                .map(|field| format!("{group}].{field}")),
            None => nearest(&given.name, known.into_iter()).map(str::to_owned),
        };
        Err(ComposeError::UnknownField { message: message.to_owned(), field: given.name.clone(), suggestion })
    }
}

/// Bits to bytes, the first the lowest.
fn bits_to_bytes(bits: &[bool]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes);
    bits.iter().for_each(|bit| writer.put_bits(u32::from(*bit), 1));
    bytes
}
