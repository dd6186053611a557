//! Other numbers in place of the real ones: the same for the same, of the same form, and not to be turned back without
//! the key.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use voltapile_protocol::wire::{VinOrder, is_decimal, vin_check_digit_holds};

/// What a number or text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// A pile.
    Pile,
    /// An order.
    Transaction,
    /// What several connectors charge one car under.
    Session,
    /// A card or an account.
    Card,
    /// A car.
    Vin,
    /// A SIM card.
    Sim,
    /// Whatever else may name somebody: passwords, hosts, serial numbers, texts.
    Other,
}

/// What makes pseudonyms one's own.
pub(super) struct Key([u8; 32]);

impl Key {
    /// From a text that several may share.
    pub(super) fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// A new one, from the operating system.
    pub(super) fn random() -> Result<Self, String> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| error.to_string())?;
        Ok(Self(key))
    }

    /// Endless bytes that belong to a value: two keyed hashes, one inside the other, with a counter.
    fn bytes(&self, class: Class, value: &[u8]) -> impl Iterator<Item = u8> + '_ {
        let inner = Sha256::new().chain_update(self.0).chain_update([class as u8]).chain_update(value).finalize();
        (0..u64::MAX).flat_map(move |counter| {
            let block: [u8; 32] = Sha256::new()
                .chain_update(self.0)
                .chain_update(inner)
                .chain_update(counter.to_be_bytes())
                .finalize()
                .into();
            block
        })
    }
}

/// Digits of a pile code in a transaction number, in bytes.
const PILE_BYTES: usize = 7;
/// Bytes of a SIM card's number that name country and carrier.
const SIM_ISSUER: usize = 2;
/// Characters of a VIN.
const VIN_LENGTH: usize = 17;
/// Where the check digit of a VIN stands.
const CHECK_DIGIT_AT: usize = 8;
/// What a VIN is made of: no I, O, Q.
const VIN_CHARACTERS: &[u8] = b"ABCDEFGHJKLMNPRSTUVWXYZ0123456789";
/// What a check digit may be.
const CHECK_DIGITS: &[u8] = b"0123456789X";

/// How a name is written: the same bytes are something else as digits than as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// Two digits in each byte.
    Digits,
    /// A character in each byte.
    Text,
}

/// A name, and what it became.
pub(super) struct Given<'p> {
    pub(super) class: Class,
    pub(super) form: Form,
    pub(super) from: &'p [u8],
    pub(super) to: &'p [u8],
}

/// All pseudonyms given so far.
pub(super) struct Pseudonyms {
    key: Key,
    keep_piles: bool,
    given: HashMap<(Class, Form, Vec<u8>), Vec<u8>>,
}

impl Pseudonyms {
    pub(super) fn new(key: Key, keep_piles: bool) -> Self {
        Self { key, keep_piles, given: HashMap::new() }
    }

    /// How many different values of a class were replaced.
    pub(super) fn count(&self, class: Class) -> usize {
        self.given.keys().filter(|(of, ..)| *of == class).count()
    }

