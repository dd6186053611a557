//! 3DES of bodies. The specification names it and nothing more (OQ-04), so mode and padding are the operator's to set.
//! Length and CRC cover the cipher text.

use cbc::cipher::block_padding::{Pkcs7, ZeroPadding};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use des::TdesEde3;

/// Encryption flag of a body in 3DES.
pub const FLAG_3DES: u8 = 0x01;
/// Block of DES, in bytes.
const BLOCK: usize = 8;

/// How blocks are chained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Each block by itself.
    Ecb,
    /// Each block mixed with the one before; the first with this vector.
    Cbc([u8; BLOCK]),
}

/// How a body is filled up to whole blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// 1 to 8 bytes that each say how many (PKCS#5).
    Pkcs5,
    /// 0 to 7 zero bytes; they cannot be told from zeros at the end of a body.
    Zero,
}

/// The cipher of one pile.
#[derive(Clone)]
pub struct BodyCipher {
    key: [u8; 24],
    mode: Mode,
    padding: Padding,
}

/// Why a cipher cannot be made or a body not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// Keys have 16 bytes (two-key 3DES) or 24.
    #[error("a 3DES key has 16 or 24 bytes, not {0}")]
    KeyLength(usize),
    /// The body is no whole number of blocks or its padding does not hold: probably another key, mode or padding.
    #[error("an encrypted body of {0} bytes cannot be read with this key, mode and padding")]
    Unreadable(usize),
}

impl std::fmt::Debug for BodyCipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BodyCipher").field("mode", &self.mode).field("padding", &self.padding).finish_non_exhaustive()
    }
}

impl BodyCipher {
    /// From a key of 24 bytes, or of 16 whose first half is used again as the third.
    ///
    /// # Errors
    /// [`CipherError::KeyLength`] for any other length.
    pub fn new(key: &[u8], mode: Mode, padding: Padding) -> Result<Self, CipherError> {
        let full: [u8; 24] = match key {
            [first @ .., _, _, _, _, _, _, _, _] if key.len() == 16 => {
                let both = [key, first].concat();
                both.try_into().map_err(|_| CipherError::KeyLength(key.len()))?
            }
            _ => key.try_into().map_err(|_| CipherError::KeyLength(key.len()))?,
        };
        Ok(Self { key: full, mode, padding })
    }

    /// Encrypts a body.
    #[must_use]
    pub fn encrypt(&self, body: &[u8]) -> Vec<u8> {
        let key = &self.key.into();
        match (self.mode, self.padding) {
            (Mode::Ecb, Padding::Pkcs5) => ecb::Encryptor::<TdesEde3>::new(key).encrypt_padded_vec::<Pkcs7>(body),
            (Mode::Ecb, Padding::Zero) => ecb::Encryptor::<TdesEde3>::new(key).encrypt_padded_vec::<ZeroPadding>(body),
            (Mode::Cbc(iv), Padding::Pkcs5) => {
                cbc::Encryptor::<TdesEde3>::new(key, &iv.into()).encrypt_padded_vec::<Pkcs7>(body)
            }
            (Mode::Cbc(iv), Padding::Zero) => {
                cbc::Encryptor::<TdesEde3>::new(key, &iv.into()).encrypt_padded_vec::<ZeroPadding>(body)
            }
        }
    }

    /// Decrypts a body of which `required` bytes are its own: so many zeros are not taken for padding.
    ///
    /// # Errors
    /// [`CipherError::Unreadable`] when it is no whole number of blocks or the padding does not hold.
    pub fn decrypt(&self, body: &[u8], required: usize) -> Result<Vec<u8>, CipherError> {
        let mut plain = self.unpadded(body)?;
        let own = required.min(body.len());
        if self.padding == Padding::Zero && plain.len() < own {
            plain.resize(own, 0);
        }
        Ok(plain)
    }

    fn unpadded(&self, body: &[u8]) -> Result<Vec<u8>, CipherError> {
        let key = &self.key.into();
        match (self.mode, self.padding) {
            (Mode::Ecb, Padding::Pkcs5) => ecb::Decryptor::<TdesEde3>::new(key).decrypt_padded_vec::<Pkcs7>(body),
            (Mode::Ecb, Padding::Zero) => ecb::Decryptor::<TdesEde3>::new(key).decrypt_padded_vec::<ZeroPadding>(body),
            (Mode::Cbc(iv), Padding::Pkcs5) => {
                cbc::Decryptor::<TdesEde3>::new(key, &iv.into()).decrypt_padded_vec::<Pkcs7>(body)
            }
            (Mode::Cbc(iv), Padding::Zero) => {
                cbc::Decryptor::<TdesEde3>::new(key, &iv.into()).decrypt_padded_vec::<ZeroPadding>(body)
            }
        }
        .map_err(|_| CipherError::Unreadable(body.len()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ciphers() -> Vec<BodyCipher> {
        let key: Vec<u8> = (0..24).collect();
        [Mode::Ecb, Mode::Cbc([7; 8])]
            .into_iter()
            .flat_map(|mode| [Padding::Pkcs5, Padding::Zero].map(|padding| (mode, padding)))
            .map(|(mode, padding)| BodyCipher::new(&key, mode, padding).unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn what_was_encrypted_is_decrypted(body in prop::collection::vec(any::<u8>(), 1..251), zeros in 0_usize..9) {
            let body = [body, vec![0; zeros]].concat();
            for cipher in ciphers() {
                prop_assert_eq!(cipher.decrypt(&cipher.encrypt(&body), body.len()).unwrap(), body.clone());
            }
        }

        #[test]
        fn any_bytes_are_decrypted_or_refused(body in prop::collection::vec(any::<u8>(), 0..251), required: usize) {
            for cipher in ciphers() {
                if let Ok(plain) = cipher.decrypt(&body, required) {
                    prop_assert!(plain.len() <= body.len());
                }
            }
        }
    }

    #[test]
    fn known_answer_of_two_key_3des() {
        // FIPS 46-3 style check: with all three keys equal, 3DES is DES; DES(0133457799BBCDFF, 0123456789ABCDEF).
        let key = [0x13, 0x34, 0x57, 0x79, 0x9B, 0xBC, 0xDF, 0xF1];
        let cipher = BodyCipher::new(&[key, key].concat(), Mode::Ecb, Padding::Zero).unwrap();
        let plain = [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF];
        assert_eq!(cipher.encrypt(&plain), [0x85, 0xE8, 0x13, 0x54, 0x0F, 0x0A, 0xB4, 0x05]);
    }

    #[test]
    fn other_key_lengths_are_refused() {
        assert_eq!(BodyCipher::new(&[0; 8], Mode::Ecb, Padding::Pkcs5).unwrap_err(), CipherError::KeyLength(8));
    }
}
