//! Lua source text: strings, pairs of texts, tables.

/// A string literal.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            character if character.is_ascii_control() => out.push_str(&format!("\\{:03}", u32::from(character))),
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

/// `{ Chinese, English }`.
pub(super) fn pair(zh: &str, en: &str) -> String {
    format!("{{ {}, {} }}", string(zh), string(en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_literal_cannot_hold_is_escaped() {
        assert_eq!(string("枪号 \"A\" \\ \n"), "\"枪号 \\\"A\\\" \\\\ \\010\"");
    }
}
