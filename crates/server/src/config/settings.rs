//! Every setting with its default. The names here are the keys of the file and, in capitals behind `VOLTAPILE_`, the
//! variables; nothing else lists them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use voltapile_platform::enrolment::EnrolmentPolicy;
use voltapile_platform::unit::Balance;
use voltapile_protocol::ykc::session::platform;

use super::ConfigError;
use super::business::{Charging, Retention, Settlement};
use super::capture::Capture;
use super::listen::Listen;
use crate::core::CoreSettings;
use crate::gateway::aaf5::AesKeys;
use crate::gateway::ykc::Keys;

/// What can be set.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Addresses where piles dial in; port 0 takes a free one. Piles of all protocols may, unless an address begins with
    /// `ykc://` or `aaf5://`.
    pub listen: Vec<Listen>,
    /// Address of the HTTP side.
    pub http: SocketAddr,
    /// Directory of the database; created when missing.
    pub data_dir: PathBuf,
    /// The admin's bearer token. Empty: one is made at the first start and shown once.
    pub admin_token: String,
    /// Register unknown piles that log in, instead of listing them for approval.
    pub open_enrollment: bool,
    /// Expect a PROXY protocol v2 header at the begin of each pile connection, and believe its addresses.
    pub proxy_protocol: bool,
    /// Hours that the piles' wall clock is ahead of UTC.
    pub zone_hours: i8,
    /// Least level of log lines: error, warn, info, debug or trace.
    pub log: String,
    /// Deadlines of pile connections.
    pub timing: Timing,
    /// Bounds on what peers may take.
    pub limits: Limits,
    /// Keys of piles that encrypt.
    pub encryption: Encryption,
    /// Rules of the charging business.
    pub charging: Charging,
    /// What is done about bills that differ from ours.
    pub settlement: Settlement,
    /// How long what is measured and told is kept.
    pub retention: Retention,
    /// What is written down of what passes between piles and server.
    pub capture: Capture,
}

/// What helps to tell settings apart, without the token.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { listen, http, data_dir, .. } = self;
        let mut shown = f.debug_struct("Settings");
        shown.field("listen", listen).field("http", http).field("data_dir", data_dir).finish_non_exhaustive()
    }
}

/// 3DES of message bodies, which the specification names without saying how.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Encryption {
    /// How blocks are chained: `ecb` or `cbc`.
    pub mode: String,
    /// How a body is filled up: `pkcs5` or `zero`.
    pub padding: String,
    /// Initial vector of `cbc`, 16 hex digits.
    pub vector: String,
    /// Keys as `PILE:KEY`, the pile `*` for all that have none of their own, the key in 32 or 48 hex digits.
    pub keys: Vec<String>,
    /// Keys of AA F5 piles as `PILE:KEY`, the key in 64 hex digits: they are told it when they sign in, and encrypt by AES.
    pub aes_keys: Vec<String>,
}

/// Without the keys.
impl std::fmt::Debug for Encryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encryption").field("mode", &self.mode).field("padding", &self.padding).finish_non_exhaustive()
    }
}

impl Default for Encryption {
    fn default() -> Self {
        Self {
            mode: "ecb".to_owned(),
            padding: "pkcs5".to_owned(),
            vector: "0000000000000000".to_owned(),
            keys: Vec::new(),
            aes_keys: Vec::new(),
        }
    }
}

/// Deadlines of pile connections, in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timing {
    /// For the first valid frame of a connection.
    pub first_frame_seconds: u32,
    /// For the first login of a connection.
    pub login_seconds: u32,
    /// Silence after which a pile is shown as offline.
    pub offline_seconds: u32,
    /// Silence after which a connection is closed.
    pub close_seconds: u32,
    /// How often a pile's clock is set.
    pub clock_sync_seconds: u32,
}

/// Bounds on what peers may take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Pile connections in all.
    pub connections: u32,
    /// Pile connections from one address. Piles behind one mobile gateway share an address.
    pub connections_per_address: u32,
    /// Bytes that may wait for a pile that does not read; beyond, it is disconnected.
    pub write_queue_bytes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8768)).into()],
            http: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            data_dir: PathBuf::from("./data"),
            admin_token: String::new(),
            open_enrollment: false,
            proxy_protocol: false,
            zone_hours: 8,
            log: "info".to_owned(),
            timing: Timing::default(),
            limits: Limits::default(),
            encryption: Encryption::default(),
            charging: Charging::default(),
            settlement: Settlement::default(),
            retention: Retention::default(),
            capture: Capture::default(),
        }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            first_frame_seconds: 10,
            login_seconds: 30,
            offline_seconds: 45,
            close_seconds: 120,
            clock_sync_seconds: 24 * 60 * 60,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 200_000, connections_per_address: 20_000, write_queue_bytes: 64 * 1024 }
    }
}

