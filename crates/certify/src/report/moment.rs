//! Moments as people and machines read them.

use voltapile_protocol::wire::CivilTime;

const MS_PER_DAY: u64 = 24 * 60 * 60 * 1000;
/// China has one zone; the times in the frames of its piles are in it.
const CHINA_OFFSET_MS: u64 = 8 * 60 * 60 * 1000;

/// `2026-11-21 09:25:25`, as a clock in China shows it.
pub(crate) fn in_china(unix_ms: u64) -> String {
    let (date, clock, _) = parts(unix_ms.saturating_add(CHINA_OFFSET_MS));
    format!("{date} {clock}")
}

/// `2026-11-21T01:25:25.017Z`.
pub(crate) fn in_utc(unix_ms: u64) -> String {
    let (date, clock, millisecond) = parts(unix_ms);
    format!("{date}T{clock}.{millisecond:03}Z")
}

/// `+12.345`: seconds since the exam began.
pub(crate) fn since_begin(ms: u64) -> String {
    format!("+{}.{:03}", ms / 1000, ms % 1000)
}

/// `41.2 s`, or `3 min 5 s` where it is long.
pub(crate) fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    if seconds < 100 {
        format!("{seconds}.{} s", ms % 1000 / 100)
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

/// What a clock in China shows, as the time in a frame.
pub(crate) fn civil_in_china(unix_ms: u64) -> CivilTime {
    let local = unix_ms.saturating_add(CHINA_OFFSET_MS);
    let (year, month, day) = civil(local / MS_PER_DAY);
    let in_day = local % MS_PER_DAY;
    let narrow = |number: u64| u8::try_from(number).unwrap_or(0);
    CivilTime {
        year: u16::try_from(year).unwrap_or(0),
        month: narrow(month),
        day: narrow(day),
        hour: narrow(in_day / 3_600_000),
        minute: narrow(in_day / 60_000 % 60),
        millisecond: u16::try_from(in_day % 60_000).unwrap_or(0),
    }
}

/// The same as the digits yyMMddHHmmss in BCD, as transaction numbers have them.
pub(crate) fn digits_in_china(unix_ms: u64) -> [u8; 6] {
    let time = civil_in_china(unix_ms);
    let second = u8::try_from(time.millisecond / 1000).unwrap_or(0);
    let year = u8::try_from(time.year % 100).unwrap_or(0);
    [year, time.month, time.day, time.hour, time.minute, second].map(|number| number / 10 * 16 + number % 10)
}

/// Date, time of day and millisecond of the second.
fn parts(unix_ms: u64) -> (String, String, u64) {
    let (year, month, day) = civil(unix_ms / MS_PER_DAY);
    let in_day = unix_ms % MS_PER_DAY;
    let seconds = in_day / 1000;
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    (format!("{year:04}-{month:02}-{day:02}"), clock, in_day % 1000)
}

/// Year, month and day of a count of days since 1970, in the Gregorian calendar: years begin in March here, so that a
/// leap day is the last day of its year.
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
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
        assert_eq!(civil_in_china(1_795_222_525_017).to_string(), "2026-11-21T08:55:25.017");
        assert_eq!(digits_in_china(1_795_222_525_017), [0x26, 0x11, 0x21, 0x08, 0x55, 0x25]);
    }

    #[test]
    fn spans_are_short() {
        assert_eq!((since_begin(12_345).as_str(), duration(41_290).as_str()), ("+12.345", "41.2 s"));
        assert_eq!(duration(185_000), "3 min 5 s");
    }
}
