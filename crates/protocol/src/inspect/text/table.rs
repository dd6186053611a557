//! Columns of text in which Chinese characters are two cells wide.

/// Cells that a text takes on a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().map(cells).sum()
}

/// A text with spaces behind it up to a width.
#[must_use]
pub fn pad(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// Rows in aligned columns, two spaces between them, none at the end of a line.
#[must_use]
pub fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| pad(cell, *width)).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// East Asian wide characters take two cells (the blocks that occur in labels and punctuation).
const fn cells(character: char) -> usize {
    match character {
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{303E}'
        | '\u{3041}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_characters_take_two_cells() {
        assert_eq!(width("枪号 1"), 6);
        assert_eq!(pad("枪号", 6), "枪号  ");
        assert_eq!(columns(&[vec!["枪号".into(), "1".into()], vec!["a".into(), "2".into()]]), "枪号  1\na     2\n");
    }
}
