//! The one table of what AA F5 piles do differently where the specification leaves no choice. A pile is registered with
//! the name of its row; everything else in the code asks the row, never the model. What can be seen on the wire (body
//! lengths, the information byte, gun 0) needs no row.

/// What a model does differently.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name to register piles with.
    pub name: &'static str,
    /// Chinese text.
    pub zh: &'static str,
    /// English text.
    pub en: &'static str,
    /// Whether each connector has a connection of its own, with `A`, `B`, … behind the pile's code (old V2.6 firmware;
    /// the specification forbids it).
    pub connection_per_connector: bool,
    /// Whether records may come in thousandths of a kWh (222): 105 offers it.
    pub fine_records: bool,
}

/// What V5.2 says; rows name only what differs.
const STANDARD: Profile = Profile {
    name: "aaf5",
    zh: "AA F5（盛弘）",
    en: "AA F5 (Sinexcel)",
    connection_per_connector: false,
    fine_records: true,
};

/// Every row.
pub static PROFILES: [Profile; 3] = [
    STANDARD,
    Profile {
        name: "aaf5-per-connector",
        zh: "每枪一条连接，编码后缀 A/B",
        en: "a connection per connector, A/B behind the code",
        connection_per_connector: true,
        ..STANDARD
    },
    Profile {
        name: "aaf5-coarse-records",
        zh: "记录只用 202（0.01 kWh）",
        en: "records as 202 only (0.01 kWh)",
        fine_records: false,
        ..STANDARD
    },
];

impl Profile {
    /// What V5.2 says.
    #[must_use]
    pub fn standard() -> &'static Self {
        let [standard, ..] = &PROFILES;
        standard
    }

    /// The row of a model; `None` for a name that no row has.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }

    /// How piles with a profile of their own, or else of a model, are spoken to.
    #[must_use]
    pub fn of(profile: Option<&str>, model: Option<&str>) -> &'static Self {
        let row = |name: Option<&str>| name.and_then(Self::named);
        row(profile).or_else(|| row(model)).unwrap_or_else(Self::standard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_the_first_row_is_the_standard() {
        for (position, profile) in PROFILES.iter().enumerate() {
            assert!(std::ptr::eq(Profile::named(profile.name).unwrap(), &PROFILES[position]));
        }
        assert_eq!(*Profile::standard(), STANDARD);
        assert_eq!(Profile::of(Some("nobody"), Some("aaf5-coarse-records")).name, "aaf5-coarse-records");
        assert_eq!(*Profile::of(None, None), STANDARD);
    }
}
