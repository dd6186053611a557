//! Who may log in: the one place that decides it.

/// How strangers are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EnrolmentPolicy {
    /// Register whoever knocks. For laboratories: anyone who reaches the port becomes a pile.
    pub open_enrollment: bool,
}

/// What the platform knows of the pile that wants to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// No such pile.
    Unknown,
    /// Registered and allowed.
    Enabled,
    /// Registered and switched off by an operator.
    Disabled,
}

/// The answer to a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginDecision {
    /// Let it in.
    Accept,
    /// Register it, then let it in.
    Enrol,
    /// Answer with a failure and close.
    Refuse(RefusalReason),
}

/// Why a login is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// Not registered: to be listed as waiting for approval.
    Unknown,
    /// Switched off by an operator.
    Disabled,
}

impl RefusalReason {
    /// A stable name for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Disabled => "disabled",
        }
    }
}

/// Decides a login. Open enrolment lets strangers in, never a pile that somebody switched off.
#[must_use]
pub const fn decide_login(policy: EnrolmentPolicy, registration: Registration) -> LoginDecision {
    match registration {
        Registration::Enabled => LoginDecision::Accept,
        Registration::Disabled => LoginDecision::Refuse(RefusalReason::Disabled),
        Registration::Unknown if policy.open_enrollment => LoginDecision::Enrol,
        Registration::Unknown => LoginDecision::Refuse(RefusalReason::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LoginDecision::{Accept, Enrol, Refuse};

    #[test]
    fn the_whole_table() {
        for (registration, closed, open) in [
            (Registration::Enabled, Accept, Accept),
            (Registration::Disabled, Refuse(RefusalReason::Disabled), Refuse(RefusalReason::Disabled)),
            (Registration::Unknown, Refuse(RefusalReason::Unknown), Enrol),
        ] {
            assert_eq!(decide_login(EnrolmentPolicy { open_enrollment: false }, registration), closed);
            assert_eq!(decide_login(EnrolmentPolicy { open_enrollment: true }, registration), open);
        }
    }
}
