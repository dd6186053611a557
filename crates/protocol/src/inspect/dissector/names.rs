//! Which name a field has in filters, and which kind of Wireshark field it is.

use std::collections::{BTreeMap, BTreeSet};

use super::super::lang::Lang;
use super::SHARED;
use super::book::Book;
use crate::layout::{FieldMeta, Layout};
use crate::wire::{CodeTable, FlagTable, Kind};

/// What an item of a list is to a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// A number with this unit, or with none.
    Number(&'static str),
    /// A number with a text for each value, so many bits wide.
    Code(&'static CodeTable, usize),
    /// Bytes.
    Bytes,
}

impl Item {
    const fn of(kind: &Kind, bits: usize) -> Self {
        match kind {
            Kind::Number { unit, .. } => Self::Number(unit),
            Kind::Code(table) => Self::Code(table, bits),
            _ => Self::Bytes,
        }
    }
}

/// What a field is to a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// A string: digits, text, a VIN, a wall clock time.
    Text,
    /// A whole number without a unit, at most 32 bits.
    Whole,
    /// A number with a unit, in that unit.
    Number {
        /// The unit.
        unit: &'static str,
    },
    /// A number with a text for each value.
    Code(&'static CodeTable),
    /// A number and a truth for each of its bits.
    Flags(&'static FlagTable),
    /// Bytes, and a code for each run of equal ones.
    Slots(&'static CodeTable),
    /// Bytes, and what each item is.
    List(Item),
    /// Bytes, and the number of each connector in the set.
    Connectors,
    /// Bytes.
    Bytes,
}

impl Filter {
    /// What a field is to a filter.
    pub(super) fn of(field: &FieldMeta) -> Self {
        match field.kind {
            Kind::Number { signed, decimals, offset, unit, .. } => {
                let is_small = !signed && offset == 0 || (offset > 0 && field.bits < 32);
                if decimals == 0 && unit.is_empty() && is_small { Self::Whole } else { Self::Number { unit } }
            }
            Kind::Connector { .. } => Self::Whole,
            Kind::Code(table) => Self::Code(table),
            Kind::Flags(table) => Self::Flags(table),
            Kind::TariffSlots(table) => Self::Slots(table),
            Kind::Reserved if is_packed(field) => Self::Whole,
            Kind::List { item, bits } => Self::List(Item::of(item, bits)),
            Kind::Connectors => Self::Connectors,
            Kind::Hex | Kind::HexToEnd | Kind::Reserved => Self::Bytes,
            Kind::Bcd { .. }
            | Kind::Ascii
            | Kind::Text
            | Kind::BcdTime
            | Kind::CountedText
            | Kind::TextToEnd
            | Kind::Vin(_)
            | Kind::Time
            | Kind::SimDigits => Self::Text,
        }
    }
}

/// Whether a field takes a part of a byte.
pub(super) const fn is_packed(field: &FieldMeta) -> bool {
    !field.bits.is_multiple_of(8)
}

/// All fields of a layout: its own, those of its groups, those of its extensions.
pub(super) fn fields_of(layout: &'static Layout) -> Vec<&'static FieldMeta> {
    let mut fields: Vec<&FieldMeta> = layout.fields.iter().collect();
    if let Some(group) = &layout.repeated {
        fields.extend(group.fields);
    }
    for extension in layout.extensions {
        fields.extend(extension.fields);
    }
    fields
}

/// A field as it is declared for filters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared {
    /// What it is to a filter.
    pub(super) filter: Filter,
    /// Width of the widest field of that name, in bits.
    pub(super) bits: usize,
    /// Label of the first field of that name.
    zh: &'static str,
    en: &'static str,
}

impl Declared {
    /// Label in a language.
    pub(super) const fn label(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Zh => self.zh,
            Lang::En => self.en,
        }
    }
}

/// The names behind the protocol's that the runtime gives to what stands around a body.
pub(super) fn of_runtime(book: &Book) -> BTreeSet<&'static str> {
    let lines = SHARED.into_iter().chain([book.framing]).flat_map(str::lines);
    lines.filter(|line| line.contains("head_field(\"")).filter_map(|line| line.split('"').nth(3)).collect()
}

/// The names of all fields of a protocol's layouts.
#[derive(Debug)]
pub(super) struct Names {
    layouts: &'static [&'static Layout],
    /// What a bare name is, where it is the same in every layout that has it.
    shared: BTreeMap<&'static str, Option<Filter>>,
}

impl Names {
    /// Looks at all layouts. What the runtime has a name of is no bare name of a field.
    pub(super) fn new(book: &Book) -> Self {
        let mut shared: BTreeMap<&str, Option<Filter>> =
            of_runtime(book).into_iter().map(|name| (name, None)).collect();
        for layout in book.layouts {
            for field in fields_of(layout) {
                let filter = Filter::of(field);
                let known = shared.entry(field.name).or_insert(Some(filter));
                if *known != Some(filter) {
                    *known = None;
                }
            }
        }
        Self { layouts: book.layouts, shared }
    }

    /// The name of a layout's field behind the protocol's.
    pub(super) fn of(&self, layout: &Layout, field: &FieldMeta) -> String {
        match self.shared.get(field.name) {
            Some(Some(_)) => field.name.to_owned(),
            _ => format!("{}.{}", layout.name, field.name),
        }
    }

    /// Every name with what it is, in alphabetical order.
    pub(super) fn declared(&self) -> BTreeMap<String, Declared> {
        let mut declared: BTreeMap<String, Declared> = BTreeMap::new();
        for layout in self.layouts {
            for field in fields_of(layout) {
                let first = Declared { filter: Filter::of(field), bits: 0, zh: field.zh, en: field.en };
                let one = declared.entry(self.of(layout, field)).or_insert(first);
                one.bits = one.bits.max(field.bits);
            }
        }
        declared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::Protocol;
    use crate::ykc::message::{LAYOUTS, PowerLimitRequest, RemoteStartResponse, StartResponse, StorageReport};

    fn name(layout: &'static Layout, field: &str) -> String {
        Names::new(Book::of(Protocol::Ykc)).of(layout, layout.field(field).unwrap())
    }

    #[test]
    fn a_name_is_bare_where_it_means_the_same_everywhere() {
        for layout in LAYOUTS {
            for bare in ["pile_code", "connector_number", "transaction_number"] {
                if layout.field(bare).is_some() {
                    assert_eq!(name(layout, bare), bare);
                }
            }
        }
        // Kilowatts with and without a decimal are kilowatts.
        assert_eq!(name(PowerLimitRequest::LAYOUT, "max_power"), "max_power");
    }

    #[test]
    fn a_name_says_its_message_where_messages_differ() {
        assert_eq!(name(StartResponse::LAYOUT, "fail_reason"), "start_response.fail_reason");
        assert_eq!(name(RemoteStartResponse::LAYOUT, "fail_reason"), "remote_start_response.fail_reason");
        assert_eq!(name(StorageReport::LAYOUT, "soc"), "storage_report.soc");
    }

    #[test]
    fn one_name_is_one_kind_of_field() {
        for book in Protocol::ALL.map(Book::of) {
            let names = Names::new(book);
            let declared = names.declared();
            for layout in book.layouts {
                for field in fields_of(layout) {
                    let name = names.of(layout, field);
                    assert_eq!(declared[&name].filter, Filter::of(field), "{name} of {}", layout.name);
                }
            }
        }
    }
}
