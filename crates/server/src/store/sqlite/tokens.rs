//! The hash of the administrator's token.

use super::SqliteStore;
use super::column::{execute, row};
use crate::store::{Answer, TokenHash, TokenStore};

/// Its name among the settings.
const ADMIN_TOKEN: &str = "admin_token_sha256";

impl TokenStore for SqliteStore {
    fn admin_token_hash(&self) -> Answer<Option<TokenHash>> {
        self.settings_readers
            .call(|db| row(db, "SELECT value FROM settings WHERE name = ?1", [ADMIN_TOKEN], |row| Ok(row.get(0)?)))
    }

    fn set_admin_token_hash(&self, hash: Option<TokenHash>) -> Answer<()> {
        self.writer.call(move |db| {
            match hash {
                Some(hash) => {
                    execute(db, "INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)", (ADMIN_TOKEN, hash))?
                }
                None => execute(db, "DELETE FROM settings WHERE name = ?1", [ADMIN_TOKEN])?,
            };
            Ok(())
        })
    }
}
