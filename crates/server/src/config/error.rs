//! What is wrong with a configuration, where, and what to do.

use std::path::PathBuf;

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{} is not valid TOML: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and what.
        message: String,
    },
    /// A key or variable that does not exist.
    #[error("{origin}: there is no setting {key:?}{}", hint.as_ref().map(|hint| format!("; did you mean {hint:?}?")).unwrap_or_default())]
    Unknown {
        /// Where it stands.
        origin: String,
        /// What was given.
        key: String,
        /// The nearest name that exists.
        hint: Option<String>,
    },
    /// A value of the wrong kind.
    #[error("{origin}: {key} {message}")]
    Value {
        /// Where it stands.
        origin: String,
        /// The setting.
        key: String,
        /// What it takes.
        message: String,
    },
    /// Keys that cannot be used.
    #[error(transparent)]
    Encryption(crate::gateway::ykc::KeysError),
    /// AES keys that cannot be used.
    #[error(transparent)]
    AesKeys(crate::gateway::aaf5::AesKeysError),
    /// A value that cannot work.
    #[error("{setting} {message}")]
    Invalid {
        /// The setting.
        setting: &'static str,
        /// What it takes.
        message: &'static str,
    },
}
