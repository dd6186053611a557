//! Whether a command's parameters fit what a pile can take.

use super::{ChargeLimit, CommandAction, OfflineCard, StartOptions};
use crate::card::is_card_number;
use crate::identity::ConnectorNumber;
use crate::unit::{Balance, Energy};

/// A parameter that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct InvalidParameter {
    /// Its name.
    pub field: &'static str,
    /// What it takes.
    pub detail: String,
}

/// Digits of a parallel charge's number: yyMMddHHmmss.
const SESSION_DIGITS: usize = 12;
/// Characters of the FTP server, user and password (0x94).
const FTP_TEXT_MAX: usize = 16;
/// Characters of the firmware's path (0x94).
const FTP_PATH_MAX: usize = 32;
/// Characters of a QR code's prefix (0xF0).
const QR_PREFIX_MAX: usize = 200;
/// Digits of a password that stops a charge.
const STOP_PASSWORD_MAX: usize = 8;
/// Power in percent that a pile can be limited to (0x52).
const POWER_PERCENT: std::ops::RangeInclusive<u8> = 30..=100;
/// The most money that a frame can carry: four bytes of fen.
const BALANCE_MAX: Balance = Balance::from_steps(u32::MAX as i64);

impl CommandAction {
    /// Whether its parameters fit, on a pile with so many connectors; 0 where that is not known.
    ///
    /// # Errors
    /// Names the first parameter that does not.
    pub fn check(&self, connector_count: u8) -> Result<(), InvalidParameter> {
        if let Some(connector) = self.connector() {
            check_connector(connector, connector_count)?;
        }
        match self {
            Self::StartCharge { logical_card, physical_card, balance, options, .. } => {
                check_payer(logical_card, physical_card, *balance)?;
                options.check()
            }
            Self::StartParallel { logical_card, physical_card, balance, session, .. } => {
                check_payer(logical_card, physical_card, *balance)?;
                let fits = session.len() == SESSION_DIGITS && session.bytes().all(|byte| byte.is_ascii_digit());
                require(fits, "session", || format!("session takes {SESSION_DIGITS} digits: yyMMddHHmmss"))
            }
            Self::UpdateBalance { physical_card, balance, .. } => {
                check_card("physical_card", physical_card)?;
                check_balance(*balance)
            }
            Self::SyncOfflineCards { cards } => {
                for OfflineCard { logical_number, physical_number } in cards {
                    check_card("cards", logical_number)?;
                    check_card("cards", physical_number)?;
                }
                check_cards(cards.iter().map(|card| card.physical_number.as_str()))
            }
            Self::ClearOfflineCards { cards, .. } | Self::QueryOfflineCards { cards } => {
                cards.iter().try_for_each(|card| check_card("cards", card))?;
                check_cards(cards.iter().map(String::as_str))
            }
            Self::SetWorkParameters { power_percent, .. } => {
                require(POWER_PERCENT.contains(power_percent), "power_percent", || {
                    let (least, most) = (POWER_PERCENT.start(), POWER_PERCENT.end());
                    format!("power_percent takes {least} to {most}, not {power_percent}")
                })
            }
            Self::UpdateFirmware { server, port, user, password, path, timeout_minutes, .. } => {
                check_text("server", server, 1, FTP_TEXT_MAX)?;
                require(*port > 0, "port", || "port takes 1 to 65535, usually 21".to_owned())?;
                check_text("user", user, 0, FTP_TEXT_MAX)?;
                check_text("password", password, 0, FTP_TEXT_MAX)?;
                check_text("path", path, 1, FTP_PATH_MAX)?;
                require(*timeout_minutes > 0, "timeout_minutes", || "timeout_minutes takes 1 to 255".to_owned())
            }
            Self::SetQrPrefix { prefix, .. } => check_text("prefix", prefix, 1, QR_PREFIX_MAX),
            Self::ReadSettings { names } => check_settings("names", names.len()),
            Self::WriteSettings { values } => check_settings("values", values.len()),
            Self::ReadRecord { transaction_number, index } => {
                require(transaction_number.is_some() != index.is_some(), "transaction_number", || {
                    "name the record by its transaction number or by its index, not by both".to_owned()
                })
            }
            Self::ReadTelemetry { .. }
            | Self::StopCharge { .. }
            | Self::CancelReservation { .. }
            | Self::ReadTariff
            | Self::ReadHalfHours { .. }
            | Self::LimitConnectorPower { .. }
            | Self::SyncClock
            | Self::SetTariff { .. }
            | Self::MoveParkingLock { .. }
            | Self::Reboot { .. }
            | Self::ReadSimNumber
            | Self::QueryVin { .. } => Ok(()),
        }
    }
}

