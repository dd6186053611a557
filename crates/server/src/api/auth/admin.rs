//! The admin's token: configured, or made at the first start. May do everything.

use super::{hash_of, make_token};
use crate::store::{StoreError, TokenHash, TokenStore};

/// The admin's token, known by its hash only.
#[derive(Clone)]
pub struct AdminToken(TokenHash);

impl std::fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdminToken(…)")
    }
}

impl AdminToken {
    /// The token in force: the one that is configured, else the one that is stored, else one made now, which is given
    /// back as text to be shown once. A configured token counts for as long as it is configured and puts an end to the
    /// one that was made before: whoever takes it out again gets a new one.
    ///
    /// # Errors
    /// What the store says, or that the system gives no random numbers.
    pub async fn establish(
        store: &(impl TokenStore + ?Sized),
        configured: Option<&str>,
    ) -> Result<(Self, Option<String>), StoreError> {
        let stored = store.admin_token_hash().await?;
        if let Some(text) = configured.filter(|text| !text.is_empty()) {
            if stored.is_some() {
                store.set_admin_token_hash(None).await?;
            }
            return Ok((Self(hash_of(text)), None));
        }
        if let Some(hash) = stored {
            return Ok((Self(hash), None));
        }
        let text = make_token()?;
        let hash = hash_of(&text);
        store.set_admin_token_hash(Some(hash)).await?;
        Ok((Self(hash), Some(text)))
    }

    /// Whether a text is the token. Takes as long for a wrong one, wherever it differs.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let given = hash_of(text);
        let different = self.0.iter().zip(&given).fold(0, |different, (ours, theirs)| different | (ours ^ theirs));
        std::hint::black_box(different) == 0
    }
}
