//! The two languages of everything the inspector says.

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Chinese, simplified.
    Zh,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// The text in this language.
    #[must_use]
    pub const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// A unit as people of a language write it. Symbols of the SI are the same in both.
#[must_use]
pub fn unit(unit: &'static str, lang: Lang) -> &'static str {
    match (lang, unit) {
        (Lang::Zh, "CNY") => "元",
        (Lang::Zh, "CNY/kWh") => "元/kWh",
        (Lang::Zh, "min") => "分钟",
        _ => unit,
    }
}

/// A unit as it follows a number: with a space before it, or nothing where there is none.
#[must_use]
pub fn in_unit(of: &'static str, lang: Lang) -> String {
    if of.is_empty() { String::new() } else { format!(" {}", unit(of, lang)) }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bilingual {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// From both texts.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The text in a language.
    #[must_use]
    pub fn pick(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}
