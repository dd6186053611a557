//! Open code tables: a number with a name and a text in two languages for each value that the specification knows.
//! Any other value is kept as it came.

/// One value, or a run of values, of a code table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeEntry {
    /// First value.
    pub first: u32,
    /// Last value, the same as the first for a single one.
    pub last: u32,
    /// Stable name for machines, `snake_case`.
    pub name: &'static str,
    /// Chinese text.
    pub zh: &'static str,
    /// English text.
    pub en: &'static str,
}

/// All values a specification gives a meaning.
#[derive(Debug, PartialEq, Eq)]
pub struct CodeTable {
    /// Name of the type.
    pub name: &'static str,
    /// The values in ascending order.
    pub entries: &'static [CodeEntry],
    /// Whether its numbers are written in decimal: those wider than a byte are.
    pub decimal: bool,
}

impl CodeTable {
    /// A value as people write it: `0x0A`, or `311` where values are wider than a byte.
    #[must_use]
    pub fn written(&self, value: u32) -> String {
        if self.decimal { value.to_string() } else { format!("0x{value:02X}") }
    }

    /// The entry that covers a value.
    #[must_use]
    pub fn find(&self, value: u32) -> Option<&'static CodeEntry> {
        self.entries.iter().find(|entry| (entry.first..=entry.last).contains(&value))
    }

    /// The entry with a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&'static CodeEntry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// A number that codes are written as: `u8`, `u16` or `u32`, low byte first.
pub trait CodeNumber: super::Field + Copy + Eq + Into<u32> + TryFrom<u32> + std::fmt::Display {}

impl<T: super::Field + Copy + Eq + Into<u32> + TryFrom<u32> + std::fmt::Display> CodeNumber for T {}

/// A type whose values come from a code table.
pub trait Code: Copy + PartialEq + std::fmt::Debug + Default {
    /// The number on the wire.
    type Number: CodeNumber;
    /// The documented values.
    const TABLE: &'static CodeTable;

    /// From the number on the wire.
    fn from_number(number: Self::Number) -> Self;

    /// The number on the wire.
    fn number(self) -> Self::Number;

    /// The documented entry, or `None` for a value the specification does not know.
    fn entry(self) -> Option<&'static CodeEntry> {
        Self::TABLE.find(self.number().into())
    }
}

/// Makes a string constant of an identifier in `snake_case`.
macro_rules! snake_name {
    ($name:ident) => {{
        const CAMEL: &str = stringify!($name);
        const SNAKE: [u8; $crate::wire::snake_length(CAMEL)] = $crate::wire::snake_bytes(CAMEL);
        const NAME: &str = match core::str::from_utf8(&SNAKE) {
            Ok(name) => name,
            Err(_) => CAMEL,
        };
        NAME
    }};
}
pub(crate) use snake_name;

/// Length of [`snake_bytes`].
pub(crate) const fn snake_length(camel: &str) -> usize {
    let mut letters = camel.as_bytes();
    let mut length = 0;
    while let [letter, rest @ ..] = letters {
        length += if length > 0 && letter.is_ascii_uppercase() { 2 } else { 1 };
        letters = rest;
    }
    length
}

/// `RealtimeReport` → `realtime_report`, at compile time.
#[allow(clippy::indexing_slicing, reason = "evaluated at compile time with the length that snake_length gives")]
pub(crate) const fn snake_bytes<const N: usize>(camel: &str) -> [u8; N] {
    let mut letters = camel.as_bytes();
    let mut snake = [b'_'; N];
    let mut at = 0;
    while let [letter, rest @ ..] = letters {
        if at > 0 && letter.is_ascii_uppercase() {
            at += 1;
        }
        snake[at] = letter.to_ascii_lowercase();
        at += 1;
        letters = rest;
    }
    snake
}

/// Declares open enumerations: the documented values by name, any other as `Unknown`. One byte wide unless a number type
/// stands behind the name.
macro_rules! codes {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident $(: $number:ident)? { $($value:literal $variant:ident $zh:literal / $en:literal,)* }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $en] $variant,)*
            /// A value the specification does not know.
            Unknown($crate::wire::number_type!($($number)?)),
        }

        impl $crate::wire::Code for $name {
            type Number = $crate::wire::number_type!($($number)?);
            const TABLE: &'static $crate::wire::CodeTable = &$crate::wire::CodeTable {
                name: stringify!($name),
                entries: &[$($crate::wire::CodeEntry {
                    first: $value, last: $value, name: $crate::wire::snake_name!($variant), zh: $zh, en: $en,
                },)*],
                decimal: <<Self as $crate::wire::Code>::Number as $crate::wire::Field>::BITS > 8,
            };

            #[inline]
            fn from_number(number: Self::Number) -> Self {
                match number {
                    $($value => Self::$variant,)*
                    other => Self::Unknown(other),
                }
            }

            #[inline]
            fn number(self) -> Self::Number {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unknown(number) => number,
                }
            }
        }

        $crate::wire::code_field!($name);
    )*};
}
pub(crate) use codes;

/// Declares code types that keep their plain number, for long tables with runs of reserved values.
macro_rules! code_numbers {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident $(: $number:ident)? { $($first:literal $(..= $last:literal)? $entry:ident $zh:literal / $en:literal,)* }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(pub $crate::wire::number_type!($($number)?));

        impl $crate::wire::Code for $name {
            type Number = $crate::wire::number_type!($($number)?);
            const TABLE: &'static $crate::wire::CodeTable = &$crate::wire::CodeTable {
                name: stringify!($name),
                entries: &[$($crate::wire::CodeEntry {
                    first: $first, last: $crate::wire::last_of!($first $(, $last)?),
                    name: $crate::wire::snake_name!($entry), zh: $zh, en: $en,
                },)*],
                decimal: <<Self as $crate::wire::Code>::Number as $crate::wire::Field>::BITS > 8,
            };

            #[inline]
            fn from_number(number: Self::Number) -> Self {
                Self(number)
            }

            #[inline]
            fn number(self) -> Self::Number {
                self.0
            }
        }

        $crate::wire::code_field!($name);
    )*};
}
pub(crate) use code_numbers;

macro_rules! last_of {
    ($first:literal) => {
        $first
    };
    ($first:literal, $last:literal) => {
        $last
    };
}
pub(crate) use last_of;

macro_rules! number_type {
    () => {
        u8
    };
    ($number:ident) => {
        $number
    };
}
pub(crate) use number_type;

/// Makes a code type a field as wide as its number.
macro_rules! code_field {
    ($name:ident) => {
        impl Default for $name {
            fn default() -> Self {
                $crate::wire::Code::from_number(Default::default())
            }
        }

        impl $crate::wire::Field for $name {
            const BITS: usize = <<Self as $crate::wire::Code>::Number as $crate::wire::Field>::BITS;
            const KIND: $crate::wire::Kind = $crate::wire::Kind::Code(<Self as $crate::wire::Code>::TABLE);

            #[inline]
            fn read(reader: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Short> {
                $crate::wire::Field::read(reader).map($crate::wire::Code::from_number)
            }

            #[inline]
            fn write(&self, writer: &mut $crate::wire::Writer<'_>) {
                $crate::wire::Field::write(&$crate::wire::Code::number(*self), writer);
            }
        }
    };
}
pub(crate) use code_field;
