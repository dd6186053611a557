//! Text in lines of a width. Ratatui's own wrapping lets a wide character stand half in the border.

use voltapile_protocol::inspect::text::table::width;

/// The text in lines of at most so many cells: broken behind a space where one is near, else between two characters.
pub(super) fn wrapped(text: &str, cells: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        if width(&line) + width(word.trim_end()) > cells && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        for character in word.chars() {
            let mut bytes = [0; 4];
            if width(&line) + width(character.encode_utf8(&mut bytes)) > cells && character != ' ' {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_behind_spaces_and_in_words_that_are_too_long() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("一二三四五", 5), ["一二", "三四", "五"]);
        assert_eq!(wrapped("a 一二三", 6), ["a", "一二三"]);
        assert_eq!(wrapped("", 6), [""]);
    }

    #[test]
    fn no_line_is_too_wide() {
        let text = "时段 00:00–07:00 谷，07:00–10:00 平，10:00–12:00 峰 · SOC 45 % · abcdefghijklmnopqrstuvwxyz";
        for cells in 2..100 {
            let lines = wrapped(text, cells);
            assert!(lines.iter().all(|line| width(line) <= cells), "{cells}: {lines:?}");
            let kept = |text: &str| text.chars().filter(|character| *character != ' ').collect::<String>();
            assert_eq!(kept(&lines.concat()), kept(text));
        }
    }
}
