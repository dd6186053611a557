//! AES of data areas: AES-256-CBC with PKCS#7 padding and one fixed vector (V4.9 and later); the key comes with 105 or
//! as a parameter. An encrypted data area is the length of the plain body (2, little endian, itself plain) and the
//! cipher text.
//!
//! Uncertain, as no public implementation does it: the check sum is taken over command and data area *as they are
//! transmitted*, the plain length included. What V2.6 to V4.8 encrypt with (a 192-bit key and a mode that nobody names)
//! is not known and not attempted.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};

use crate::wire::bytes_from_hex;

/// The vector of the first block, for every frame.
const VECTOR: [u8; 16] = *b"2022011808080855";
/// Bytes of a key.
pub const KEY_LENGTH: usize = 32;
/// Bytes of the plain length before the cipher text.
const LENGTH_FIELD: usize = 2;

/// A key from its 64 hex digits; `None` where they are none.
#[must_use]
pub fn key_from_hex(text: &str) -> Option<[u8; KEY_LENGTH]> {
    bytes_from_hex(text)?.try_into().ok()
}

/// The cipher of one pile.
#[derive(Clone)]
pub struct BodyCipher {
    key: [u8; KEY_LENGTH],
}

/// Why a data area cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// Not even the length of the plain body is there.
    #[error("an encrypted data area of {0} bytes does not even say how long it is in plain")]
    TooShort(usize),
    /// No whole number of blocks, or the padding does not hold: probably another key.
    #[error("an encrypted data area of {0} bytes cannot be read with this key")]
    Unreadable(usize),
    /// It can be read, but is not as long as it says: probably another key after all.
    #[error("a data area of {found} bytes says that it has {declared}")]
    WrongLength {
        /// What it says.
        declared: usize,
        /// What was decrypted.
        found: usize,
    },
}

impl std::fmt::Debug for BodyCipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BodyCipher").finish_non_exhaustive()
    }
}

impl BodyCipher {
    /// With a key.
    #[must_use]
    pub const fn new(key: [u8; KEY_LENGTH]) -> Self {
        Self { key }
    }

    /// The key, to tell it again.
    pub(super) const fn key(&self) -> &[u8; KEY_LENGTH] {
        &self.key
    }

    /// The data area that carries a body.
    #[must_use]
    pub fn encrypt(&self, body: &[u8]) -> Vec<u8> {
        // A body fits a frame, whose length is a number of two bytes; what would not is refused when the frame is made.
        let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
        let encryptor = cbc::Encryptor::<aes::Aes256>::new(&self.key.into(), &VECTOR.into());
        let mut area = length.to_le_bytes().to_vec();
        area.extend(encryptor.encrypt_padded_vec::<Pkcs7>(body));
        area
    }

    /// The body that a data area carries.
    ///
    /// # Errors
    /// [`CipherError`] with what shows that it was not encrypted with this key.
    pub fn decrypt(&self, area: &[u8]) -> Result<Vec<u8>, CipherError> {
        let Some((length, text)) = area.split_first_chunk::<LENGTH_FIELD>() else {
            return Err(CipherError::TooShort(area.len()));
        };
        let decryptor = cbc::Decryptor::<aes::Aes256>::new(&self.key.into(), &VECTOR.into());
        let plain = decryptor.decrypt_padded_vec::<Pkcs7>(text).map_err(|_| CipherError::Unreadable(area.len()))?;
        let declared = usize::from(u16::from_le_bytes(*length));
        if declared != plain.len() {
            return Err(CipherError::WrongLength { declared, found: plain.len() });
        }
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cipher(byte: u8) -> BodyCipher {
        BodyCipher::new([byte; KEY_LENGTH])
    }

    proptest! {
        #[test]
        fn what_was_encrypted_is_decrypted(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let area = cipher(7).encrypt(&body);
            prop_assert_eq!(area.len(), LENGTH_FIELD + (body.len() / 16 + 1) * 16);
            prop_assert_eq!(cipher(7).decrypt(&area).unwrap(), body.clone());
            prop_assert_ne!(cipher(8).decrypt(&area).ok(), Some(body));
        }

        #[test]
        fn any_bytes_are_decrypted_or_refused(area in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(plain) = cipher(7).decrypt(&area) {
                prop_assert!(plain.len() < area.len());
            }
        }
    }

    #[test]
    fn known_answer() {
        // Computed with OpenSSL: five times A under the key 00 01 .. 1F.
        const CIPHER_TEXT: [u8; 16] =
            [0x94, 0x0E, 0x71, 0xA3, 0x76, 0x21, 0xE4, 0xFE, 0xAB, 0xEF, 0x94, 0x17, 0x8D, 0x1F, 0xD4, 0x8D];
        let mut key = [0; KEY_LENGTH];
        (0..).zip(&mut key).for_each(|(value, byte)| *byte = value);
        let area = BodyCipher::new(key).encrypt(&[0x41; 5]);
        assert_eq!((&area[..2], &area[2..]), (&[5, 0][..], &CIPHER_TEXT[..]));
    }

    #[test]
    fn what_is_no_data_area_says_why() {
        assert_eq!(cipher(7).decrypt(&[1]), Err(CipherError::TooShort(1)));
        assert_eq!(cipher(7).decrypt(&[1, 0, 3]), Err(CipherError::Unreadable(3)));
        let mut lying = cipher(7).encrypt(b"body");
        lying[0] = 9;
        assert_eq!(cipher(7).decrypt(&lying), Err(CipherError::WrongLength { declared: 9, found: 4 }));
    }
}
