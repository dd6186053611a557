//! What a pile wants of the world beyond its connection. The model knows no sockets: the runner goes, and says how it
//! went.

use std::time::Duration;

/// Something that the runner does for a pile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// Fetches a firmware over FTP, and throws it away: a virtual pile has no flash.
    Download {
        /// Name or address of the server.
        server: String,
        /// Its port.
        port: u16,
        /// Who logs in.
        user: String,
        /// With which password.
        password: String,
        /// Which file.
        path: String,
        /// How long all of it may take.
        timeout: Duration,
    },
}

/// What came of a download: bytes, or why not.
pub type Downloaded = Result<u64, DownloadError>;

/// Why a file could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DownloadError {
    /// Nobody listens there, or the connection broke.
    #[error("the FTP server cannot be reached: {0}")]
    Unreachable(String),
    /// The server does not take user and password.
    #[error("the FTP server refuses the login: {0}")]
    LoginRefused(String),
    /// The server does not hand out the file.
    #[error("the FTP server refuses the file: {0}")]
    FileRefused(String),
    /// The file is longer than any firmware.
    #[error("the file is longer than {most} bytes")]
    TooLong {
        /// Bytes of the longest firmware.
        most: u64,
    },
    /// It took too long.
    #[error("not fetched within {0:?}")]
    TimedOut(Duration),
}
