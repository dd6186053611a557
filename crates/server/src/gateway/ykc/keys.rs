//! Keys of piles that encrypt their bodies.

use std::collections::HashMap;
use std::sync::Arc;

use voltapile_platform::identity::PileCode;
use voltapile_protocol::wire::bytes_from_hex;
use voltapile_protocol::ykc::BodyCipher;
use voltapile_protocol::ykc::cipher::{CipherError, Mode, Padding};
use voltapile_protocol::ykc::message::LoginRequest;

use super::translate;

use crate::config::Encryption;

/// What stands for every pile without a key of its own.
const ANY_PILE: &str = "*";

/// Keys that are tried on an encrypted login: some milliseconds of work that a stranger can ask for once per connection.
const KEYS_TRIED_MAX: usize = 4096;

/// The ciphers by pile.
#[derive(Debug, Default)]
pub struct Keys {
    by_pile: HashMap<PileCode, Arc<BodyCipher>>,
    any: Option<Arc<BodyCipher>>,
}

/// What is wrong with the settings of the encryption.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Neither of the two.
    #[error("encryption.mode takes ecb or cbc, not {0:?}")]
    Mode(String),
    /// Neither of the two.
    #[error("encryption.padding takes pkcs5 or zero, not {0:?}")]
    Padding(String),
    /// Not 16 hex digits.
    #[error("encryption.vector takes 16 hex digits")]
    Vector,
    /// Not a pile and a key. The key itself is not repeated.
    #[error("encryption.keys: entry {0} is not PILE:KEY with a pile code or * and a key of 32 or 48 hex digits")]
    Entry(usize),
    /// A key of the wrong length.
    #[error("encryption.keys: entry {position}: {error}")]
    Key {
        /// Which entry, from 1.
        position: usize,
        /// What is wrong.
        error: CipherError,
    },
}

impl Keys {
    /// From the settings.
    ///
    /// # Errors
    /// [`KeysError`] naming the setting; never the key.
    pub fn new(settings: &Encryption) -> Result<Self, KeysError> {
        let mode = match settings.mode.as_str() {
            "ecb" => Mode::Ecb,
            "cbc" => Mode::Cbc(
                bytes_from_hex(&settings.vector).and_then(|bytes| bytes.try_into().ok()).ok_or(KeysError::Vector)?,
            ),
            other => return Err(KeysError::Mode(other.to_owned())),
        };
        let padding = match settings.padding.as_str() {
            "pkcs5" => Padding::Pkcs5,
            "zero" => Padding::Zero,
            other => return Err(KeysError::Padding(other.to_owned())),
        };
        let mut keys = Self::default();
        for (position, entry) in (1..).zip(&settings.keys) {
            let (pile, key) = entry.split_once(':').ok_or(KeysError::Entry(position))?;
            let key = bytes_from_hex(key.trim()).ok_or(KeysError::Entry(position))?;
            let cipher = BodyCipher::new(&key, mode, padding).map_err(|error| KeysError::Key { position, error })?;
            match pile.trim() {
                ANY_PILE => keys.any = Some(Arc::new(cipher)),
                pile => {
                    let code = PileCode::new(pile).map_err(|_| KeysError::Entry(position))?;
                    keys.by_pile.insert(code, Arc::new(cipher));
                }
            }
        }
        Ok(keys)
    }

    /// The cipher of a pile.
    pub(super) fn of(&self, pile: PileCode) -> Option<Arc<BodyCipher>> {
        self.by_pile.get(&pile).or(self.any.as_ref()).cloned()
    }

    /// The cipher that opens an encrypted login: the one whose pile the login then names.
    pub(super) fn opening(&self, login: &[u8]) -> Option<Arc<BodyCipher>> {
        let names_its_pile = |(pile, cipher): &(&PileCode, &Arc<BodyCipher>)| {
            let body = cipher.decrypt(login, LoginRequest::LAYOUT.required_length()).unwrap_or_default();
            LoginRequest::decode(&body).is_ok_and(|login| translate::pile_code(login.pile_code) == **pile)
        };
        self.by_pile.iter().take(KEYS_TRIED_MAX).find(names_its_pile).map(|(_, cipher)| Arc::clone(cipher))
    }

    /// The cipher before a login has named the pile.
    pub(super) fn of_strangers(&self) -> Option<Arc<BodyCipher>> {
        self.any.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(keys: &[&str]) -> Encryption {
        Encryption { keys: keys.iter().map(|key| (*key).to_owned()).collect(), ..Encryption::default() }
    }

    #[test]
    fn a_piles_own_key_comes_before_the_one_for_all() {
        let own = "32010600000001:0123456789ABCDEF0123456789ABCDEF";
        let keys = Keys::new(&settings(&[own, "*:00112233445566778899AABBCCDDEEFF0011223344556677"])).unwrap();
        let code = PileCode::new("32010600000001").unwrap();
        let other = PileCode::new("32010600000002").unwrap();
        assert!(!Arc::ptr_eq(&keys.of(code).unwrap(), &keys.of(other).unwrap()));
        assert!(Arc::ptr_eq(&keys.of_strangers().unwrap(), &keys.of(other).unwrap()));
    }

    #[test]
    fn mistakes_are_named_without_repeating_the_key() {
        for (bad, part) in [("0123", "entry 1"), ("1:ABC", "entry 1"), ("1:ABCD", "entry 1")] {
            let message = Keys::new(&settings(&[bad])).unwrap_err().to_string();
            assert!(message.contains(part) && !message.contains("ABC"), "{message}");
        }
    }
}