    /// Names and what they became.
    pub(super) fn given(&self) -> impl Iterator<Item = Given<'_>> {
        self.given.iter().map(|((class, form, from), to)| Given { class: *class, form: *form, from, to })
    }

    /// The key's bytes for something that is no field.
    pub(super) fn bytes(&self, value: &[u8]) -> impl Iterator<Item = u8> + '_ {
        self.key.bytes(Class::Other, value)
    }

    fn remember(&mut self, class: Class, form: Form, from: &[u8], make: impl FnOnce(&Self) -> Vec<u8>) -> Vec<u8> {
        let key = (class, form, from.to_vec());
        if let Some(known) = self.given.get(&key) {
            return known.clone();
        }
        let made = make(self);
        self.given.insert(key, made.clone());
        made
    }

    /// Bytes with two digits each: digits become digits, hex letters become hex letters. Zeros around the number are
    /// padding and stay, so that a card is the same card however it was padded.
    pub(super) fn digits(&mut self, class: Class, raw: &[u8]) -> Vec<u8> {
        let Some(begin) = raw.iter().position(|byte| *byte != 0) else { return raw.to_vec() };
        let end = raw.iter().rposition(|byte| *byte != 0).map_or(raw.len(), |last| last + 1);
        if class == Class::Pile && self.keep_piles {
            return raw.to_vec();
        }
        // The padding of a pile code is part of it: it always has 14 digits.
        let core = if class == Class::Pile { 0..raw.len() } else { begin..end };
        let mut out = raw.to_vec();
        let from = raw.get(core.clone()).unwrap_or_default();
        let kept = if class == Class::Sim { SIM_ISSUER.min(from.len()) } else { 0 };
        let to = self.remember(class, Form::Digits, from, |given| nibbles(from, given.key.bytes(class, from), kept));
        if let Some(place) = out.get_mut(core) {
            place.copy_from_slice(&to);
        }
        out
    }

    /// A transaction number: the pile code in front stays that of the masked pile. Behind it stand connector, time and a
    /// counter, which say nothing more than the frames do; where something else stands there, it is masked, too.
    pub(super) fn transaction(&mut self, raw: &[u8], pile: Option<&[u8]>) -> Vec<u8> {
        if raw.iter().all(|byte| *byte == 0) {
            return raw.to_vec();
        }
        if let Some(known) = self.given.get(&(Class::Transaction, Form::Digits, raw.to_vec())) {
            return known.clone();
        }
        let Some((head, rest)) = raw.split_at_checked(PILE_BYTES) else { return self.digits(Class::Transaction, raw) };
        let usual = is_usual(rest);
        if !usual && pile != Some(head) {
            return self.digits(Class::Transaction, raw);
        }
        let head = self.digits(Class::Pile, head);
        let rest_masked = if usual { rest.to_vec() } else { self.digits(Class::Transaction, rest) };
        let masked = [head, rest_masked].concat();
        self.given.insert((Class::Transaction, Form::Digits, raw.to_vec()), masked.clone());
        masked
    }

    /// The number of a session on several connectors: the moment it began, which says nothing more than the frames do.
    /// Where something else stands there, it is masked.
    pub(super) fn session(&mut self, raw: &[u8]) -> Vec<u8> {
        if is_moment(raw) { raw.to_vec() } else { self.digits(Class::Session, raw) }
    }

    /// A VIN in either order, found as the inspector finds it; a filler stays.
    pub(super) fn vin(&mut self, raw: &[u8], declared: VinOrder) -> Vec<u8> {
        let is_filler = [0, b'0', 0xFF].iter().any(|filler| raw.iter().all(|byte| byte == filler));
        let Ok(forward) = <[u8; VIN_LENGTH]>::try_from(raw) else { return self.text(Class::Vin, raw) };
        if is_filler {
            return raw.to_vec();
        }
        if !raw.iter().all(u8::is_ascii_alphanumeric) {
            return self.text(Class::Vin, raw);
        }
        let mut backward = forward;
        backward.reverse();
        let turned = if declared == VinOrder::Reversed {
            vin_check_digit_holds(&backward) || !vin_check_digit_holds(&forward)
        } else {
            vin_check_digit_holds(&backward) && !vin_check_digit_holds(&forward)
        };
        let natural = if turned { backward } else { forward };
        let holds = vin_check_digit_holds(&natural);
        let mut masked = self.remember(Class::Vin, Form::Text, &natural, |given| made_vin(given, &natural, holds));
        if turned {
            masked.reverse();
        }
        masked
    }

    /// Text: letters become letters, digits digits, everything else stays.
    pub(super) fn text(&mut self, class: Class, raw: &[u8]) -> Vec<u8> {
        // Padding is no part of a text: the same name is the same in a field of any width, and in the words of a log.
        let length = raw.iter().rposition(|byte| !matches!(byte, 0 | b' ')).map_or(0, |last| last + 1);
        let (raw, padding) = raw.split_at_checked(length).unwrap_or((raw, &[]));
        if raw.is_empty() {
            return padding.to_vec();
        }
        let masked = self.remember(class, Form::Text, raw, |given| characters(raw, given.key.bytes(class, raw)));
        [&masked, padding].concat()
    }

    /// A name in a field of fixed width: up to the first zero. What stands behind it means nothing and may be anything, so
    /// it is blanked; a filler stays.
    pub(super) fn name(&mut self, class: Class, raw: &[u8]) -> Vec<u8> {
        if raw.iter().all(|byte| *byte == 0xFF) || (class == Class::Pile && self.keep_piles) {
            return raw.to_vec();
        }
        let mut masked = self.text_of(class, until_zero(raw));
        masked.resize(raw.len(), 0);
        masked
    }

    fn text_of(&mut self, class: Class, text: &[u8]) -> Vec<u8> {
        match class {
            // Vehicles stand in lists of cards, too.
            Class::Card | Class::Vin if looks_like_vin(text) => self.vin(text, VinOrder::Natural),
            // Zeros in front of a card's number are padding.
            Class::Card => {
                let zeros = text.iter().take_while(|byte| **byte == b'0').count();
                let (padding, number) = text.split_at_checked(zeros).unwrap_or((&[], text));
                [padding, &self.text(class, number)].concat()
            }
            _ => self.text(class, text),
        }
    }

    /// A transaction number as text: a pile code in front stays that of the masked pile. Behind it stand connector, time
    /// and a counter, which say nothing more than the frames do; where something else stands there, it is masked, too.
    pub(super) fn transaction_text(&mut self, raw: &[u8], pile: Option<&[u8]>) -> Vec<u8> {
        let text = until_zero(raw);
        if raw.iter().all(|byte| *byte == 0xFF) || text.iter().all(|byte| *byte == b'0') {
            return raw.to_vec();
        }
        let known = self.given.get(&(Class::Transaction, Form::Text, text.to_vec())).cloned();
        let mut masked = known.unwrap_or_else(|| self.made_transaction(text, pile.map(until_zero)));
        self.given.insert((Class::Transaction, Form::Text, text.to_vec()), masked.clone());
        masked.resize(raw.len(), 0);
        masked
    }

    fn made_transaction(&mut self, text: &[u8], pile: Option<&[u8]>) -> Vec<u8> {
        let piles = self.given.keys().filter(|(class, form, _)| (*class, *form) == (Class::Pile, Form::Text));
        let known = piles.map(|(.., code)| code.as_slice()).chain(pile).filter(|code| text.starts_with(code));
        let Some(code) = known.max_by_key(|code| code.len()).filter(|code| !code.is_empty()).map(<[u8]>::to_vec) else {
            return characters(text, self.key.bytes(Class::Transaction, text));
        };
        let rest = text.get(code.len()..).unwrap_or_default();
        let head = if self.keep_piles { code } else { self.text(Class::Pile, &code) };
        if is_usual_text(rest) {
            return [head.as_slice(), rest].concat();
        }
        [head, characters(rest, self.key.bytes(Class::Transaction, rest))].concat()
    }

    /// A whole number, as another one of as many bits.
    pub(super) fn number(&mut self, class: Class, raw: &[u8]) -> Vec<u8> {
        if raw.iter().all(|byte| *byte == 0) {
            return raw.to_vec();
        }
        // A number that looks like digits goes on to do so: piles show these to people.
        let Some(number) = <[u8; 4]>::try_from(raw).ok().map(u32::from_le_bytes) else {
            return self.digits(class, raw);
        };
        let masked = self.text(class, number.to_string().as_bytes());
        let digits =
            masked.iter().fold(0_u32, |number, digit| number.wrapping_mul(10).wrapping_add(u32::from(digit & 15)));
        digits.to_le_bytes().to_vec()
    }
}