impl Settings {
    /// Looks for values that cannot work together.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] naming the setting and what it takes.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let timing = &self.timing;
        let checks = [
            (!self.listen.is_empty(), "listen", "takes at least one address, for example [\"0.0.0.0:8768\"]"),
            (
                self.admin_token.bytes().all(|byte| byte.is_ascii_graphic()),
                "admin_token",
                "takes ASCII letters, digits and signs without spaces: an HTTP header carries nothing else",
            ),
            ((-12..=14).contains(&self.zone_hours), "zone_hours", "takes -12 to 14; China is 8"),
            (
                ["error", "warn", "info", "debug", "trace"].contains(&self.log.as_str()),
                "log",
                "takes error, warn, info, debug or trace",
            ),
            (timing.first_frame_seconds > 0, "timing.first_frame_seconds", "takes at least 1"),
            (
                timing.login_seconds >= timing.first_frame_seconds,
                "timing.login_seconds",
                "must not be less than timing.first_frame_seconds",
            ),
            (
                timing.offline_seconds >= 11,
                "timing.offline_seconds",
                "must be more than the 10 seconds between two heartbeats",
            ),
            (
                timing.close_seconds >= timing.offline_seconds,
                "timing.close_seconds",
                "must not be less than timing.offline_seconds",
            ),
            (timing.clock_sync_seconds >= 60, "timing.clock_sync_seconds", "takes at least 60"),
            (
                self.charging.order_cap > Balance::ZERO,
                "charging.order_cap",
                "takes more than 0, for example \"500.00\"",
            ),
            (
                self.charging.minimum_balance >= Balance::ZERO,
                "charging.minimum_balance",
                "takes 0 or more, for example \"5.00\"",
            ),
            (self.charging.gone_hours > 0, "charging.gone_hours", "takes at least 1"),
            (self.retention.sample_seconds > 0, "retention.sample_seconds", "takes at least 1"),
            (self.retention.series_days > 0, "retention.series_days", "takes at least 1"),
            (self.retention.events_days > 0, "retention.events_days", "takes at least 1"),
            (self.limits.connections > 0, "limits.connections", "takes at least 1"),
            (self.limits.connections_per_address > 0, "limits.connections_per_address", "takes at least 1"),
            (
                self.limits.write_queue_bytes >= 1024,
                "limits.write_queue_bytes",
                "takes at least 1024: the longest frame has 259 bytes",
            ),
        ];
        match checks.into_iter().chain(self.capture.checks()).find(|(holds, ..)| !holds) {
            Some((_, setting, message)) => Err(ConfigError::Invalid { setting, message }),
            None => {
                self.settlement.policies()?;
                Keys::new(&self.encryption).map_err(ConfigError::Encryption)?;
                AesKeys::new(&self.encryption.aes_keys).map(drop).map_err(ConfigError::AesKeys)
            }
        }
    }

    /// The core's part of the settings, which are valid.
    #[must_use]
    pub fn core(&self) -> CoreSettings {
        CoreSettings {
            policy: EnrolmentPolicy { open_enrollment: self.open_enrollment },
            offline_after: Duration::from_secs(u64::from(self.timing.offline_seconds)),
            rules: self.charging.rules(self.zone_hours, &self.settlement),
            series: self.retention.series(),
            captures: self.capture.settings(&self.data_dir),
        }
    }

    /// The session's part of the settings.
    #[must_use]
    pub fn session(&self) -> Arc<platform::Settings> {
        let seconds = |count: u32| Duration::from_secs(u64::from(count));
        Arc::new(platform::Settings {
            first_frame_within: seconds(self.timing.first_frame_seconds),
            login_within: seconds(self.timing.login_seconds),
            offline_after: seconds(self.timing.offline_seconds),
            close_after: seconds(self.timing.close_seconds),
            clock_sync_every: seconds(self.timing.clock_sync_seconds),
            ..platform::Settings::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        Settings::default().validate().unwrap();
    }

    #[test]
    fn what_cannot_work_is_named() {
        let mut settings = Settings::default();
        settings.timing.close_seconds = 20;
        let message = settings.validate().unwrap_err().to_string();
        assert!(message.contains("timing.close_seconds"), "{message}");
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_refused() {
        for token in ["correct horse battery staple", "正确的马电池订书钉"] {
            let settings = Settings { admin_token: token.to_owned(), ..Settings::default() };
            let message = settings.validate().unwrap_err().to_string();
            assert!(message.contains("admin_token") && !message.contains(token), "{message}");
        }
    }

    #[test]
    fn what_is_secret_is_not_shown_for_debugging() {
        let mut settings = Settings { admin_token: "a-secret-admin-token".to_owned(), ..Settings::default() };
        settings.encryption.keys = vec!["*:00112233445566778899AABBCCDDEEFF".to_owned()];
        let shown = format!("{settings:?}");
        assert!(!shown.contains("a-secret") && !shown.contains("0011"), "{shown}");
    }
}
