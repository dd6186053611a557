//! Keys of piles that are to encrypt their bodies.

use std::collections::HashMap;

use voltapile_platform::identity::PileCode;
use voltapile_protocol::aaf5::cipher::{KEY_LENGTH, key_from_hex};

/// What stands for every pile without a key of its own.
const ANY_PILE: &str = "*";

/// The AES keys by pile.
#[derive(Default)]
pub struct AesKeys {
    by_pile: HashMap<PileCode, [u8; KEY_LENGTH]>,
    any: Option<[u8; KEY_LENGTH]>,
}

/// Without the keys.
impl std::fmt::Debug for AesKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AesKeys").field("piles", &self.by_pile.len()).finish_non_exhaustive()
    }
}

/// An entry of the setting that is no pile and key. The key itself is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("encryption.aes_keys: entry {0} is not PILE:KEY with a pile code or * and a key of 64 hex digits")]
pub struct AesKeysError(usize);

impl AesKeys {
    /// From the setting.
    ///
    /// # Errors
    /// [`AesKeysError`] with the entry's place, never the key.
    pub fn new(entries: &[String]) -> Result<Self, AesKeysError> {
        let mut keys = Self::default();
        for (position, entry) in (1..).zip(entries) {
            let (pile, key) = entry.split_once(':').ok_or(AesKeysError(position))?;
            let key = key_from_hex(key.trim()).ok_or(AesKeysError(position))?;
            match pile.trim() {
                ANY_PILE => keys.any = Some(key),
                pile => {
                    let code = PileCode::new(pile).map_err(|_| AesKeysError(position))?;
                    keys.by_pile.insert(code, key);
                }
            }
        }
        Ok(keys)
    }

    /// The key that a pile is given.
    pub(super) fn of(&self, pile: PileCode) -> Option<[u8; KEY_LENGTH]> {
        self.by_pile.get(&pile).or(self.any.as_ref()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pile_has_its_own_key_or_the_one_for_all_or_none() {
        let (own, all) = ("01".repeat(32), "02".repeat(32));
        let keys = AesKeys::new(&[format!("P-1:{own}"), format!("*: {all}")]).unwrap();
        let code = |text| PileCode::new(text).unwrap();
        assert_eq!((keys.of(code("P-1")), keys.of(code("P-2"))), (Some([1; 32]), Some([2; 32])));
        assert_eq!(AesKeys::default().of(code("P-1")), None);
        for bad in ["P-1", "P-1:0101", &format!("P-1:{own}0"), &format!("P 1:{own}")] {
            let message = AesKeys::new(&[bad.to_owned()]).unwrap_err().to_string();
            assert!(message.contains("entry 1") && !message.contains("0101"), "{message}");
        }
    }
}
