//! Text fields: fixed, counted, and up to the end of the body.

use super::{Field, Kind, Reader, Short, VinOrder, Writer};

/// ASCII in a fixed number of bytes, padded on the right with zeros.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ascii<const N: usize>(pub [u8; N]);

impl<const N: usize> Ascii<N> {
    /// From text.
    ///
    /// # Errors
    /// The text itself when it is longer than the field or not ASCII.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut bytes = [0; N];
        match bytes.get_mut(..text.len()) {
            Some(head) if text.is_ascii() => head.copy_from_slice(text.as_bytes()),
            _ => return Err(text.to_owned()),
        }
        Ok(Self(bytes))
    }

    /// The text up to the first zero; bytes that are not ASCII become `�`.
    #[must_use]
    pub fn text(&self) -> String {
        text(&self.0)
    }
}

impl<const N: usize> Default for Ascii<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> std::fmt::Debug for Ascii<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.text())
    }
}

array_field!(Ascii<N>, N bytes, Kind::Ascii, const N: usize);

/// ASCII in a fixed number of bytes up to the first zero. What stands behind the zero means nothing, but is kept; bytes
/// that are all FF are an empty text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text<const N: usize>(pub [u8; N]);

impl<const N: usize> Text<N> {
    /// From text.
    ///
    /// # Errors
    /// The text itself when it is longer than the field or not ASCII.
    pub fn new(text: &str) -> Result<Self, String> {
        Ascii::new(text).map(|ascii| Self(ascii.0))
    }

    /// The bytes that mean something.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        text_bytes(&self.0)
    }

    /// The text; bytes that are not ASCII become `�`.
    #[must_use]
    pub fn text(&self) -> String {
        text(self.as_bytes())
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// Whether two say the same, whatever stands behind their zeros.
    #[must_use]
    pub fn says(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> std::fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.text())
    }
}

array_field!(Text<N>, N bytes, Kind::Text, const N: usize);

/// What means something in the bytes of a text: up to the first zero, and nothing of bytes that are all FF.
#[must_use]
pub fn text_bytes(bytes: &[u8]) -> &[u8] {
    if bytes.iter().all(|byte| *byte == 0xFF) {
        return &[];
    }
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// The text of padded bytes: up to the first zero, spaces at the end removed, anything but ASCII as `�`.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    let text: String = bytes
        .iter()
        .take_while(|byte| **byte != 0)
        .map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '\u{FFFD}' })
        .collect();
    text.trim_end().to_owned()
}

const NATURAL: u8 = 0;
const REVERSED: u8 = 1;

/// A vehicle identification number; the type says how the specification orders its characters
/// (0 natural, 1 reversed, 2 unstated). Piles do not always obey, see [`Vin::natural`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Vin<const ORDER: u8>(pub [u8; 17]);

impl<const ORDER: u8> Vin<ORDER> {
    /// The VIN in natural order, whichever order it came in; `None` when the field says "not available".
    #[must_use]
    pub fn natural(&self) -> Option<String> {
        natural_vin(&self.0, Self::ORDER)
    }

    const ORDER: VinOrder = match ORDER {
        NATURAL => VinOrder::Natural,
        REVERSED => VinOrder::Reversed,
        _ => VinOrder::Unstated,
    };
}

impl<const ORDER: u8> std::fmt::Debug for Vin<ORDER> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.natural())
    }
}

array_field!(Vin<ORDER>, 17 bytes, Kind::Vin(Self::ORDER), const ORDER: u8);

/// Puts a VIN's characters in natural order; `None` for a filler.
///
/// The declared order is believed unless only the other reading passes the checks of ISO 3779: a VIN holds no I, O or Q,
/// and where its ninth character is a valid check digit in one direction only, that direction is right.
#[must_use]
pub fn natural_vin(bytes: &[u8; 17], declared: VinOrder) -> Option<String> {
    if [0x00, b'0', 0xFF].iter().any(|filler| bytes.iter().all(|byte| byte == filler)) {
        return None;
    }
    let forward = *bytes;
    let mut backward = *bytes;
    backward.reverse();
    let (first, second) = if declared == VinOrder::Reversed { (backward, forward) } else { (forward, backward) };
    let believe_second = vin_check_digit_holds(&second) && !vin_check_digit_holds(&first);
    let believed = if believe_second { second } else { first };
    // A shorter one that was padded and then reversed has its padding in front.
    let begin = believed.iter().position(|byte| *byte != 0)?;
    Some(text(believed.get(begin..)?)).filter(|vin| !vin.is_empty())
}

/// Whether the ninth character is the check digit of the others (used in China and North America).
#[must_use]
pub fn vin_check_digit_holds(vin: &[u8; 17]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let mut sum = 0;
    for (character, weight) in vin.iter().zip(WEIGHTS) {
        let Some(value) = vin_character_value(*character) else { return false };
        sum += value * weight;
    }
    let expected = match sum % 11 {
        10 => b'X',
        digit => b'0' + digit as u8,
    };
    vin.get(8) == Some(&expected)
}

/// The number of a VIN character in the check sum; `None` for I, O, Q and anything that no VIN holds.
fn vin_character_value(character: u8) -> Option<u32> {
    Some(match character {
        b'0'..=b'9' => u32::from(character - b'0'),
        b'A'..=b'H' => u32::from(character - b'A') + 1,
        b'J'..=b'N' => u32::from(character - b'J') + 1,
        b'P' => 7,
        b'R' => 9,
        b'S'..=b'Z' => u32::from(character - b'S') + 2,
        _ => return None,
    })
}

/// One length byte and as much text. When the body ends first, the text is what is there; the length byte is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CountedText {
    /// The length byte.
    pub length: u8,
    /// The bytes that follow, at most `length`.
    pub text: Box<[u8]>,
}

impl CountedText {
    /// From ASCII text; longer than 255 bytes is cut.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes: Box<[u8]> = text.bytes().take(usize::from(u8::MAX)).collect();
        Self { length: bytes.len() as u8, text: bytes }
    }
}

impl Field for CountedText {
    const BITS: usize = 8;
    const KIND: Kind = Kind::CountedText;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        let [length] = reader.take()?;
        let there = usize::from(length).min(reader.remaining());
        Ok(Self { length, text: reader.take_slice(there)?.into() })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.put(&[self.length]);
        writer.put(&self.text);
    }
}

/// Text up to the end of the body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextToEnd(pub Box<[u8]>);

rest_field!(TextToEnd, Kind::TextToEnd);