impl StartOptions {
    /// Whether they fit each other.
    ///
    /// # Errors
    /// Names the first one that does not.
    pub fn check(&self) -> Result<(), InvalidParameter> {
        let something = match self.limit {
            Some(ChargeLimit::Energy(energy)) => energy > Energy::ZERO,
            Some(ChargeLimit::Amount(amount)) => amount > Balance::ZERO,
            Some(ChargeLimit::Seconds(seconds)) => seconds > 0,
            None => true,
        };
        require(something, "limit", || "a charge is limited to more than nothing".to_owned())?;
        require(self.hold_minutes.is_none() || self.start_at.is_some(), "hold_minutes", || {
            "hold_minutes says how long after start_at the connector is kept: give start_at, too".to_owned()
        })?;
        require(self.hold_minutes != Some(0), "hold_minutes", || "hold_minutes takes 1 to 255".to_owned())?;
        let digits = |password: &String| {
            (1..=STOP_PASSWORD_MAX).contains(&password.len()) && password.bytes().all(|byte| byte.is_ascii_digit())
        };
        require(self.stop_password.as_ref().is_none_or(digits), "stop_password", || {
            format!("stop_password takes 1 to {STOP_PASSWORD_MAX} digits")
        })
    }
}

fn require(fits: bool, field: &'static str, detail: impl FnOnce() -> String) -> Result<(), InvalidParameter> {
    if fits { Ok(()) } else { Err(InvalidParameter { field, detail: detail() }) }
}

fn check_connector(connector: ConnectorNumber, count: u8) -> Result<(), InvalidParameter> {
    require(connector.0 > 0, "connector", || "connectors are numbered from 1".to_owned())?;
    require(count == 0 || connector.0 <= count, "connector", || {
        format!("the pile has no connector {connector}: it has {count}")
    })
}

fn check_payer(logical: &str, physical: &str, balance: Balance) -> Result<(), InvalidParameter> {
    check_card("logical_card", logical)?;
    check_card("physical_card", physical)?;
    check_balance(balance)
}

fn check_balance(balance: Balance) -> Result<(), InvalidParameter> {
    require((Balance::ZERO..=BALANCE_MAX).contains(&balance), "balance", || {
        format!("balance takes 0 to {BALANCE_MAX} yuan, not {balance}")
    })
}

fn check_card(field: &'static str, number: &str) -> Result<(), InvalidParameter> {
    require(is_card_number(number), field, || {
        format!("a card's number takes 1 to 32 letters and digits, not {number:?}")
    })
}

fn check_settings(field: &'static str, count: usize) -> Result<(), InvalidParameter> {
    let most = CommandAction::SETTINGS_MAX;
    require((1..=most).contains(&count), field, || format!("one command takes 1 to {most} settings, not {count}"))
}

/// A list of cards fits one frame and names none twice: the answer tells them apart by their numbers.
fn check_cards<'a>(numbers: impl ExactSizeIterator<Item = &'a str>) -> Result<(), InvalidParameter> {
    let (count, most) = (numbers.len(), CommandAction::CARDS_MAX);
    require((1..=most).contains(&count), "cards", || format!("one command takes 1 to {most} cards, not {count}"))?;
    let different: std::collections::HashSet<String> = numbers.map(str::to_ascii_lowercase).collect();
    require(different.len() == count, "cards", || "a card is listed twice".to_owned())
}

