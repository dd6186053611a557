//! AA F5.

mod pile;
mod platform;
mod session;
mod tale;
mod unlawful_piles;
mod unlawful_platforms;

/// What the wall clock says when the exams begin: 2026-11-21 09:28 in China.
const BEGAN: u64 = 1_795_224_525_000;

#[test]
fn every_check_is_worded_and_named_once() {
    let of_piles: Vec<_> = voltapile_certify::aaf5::pile::checks().collect();
    let of_platforms: Vec<_> = voltapile_certify::aaf5::platform::checks().collect();
    assert!(of_piles.len() >= 60 && of_platforms.len() >= 50, "{} and {}", of_piles.len(), of_platforms.len());
    let is_chinese = |text: &str| text.chars().any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character));
    let all = [of_piles, of_platforms].concat();
    for (at, check) in all.iter().enumerate() {
        assert!(check.id.starts_with("aaf5.") && check.id.split('.').count() == 4, "{}", check.id);
        assert!(all[..at].iter().all(|before| before.id != check.id), "{} twice", check.id);
        assert!(is_chinese(check.zh) && !is_chinese(check.en) && !check.source.is_empty(), "{}", check.id);
        let (zh, en) = check.source.split_once(" / ").unwrap_or((check.source, check.source));
        assert!(
            !is_chinese(en) && (is_chinese(zh) || zh == en || zh.starts_with("TCP")),
            "{}: {}",
            check.id,
            check.source
        );
    }
}
