//! Moments as people and machines read them.

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::wire::CivilTime;

/// `2026-11-21 09:25:25`, as a clock in China shows it.
pub(crate) fn in_china(unix_ms: u64) -> String {
    let text = CivilTime::in_china(unix_ms).to_string();
    let (date, clock) = text.split_once('T').unwrap_or_default();
    format!("{date} {}", clock.split('.').next().unwrap_or_default())
}

/// `2026-11-21T01:25:25.017Z`.
pub(crate) fn in_utc(unix_ms: u64) -> String {
    format!("{}Z", CivilTime::in_utc(unix_ms))
}

/// `+12.345`: seconds since the exam began.
pub(crate) fn since_begin(ms: u64) -> String {
    format!("+{}.{:03}", ms / 1000, ms % 1000)
}

/// `41.2 s`, or `3 min 5 s` where it is long.
pub(crate) fn duration(ms: u64) -> Bilingual {
    let (minutes, seconds, tenths) = (ms / 60_000, ms / 1000, ms % 1000 / 100);
    if seconds < 100 {
        return Bilingual::new(format!("{seconds}.{tenths} 秒"), format!("{seconds}.{tenths} s"));
    }
    let seconds = seconds % 60;
    Bilingual::new(format!("{minutes} 分 {seconds} 秒"), format!("{minutes} min {seconds} s"))
}

/// What a clock in China shows as the digits yyMMddHHmmss in BCD, as transaction numbers have them.
pub(crate) fn digits_in_china(unix_ms: u64) -> [u8; 6] {
    let time = CivilTime::in_china(unix_ms);
    let second = u8::try_from(time.millisecond / 1000).unwrap_or(0);
    let year = u8::try_from(time.year % 100).unwrap_or(0);
    [year, time.month, time.day, time.hour, time.minute, second].map(bcd)
}

/// Two digits in BCD.
pub(crate) const fn bcd(number: u8) -> u8 {
    number / 10 * 16 + number % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_calendar() {
        assert_eq!(in_utc(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(in_utc(1_582_934_400_000 + 86_399_999), "2020-02-29T23:59:59.999Z");
        assert_eq!(in_utc(951_868_800_000), "2000-03-01T00:00:00.000Z");
        assert_eq!(in_china(1_795_222_525_000), "2026-11-21 08:55:25");
        assert_eq!(digits_in_china(1_795_222_525_017), [0x26, 0x11, 0x21, 0x08, 0x55, 0x25]);
    }

    #[test]
    fn spans_are_short() {
        assert_eq!((since_begin(12_345).as_str(), duration(41_290).en.as_ref()), ("+12.345", "41.2 s"));
        assert_eq!(duration(185_000), Bilingual::new("3 分 5 秒", "3 min 5 s"));
    }
}