/// Letters become letters, digits digits, everything else stays.
fn characters(raw: &[u8], chances: impl Iterator<Item = u8>) -> Vec<u8> {
    let pairs = raw.iter().zip(chances);
    pairs
        .map(|(byte, chance)| match byte {
            b'0'..=b'9' => b'0' + chance % 10,
            b'A'..=b'Z' => b'A' + chance % 26,
            b'a'..=b'z' => b'a' + chance % 26,
            0x20..=0x7E | 0 => *byte,
            _ => chance | 0x80,
        })
        .collect()
}

/// The bytes up to the first zero.
pub(super) fn until_zero(raw: &[u8]) -> &[u8] {
    raw.split(|byte| *byte == 0).next().unwrap_or(raw)
}

fn looks_like_vin(text: &[u8]) -> bool {
    text.len() == VIN_LENGTH
        && text.iter().all(|byte| VIN_CHARACTERS.contains(byte))
        && text.iter().any(u8::is_ascii_uppercase)
}

fn nibbles(from: &[u8], chances: impl Iterator<Item = u8>, kept: usize) -> Vec<u8> {
    let mut chances = chances;
    let mut nibble = |nibble: u8| {
        let chance = chances.next().unwrap_or_default();
        if nibble < 10 { chance % 10 } else { 10 + chance % 6 }
    };
    let masked = |(at, byte): (usize, &u8)| {
        let (high, low) = (nibble(byte >> 4), nibble(byte & 0x0F));
        if at < kept { *byte } else { (high << 4) | low }
    };
    from.iter().enumerate().map(masked).collect()
}