/// Printable ASCII of a length in characters: what the wire's text fields carry.
fn check_text(field: &'static str, text: &str, least: usize, most: usize) -> Result<(), InvalidParameter> {
    let fits = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    require(fits, field, || format!("{field} takes {least} to {most} ASCII characters without blanks"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn wrong(action: Value) -> Option<&'static str> {
        let action: CommandAction = serde_json::from_value(action).unwrap();
        action.check(2).err().map(|invalid| invalid.field)
    }

    fn firmware(changes: Value) -> Value {
        let mut action = json!({
            "action": "update_firmware", "model": "dc", "server": "192.168.100.200", "port": 21, "user": "ykc",
            "password": "secret", "path": "firmware/v2.bin", "when": "idle", "timeout_minutes": 10,
        });
        for (key, value) in changes.as_object().unwrap() {
            action[key] = value.clone();
        }
        action
    }

    #[test]
    fn what_fits_passes() {
        let card = json!({"logical_number": "1000000000123456", "physical_number": "00000000d14b0a54"});
        for action in [
            json!({"action": "read_telemetry", "connector": 2}),
            json!({"action": "sync_clock"}),
            json!({"action": "set_work_parameters", "enabled": true, "power_percent": 30}),
            json!({"action": "sync_offline_cards", "cards": [card]}),
            json!({"action": "set_qr_prefix", "format": "pile", "prefix": "https://example.com/?pile="}),
            firmware(json!({"user": "", "password": ""})),
        ] {
            assert_eq!(wrong(action.clone()), None, "{action}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let cards = |numbers: &[&str]| json!({"action": "clear_offline_cards", "cards": numbers});
        let many: Vec<String> = (0..11).map(|number| format!("{number:016}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let bad_logical = json!([{"logical_number": "12 a", "physical_number": "00000000d14b0a54"}]);
        for (action, field) in [
            (json!({"action": "read_telemetry", "connector": 0}), "connector"),
            (json!({"action": "query_vin", "connector": 3}), "connector"),
            (json!({"action": "read_settings", "names": []}), "names"),
            (json!({"action": "write_settings", "values": {}}), "values"),
            (json!({"action": "read_record"}), "transaction_number"),
            (json!({"action": "read_record", "transaction_number": "1", "index": 1}), "transaction_number"),
            (json!({"action": "set_work_parameters", "enabled": true, "power_percent": 29}), "power_percent"),
            (json!({"action": "set_work_parameters", "enabled": true, "power_percent": 101}), "power_percent"),
            (cards(&[]), "cards"),
            (cards(&many), "cards"),
            (cards(&["d14b-0a54"]), "cards"),
            (cards(&["00000000d14b0a54", "00000000D14B0A54"]), "cards"),
            (json!({"action": "sync_offline_cards", "cards": bad_logical}), "cards"),
            (json!({"action": "set_qr_prefix", "format": "pile", "prefix": "桩"}), "prefix"),
            (json!({"action": "set_qr_prefix", "format": "pile", "prefix": "x".repeat(201)}), "prefix"),
            (firmware(json!({"server": "ftp.example.com.cn"})), "server"),
            (firmware(json!({"port": 0})), "port"),
            (firmware(json!({"path": "x".repeat(33)})), "path"),
            (firmware(json!({"password": "x".repeat(17)})), "password"),
            (firmware(json!({"timeout_minutes": 0})), "timeout_minutes"),
        ] {
            assert_eq!(wrong(action.clone()), Some(field), "{action}");
        }
    }

    #[test]
    fn a_start_takes_what_a_frame_carries() {
        let start = |logical: &str, physical: &str, balance: &str| {
            wrong(json!({
                "action": "start_charge", "connector": 1, "transaction_number": "1".repeat(32),
                "logical_card": logical, "physical_card": physical, "balance": balance,
            }))
        };
        assert_eq!(start("1000", "d14b0a54", "42949672.95"), None);
        assert_eq!(start("", "d14b0a54", "1"), Some("logical_card"));
        assert_eq!(start("1000", "x yz", "1"), Some("physical_card"));
        assert_eq!(start("1000", "d14b0a54", "42949672.96"), Some("balance"));
        assert_eq!(start("1000", "d14b0a54", "-0.01"), Some("balance"));
    }

    #[test]
    fn options_fit_each_other() {
        let start = |options: Value| {
            wrong(json!({
                "action": "start_charge", "connector": 1, "transaction_number": "1".repeat(32), "logical_card": "1",
                "physical_card": "1", "balance": "1", "options": options,
            }))
        };
        let at = "2026-11-21T08:00:00Z";
        assert_eq!(start(json!({"start_at": at, "hold_minutes": 15, "stop_password": "1234"})), None);
        for (options, field) in [
            (json!({"limit": {"energy": "0"}}), "limit"),
            (json!({"limit": {"amount": "0"}}), "limit"),
            (json!({"limit": {"seconds": 0}}), "limit"),
            (json!({"hold_minutes": 15}), "hold_minutes"),
            (json!({"start_at": at, "hold_minutes": 0}), "hold_minutes"),
            (json!({"stop_password": "a"}), "stop_password"),
            (json!({"stop_password": "123456789"}), "stop_password"),
        ] {
            assert_eq!(start(options.clone()), Some(field), "{options}");
        }
    }
}
