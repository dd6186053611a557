//! "Did you mean": the nearest of the known names.

/// The known name nearest to what was written, when it is near enough to be a slip. Hyphens, blanks and underlines are
/// the same.
pub fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['-', ' '], "_");
    let written = plain(written);
    let limit = (written.len() / 3).max(1);
    let by_slip = |name: &'a str| (distance(&written, &plain(name)), name);
    let all: Vec<&str> = known.collect();
    let near = all.iter().copied().map(by_slip).filter(|(distance, _)| *distance <= limit).min();
    let is_part = |name: &&str| written.len() >= 3 && plain(name).contains(&written);
    let part = || all.iter().copied().filter(is_part).min_by_key(|name| name.len());
    near.map(|(_, name)| name).or_else(part)
}

/// How many letters must be changed, added or removed.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.bytes().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(right.bytes()) {
            let cost = if letter == other { diagonal } else { 1 + diagonal.min(*cell).min(before) };
            diagonal = *cell;
            *cell = cost;
            before = cost;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_not() {
        let known = ["pile_code", "connector_number", "soc"];
        assert_eq!(nearest("pile_cod", known.into_iter()), Some("pile_code"));
        assert_eq!(nearest("Pile-Code", known.into_iter()), Some("pile_code"));
        assert_eq!(nearest("connector", known.into_iter()), Some("connector_number"));
        assert_eq!(nearest("voltage", known.into_iter()), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