/// Seventeen characters; where the real one's check digit held, so does this one's.
fn made_vin(given: &Pseudonyms, natural: &[u8; VIN_LENGTH], holds: bool) -> Vec<u8> {
    let character = |chance: u8| VIN_CHARACTERS.get(usize::from(chance) % VIN_CHARACTERS.len()).copied();
    let mut vin: Vec<u8> =
        given.key.bytes(Class::Vin, natural).take(VIN_LENGTH).map(|chance| character(chance).unwrap_or(b'0')).collect();
    for digit in CHECK_DIGITS {
        if let Some(place) = vin.get_mut(CHECK_DIGIT_AT) {
            *place = *digit;
        }
        let right = <&[u8; VIN_LENGTH]>::try_from(vin.as_slice()).is_ok_and(vin_check_digit_holds);
        if right == holds {
            break;
        }
    }
    vin
}

/// Whether what follows a pile code is a connector, a time of this century as yyMMddHHmmss, and a counter.
fn is_usual(rest: &[u8]) -> bool {
    let [connector, moment @ .., high, low] = rest else { return false };
    is_decimal(&[*connector, *high, *low]) && is_moment(moment)
}

/// The same in decimal text.
fn is_usual_text(rest: &[u8]) -> bool {
    let digits = rest.iter().all(u8::is_ascii_digit);
    let bytes: Vec<u8> = rest.as_chunks::<2>().0.iter().map(|[high, low]| (high & 15) << 4 | (low & 15)).collect();
    digits && rest.len().is_multiple_of(2) && is_usual(&bytes)
}

/// Whether six bytes are a time of this century as yyMMddHHmmss.
fn is_moment(bytes: &[u8]) -> bool {
    let number = |byte: u8| (byte >> 4) * 10 + (byte & 0x0F);
    let [year, month, day, hour, minute, second] = *bytes else { return false };
    is_decimal(bytes)
        && number(year) >= 15
        && (1..=12).contains(&number(month))
        && (1..=31).contains(&number(day))
        && number(hour) < 24
        && number(minute) < 60
        && number(second) < 60
}

#[cfg(test)]
mod tests;
