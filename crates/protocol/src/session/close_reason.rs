//! Why a session asks its driver to close a connection.

/// Why a session asks its driver to close the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// No valid frame within the first seconds.
    NoValidFrame,
    /// Too many bytes that are no frames.
    Junk,
    /// Valid frames, but no login.
    NoLogin,
    /// Nothing heard for too long.
    Silent,
    /// The peer speaks V2.x of YKC.
    Version2,
    /// The peer speaks a relative of AA F5.
    Relative,
}

impl CloseReason {
    /// A stable name for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoValidFrame => "no_valid_frame",
            Self::Junk => "junk",
            Self::NoLogin => "no_login",
            Self::Silent => "silent",
            Self::Version2 => "version_2",
            Self::Relative => "relative",
        }
    }
}
