//! The declaration of messages. One table per message makes its type, decoder, encoder and layout; [`message_set`] then
//! joins the messages of a protocol. The macros are the only place that knows how these products hang together.
//!
//! The module in which a protocol joins its messages has `PROTOCOL`, `FrameType` (a number) and `Dialect`; the tables stand
//! in modules below it.

/// Declares a run of fields that repeats in messages or is appended to them.
///
/// ```text
/// fields! {
///     /// One offline card.
///     OfflineCard {
///         logical_card_number: LogicalCardNumber = "逻辑卡号" / "logical card number",
///     }
/// }
/// ```
macro_rules! fields {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident { $($field:ident: $type:ty = $zh:literal / $en:literal,)* }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name { $(#[doc = $en] pub $field: $type,)* }

        impl $name {
            pub(crate) const FIELDS: &'static [$crate::layout::FieldMeta] =
                &[$($crate::declare::field_meta!($field: $type = $zh / $en)),*];
            pub(crate) const BYTES: usize = $crate::layout::total_bits(Self::FIELDS, true) / 8;

            pub(crate) fn read(reader: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Short> {
                Ok(Self { $($field: $crate::wire::Field::read(reader)?,)* })
            }

            #[allow(dead_code, reason = "extensions are only read")]
            pub(crate) fn write(&self, writer: &mut $crate::wire::Writer<'_>) {
                $($crate::wire::Field::write(&self.$field, writer);)*
            }
        }
    )*};
}
pub(crate) use fields;

macro_rules! field_meta {
    ($field:ident: $type:ty = $zh:literal / $en:literal) => {
        $crate::layout::FieldMeta {
            name: stringify!($field),
            zh: $zh,
            en: $en,
            kind: <$type as $crate::wire::Field>::KIND,
            bits: <$type as $crate::wire::Field>::BITS,
            optional: <$type as $crate::wire::Field>::OPTIONAL,
        }
    };
}
pub(crate) use field_meta;

/// Declares messages. Reads like the specification's table:
///
/// ```text
/// messages! {
///     /// Answers a login.
///     LoginResponse 0x02 down reply_to 0x01, 8 bytes, "登录认证应答" / "login answer",
///     about "对登录的应答。" {
///         pile_code: PileCode = "桩编码" / "pile code",
///         login_result: LoginResult = "登陆结果" / "login result",
///     }
/// }
/// ```
///
/// The doc comment says in English when a message is sent, `about` in Chinese.
///
/// `[repeat cards: OfflineCard by card_count, at most 15 = "卡" / "cards"]` after the fields declares a repeated group
/// (without `by` it goes on to the end of the body), `[each periods: TariffPeriod, exactly 12 = "时段" / "periods"]` one that
/// always comes that often, `[extend name: Type, 6 bytes]` what some piles append, `when "中文" /
/// "English" (…)` the condition on `(length, dialect)` under which this layout is taken among several of one frame type.
macro_rules! messages {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident $code:literal $direction:ident $(reply_to $request:literal)?, $length:literal bytes
        $(, when $when_zh:literal / $when_en:literal ($($select:tt)+))?, $zh:literal / $en:literal,
        about $about_zh:literal {
            $($field:ident: $type:ty = $field_zh:literal / $field_en:literal,)*
            $([repeat $group:ident: $element:ident $(by $count:ident)?, at most $max:literal = $group_zh:literal / $group_en:literal])?
            $([each $array:ident: $item:ident, exactly $times:literal = $array_zh:literal / $array_en:literal])?
            $([extend $extension_name:ident: $extension:ident, $extension_length:literal bytes])*
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name {
            $(#[doc = $field_en] pub $field: $type,)*
            $(#[doc = $group_en] pub $group: Vec<$element>,)?
            $(#[doc = $array_en] pub $array: [$item; $times],)?
            /// Bytes beyond the declared fields.
            pub tail: $crate::wire::Tail,
        }

        impl $name {
            /// Frame type on the wire.
            pub const CODE: super::FrameType = $code;
            /// Where the pile code begins in the body, in bytes; `None` where there is none.
            pub const PILE_CODE_OFFSET: Option<usize> = $crate::layout::byte_offset(Self::LAYOUT.fields, "pile_code");
            /// The declaration as data.
            pub const LAYOUT: &'static $crate::layout::Layout = &$crate::layout::Layout {
                protocol: super::PROTOCOL,
                code: $code,
                name: $crate::wire::snake_name!($name),
                zh: $zh,
                en: $en,
                about_zh: $about_zh,
                about_en: concat!($($doc, "\n",)*),
                direction: $crate::declare::direction!($direction),
                reply_to: $crate::declare::optional!($($request)?),
                when_zh: concat!($($when_zh)?),
                when_en: concat!($($when_en)?),
                fields: &[$($crate::declare::field_meta!($field: $type = $field_zh / $field_en)),*],
                repeated: $crate::declare::optional!($($crate::layout::Repeated {
                    name: stringify!($group),
                    zh: $group_zh,
                    en: $group_en,
                    counted_by: $crate::declare::optional!($(stringify!($count))?),
                    max: $max,
                    fixed: false,
                    fields: $element::FIELDS,
                })? $($crate::layout::Repeated {
                    name: stringify!($array),
                    zh: $array_zh,
                    en: $array_en,
                    counted_by: None,
                    max: $times,
                    fixed: true,
                    fields: $item::FIELDS,
                })?),
                extensions: &[$($crate::layout::Extension { length: $extension_length, fields: $extension::FIELDS }),*],
            };

            /// Whether this layout is the right one for a body of `length` bytes in a dialect.
            #[must_use]
            #[allow(unused_variables, reason = "most layouts are the only one of their frame type")]
            pub const fn selects(length: usize, dialect: super::Dialect) -> bool {
                $crate::declare::selects!((length, dialect) $($($select)+)?)
            }

            /// Reads a body.
            ///
            /// # Errors
            /// [`DecodeError`]($crate::layout::DecodeError) when the body ends before the last required field does.
            pub fn decode(body: &[u8]) -> Result<Self, $crate::layout::DecodeError> {
                #[allow(unused_mut, reason = "one declared message may have no field")]
                let mut reader = $crate::wire::Reader::new(body);
                $(
                    let $field: $type = match $crate::wire::Field::read(&mut reader) {
                        Ok(value) => value,
                        Err(short) => {
                            return Err($crate::layout::DecodeError::new(Self::LAYOUT, stringify!($field), short));
                        }
                    };
                )*
                $(
                    let wanted = $crate::declare::wanted!($($count)?);
                    let there = reader.remaining() / $element::BYTES;
                    let mut $group = Vec::with_capacity(wanted.min(there));
                    for _ in 0..wanted.min(there) {
                        let element = $element::read(&mut reader);
                        $group.push(element.map_err(|short| {
                            $crate::layout::DecodeError::new(Self::LAYOUT, stringify!($group), short)
                        })?);
                    }
                )?
                $(
                    let (needed, available) = ($item::BYTES * $times, reader.remaining());
                    if available < needed {
                        let short = $crate::wire::Short { needed, available };
                        return Err($crate::layout::DecodeError::new(Self::LAYOUT, stringify!($array), short));
                    }
                    let mut $array = <[$item; $times]>::default();
                    for item in &mut $array {
                        *item = $item::read(&mut reader).map_err(|short| {
                            $crate::layout::DecodeError::new(Self::LAYOUT, stringify!($array), short)
                        })?;
                    }
                )?
                Ok(Self { $($field,)* $($group,)? $($array,)? tail: $crate::wire::Tail::read(&mut reader) })
            }

            /// Appends the body.
            pub fn write(&self, writer: &mut $crate::wire::Writer<'_>) {
                $($crate::wire::Field::write(&self.$field, writer);)*
                $(self.$group.iter().for_each(|element| element.write(writer));)?
                $(self.$array.iter().for_each(|item| item.write(writer));)?
                self.tail.write(writer);
            }

            /// Whether no optional field is absent.
            #[allow(dead_code, reason = "asked where something may be appended")]
            fn is_whole(&self) -> bool {
                true $(&& $crate::wire::Field::is_there(&self.$field))*
            }

            $(
                /// What some piles append, when the tail has exactly its length and no optional field is absent.
                #[must_use]
                pub fn $extension_name(&self) -> Option<$extension> {
                    (self.is_whole() && self.tail.as_bytes().len() == $extension::BYTES)
                        .then(|| $extension::read(&mut $crate::wire::Reader::new(self.tail.as_bytes())).ok())
                        .flatten()
                }
            )*
        }

        $(const _: () = assert!($extension::BYTES == $extension_length, "length of an extension");)*

        const _: () = assert!(
            $crate::layout::total_bits($name::LAYOUT.fields, false) $(+ $item::BYTES * 8 * $times)? == $length * 8
                || $crate::layout::total_bits($name::LAYOUT.fields, true) $(+ $item::BYTES * 8 * $times)? == $length * 8,
            concat!("the fields of ", stringify!($name), " do not add up to the specification's length"),
        );
    )*};
}
pub(crate) use messages;

macro_rules! direction {
    (up) => {
        $crate::layout::Direction::Up
    };
    (down) => {
        $crate::layout::Direction::Down
    };
}
pub(crate) use direction;

macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}
pub(crate) use optional;

macro_rules! selects {
    (($length:ident, $dialect:ident)) => {
        true
    };
    (($length:ident, $dialect:ident) |$l:ident, $d:ident| $condition:expr) => {{
        let ($l, $d) = ($length, $dialect);
        $condition
    }};
}
pub(crate) use selects;

macro_rules! wanted {
    () => {
        usize::MAX
    };
    ($count:ident) => {
        $crate::declare::Counter::count(&$count)
    };
}
pub(crate) use wanted;

/// A field that counts what follows it.
pub(crate) trait Counter {
    /// How many are announced.
    fn count(&self) -> usize;
}

impl Counter for u8 {
    fn count(&self) -> usize {
        usize::from(*self)
    }
}

impl Counter for u32 {
    fn count(&self) -> usize {
        usize::try_from(*self).unwrap_or(usize::MAX)
    }
}

impl<T: Counter> Counter for Option<T> {
    fn count(&self) -> usize {
        self.as_ref().map_or(0, Counter::count)
    }
}

/// Joins the messages of a protocol into one type. Where several share a frame type, the first that selects wins.
macro_rules! message_set {
    ($($name:ident,)*) => {
        /// Any message of the protocol.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each variant is documented at its message")]
        pub enum Message {
            $($name($name),)*
            /// A frame type without a declared layout; kept as it came.
            Unknown {
                /// Frame type on the wire.
                frame_type: FrameType,
                /// The whole body.
                body: $crate::wire::Tail,
            },
        }

        /// All layouts, by frame type; of several for one type the usual one comes last.
        pub const LAYOUTS: &[&$crate::layout::Layout] = &[$($name::LAYOUT),*];

        /// The layout of a frame type for a body of `length` bytes, `None` for an unknown type.
        #[must_use]
        pub const fn layout(frame_type: FrameType, length: usize, dialect: Dialect) -> Option<&'static $crate::layout::Layout> {
            match frame_type {
                $($name::CODE if $name::selects(length, dialect) => Some($name::LAYOUT),)*
                _ => None,
            }
        }

        /// Where the pile code begins in a body of a frame type, whatever its length; `None` where there is none or the
        /// type is unknown in that dialect.
        #[must_use]
        pub const fn pile_code_offset(frame_type: FrameType, dialect: Dialect) -> Option<usize> {
            match frame_type {
                $($name::CODE if $name::selects(usize::MAX, dialect) => $name::PILE_CODE_OFFSET,)*
                _ => None,
            }
        }

        impl Message {
            /// Reads a body.
            ///
            /// # Errors
            /// [`DecodeError`]($crate::layout::DecodeError) when a body of a known type is too short.
            pub fn decode(
                frame_type: FrameType,
                body: &[u8],
                dialect: Dialect,
            ) -> Result<Self, $crate::layout::DecodeError> {
                Ok(match frame_type {
                    $($name::CODE if $name::selects(body.len(), dialect) => Self::$name($name::decode(body)?),)*
                    _ => Self::Unknown { frame_type, body: $crate::wire::Tail::new(body) },
                })
            }

            /// Appends the body.
            pub fn write(&self, writer: &mut $crate::wire::Writer<'_>) {
                match self {
                    $(Self::$name(message) => message.write(writer),)*
                    Self::Unknown { body, .. } => body.write(writer),
                }
            }

            /// Frame type on the wire.
            #[must_use]
            pub const fn frame_type(&self) -> FrameType {
                match self {
                    $(Self::$name(_) => $name::CODE,)*
                    Self::Unknown { frame_type, .. } => *frame_type,
                }
            }

            /// The declaration as data; `None` for an unknown type.
            #[must_use]
            pub const fn layout(&self) -> Option<&'static $crate::layout::Layout> {
                match self {
                    $(Self::$name(_) => Some($name::LAYOUT),)*
                    Self::Unknown { .. } => None,
                }
            }
        }

        $(
            impl From<$name> for Message {
                fn from(message: $name) -> Self {
                    Self::$name(message)
                }
            }
        )*
    };
}
pub(crate) use message_set;
