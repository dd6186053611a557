//! The key with which a pile that speaks AA F5 encrypts, and what is wrong with the platform's.

use std::fmt;
use std::str::FromStr;

use voltapile_protocol::aaf5::cipher::{KEY_LENGTH, key_from_hex};
use voltapile_protocol::aaf5::session::pile::Version;

use super::setup::{Aaf5Speech, PileSetup, Speech};

/// A key of AES-256, which is never shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AesKey(pub [u8; KEY_LENGTH]);

/// What is no key; it is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an AES key has {} hex digits", KEY_LENGTH * 2)]
pub struct BadAesKey;

/// Why a pile can't have a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyMisfit {
    /// It speaks another protocol.
    #[error("only piles with protocol aaf5 encrypt with an AES key")]
    Protocol,
    /// Its firmware is too old.
    #[error("this firmware speaks V{}.{}; piles encrypt with AES from V4.9 on", .0 / 10, .0 % 10)]
    Version(u16),
}

/// Why a pile with a key does not go on with the platform's sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFlaw {
    /// The platform wants no encryption.
    Unused,
    /// The platform gave another key.
    Another,
}

impl KeyFlaw {
    /// Its name for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Another => "another",
        }
    }
}

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesKey(..)")
    }
}

impl FromStr for AesKey {
    type Err = BadAesKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        key_from_hex(text).map(Self).ok_or(BadAesKey)
    }
}

impl PileSetup {
    /// The same pile with a key: it takes no sign-in whose answer (105) has another one, or none.
    ///
    /// # Errors
    /// [`KeyMisfit`] where its protocol or firmware knows no keys.
    pub fn with_aes_key(self, key: AesKey) -> Result<Self, KeyMisfit> {
        let Speech::Aaf5(speech) = self.speech else { return Err(KeyMisfit::Protocol) };
        if speech.version < Version::V49 {
            return Err(KeyMisfit::Version(speech.version.number()));
        }
        let speech = Aaf5Speech { can_encrypt: true, aes_key: Some(key), ..speech };
        Ok(Self { speech: Speech::Aaf5(speech), ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Aaf5Firmware;

    #[test]
    fn keys_are_read_and_never_shown() {
        let text = "0f".repeat(32);
        let key: AesKey = text.parse().unwrap();
        assert_eq!((key, format!("{key:?}")), (AesKey([0x0F; 32]), "AesKey(..)".to_owned()));
        for bad in ["", "0f", &format!("{text}0"), &format!("{text}00"), &text.replace('f', "g")] {
            assert_eq!(bad.parse::<AesKey>(), Err(BadAesKey));
        }
    }

    #[test]
    fn only_firmware_that_encrypts_takes_a_key() {
        let (key, pile) = (AesKey([1; 32]), PileSetup::dc("7".repeat(14).parse().unwrap(), 1));
        assert_eq!(pile.clone().with_aes_key(key), Err(KeyMisfit::Protocol));
        let old = Aaf5Firmware::named("v4.7").unwrap().on(pile.clone()).with_aes_key(key).unwrap_err();
        assert_eq!(old.to_string(), "this firmware speaks V4.7; piles encrypt with AES from V4.9 on");
        let encrypting = Aaf5Firmware::named("v4.9-aes").unwrap().on(pile.clone()).with_aes_key(key);
        let Speech::Aaf5(speech) = encrypting.unwrap().speech else { panic!() };
        assert_eq!(speech.version.number(), 49);
        let Speech::Aaf5(speech) = pile.speaking_aaf5().with_aes_key(key).unwrap().speech else { panic!() };
        assert!(speech.can_encrypt && speech.aes_key == Some(key));
    }
}
