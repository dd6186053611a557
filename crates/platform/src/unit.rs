//! Money, energy and electric quantities: integers that know their unit.
//!
//! Each type counts *steps* of its smallest unit, so that sums are exact. In JSON a value is a decimal string with all
//! of the unit's decimals (`"0.90000"`); reading accepts a string or a number and refuses what the unit cannot hold
//! exactly. A conversion that loses digits says in its name how it rounds.

mod decimal;

pub use decimal::UnitError;

/// Declares an integer newtype with a fixed number of decimals and its text and JSON forms.
macro_rules! fixed_point {
    ($(#[$doc:meta])* $name:ident($repr:ty): $decimals:literal decimals, $unit:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name($repr);

        impl $name {
            /// Nothing of it.
            pub const ZERO: Self = Self(0);
            /// Decimals that its text form shows.
            pub const DECIMALS: u32 = $decimals;
            /// The unit its text form is in.
            pub const UNIT: &str = $unit;

            /// From a count of the smallest step.
            #[must_use]
            pub const fn from_steps(steps: $repr) -> Self {
                Self(steps)
            }

            /// As a count of the smallest step.
            #[must_use]
            pub const fn steps(self) -> $repr {
                self.0
            }

            /// The sum, or `None` where it does not fit.
            #[must_use]
            pub fn checked_add(self, other: Self) -> Option<Self> {
                self.0.checked_add(other.0).map(Self)
            }

            /// The difference, or `None` where it does not fit.
            #[must_use]
            pub fn checked_sub(self, other: Self) -> Option<Self> {
                self.0.checked_sub(other.0).map(Self)
            }
        }

        crate::schema::text_schema!(
            $name,
            concat!("^-?[0-9]+(\\.[0-9]{1,", $decimals, "})?$"),
            "12.5",
            concat!("a decimal number in ", $unit, " with at most ", $decimals, " decimals")
        );

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&decimal::format(i128::from(self.0), $decimals))
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnitError;

            fn from_str(text: &str) -> Result<Self, UnitError> {
                let steps = decimal::parse(text, $decimals, $unit)?;
                <$repr>::try_from(steps).map(Self).map_err(|_| UnitError::OutOfRange {
                    text: crate::text::excerpt(text),
                    least: Self(<$repr>::MIN).to_string(),
                    most: Self(<$repr>::MAX).to_string(),
                    unit: $unit,
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = deserializer.deserialize_any(decimal::TextOrNumber)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

fixed_point! {
    /// A price per energy in steps of 1e-5 yuan/kWh; 0 to 42949.67295.
    Price(u32): 5 decimals, "yuan/kWh"
}

fixed_point! {
    /// An amount of energy, or the reading of an energy meter, in steps of 1e-4 kWh; never negative.
    Energy(u64): 4 decimals, "kWh"
}

fixed_point! {
    /// An amount of money on a bill in steps of 1e-4 yuan; negative in a difference or a refund.
    Amount(i64): 4 decimals, "yuan"
}

fixed_point! {
    /// Money in an account in steps of 1e-2 yuan (fen); negative when the account owes.
    Balance(i64): 2 decimals, "yuan"
}

fixed_point! {
    /// A voltage in steps of 0.1 V; 0 to 6553.5.
    Voltage(u16): 1 decimals, "V"
}

fixed_point! {
    /// A power in steps of 0.1 kW; 0 to 6553.5.
    Power(u16): 1 decimals, "kW"
}

fixed_point! {
    /// A current that a connector delivers in steps of 0.1 A; 0 to 6553.5.
    Current(u16): 1 decimals, "A"
}

/// How many steps of [`Amount`] one step of [`Balance`] has.
const AMOUNT_STEPS_PER_FEN: i64 = 100;

impl Amount {
    /// To the nearest fen; half a fen goes away from zero (0.0050 → 0.01, -0.0050 → -0.01).
    #[must_use]
    pub const fn to_balance_half_away_from_zero(self) -> Balance {
        let (whole, rest) = (self.0 / AMOUNT_STEPS_PER_FEN, self.0 % AMOUNT_STEPS_PER_FEN);
        let carry = if rest.abs() * 2 >= AMOUNT_STEPS_PER_FEN { rest.signum() } else { 0 };
        Balance(whole + carry)
    }

    /// To whole fen, what is left over is cut off (0.0199 → 0.01, -0.0199 → -0.01).
    #[must_use]
    pub const fn to_balance_truncated(self) -> Balance {
        Balance(self.0 / AMOUNT_STEPS_PER_FEN)
    }
}

impl Balance {
    /// The same money, exactly, or `None` beyond the range of [`Amount`] (9.2e14 yuan).
    #[must_use]
    pub fn to_amount(self) -> Option<Amount> {
        self.0.checked_mul(AMOUNT_STEPS_PER_FEN).map(Amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_shows_every_decimal() {
        assert_eq!(Price::from_steps(90_000).to_string(), "0.90000");
        assert_eq!(Amount::from_steps(-1).to_string(), "-0.0001");
        assert_eq!(Balance::from_steps(i64::MIN).to_string(), "-92233720368547758.08");
        assert_eq!(format!("{:>8}", Voltage::from_steps(2205)), "   220.5");
    }

    #[test]
    fn json_is_read_from_text_and_from_numbers() {
        for json in ["\"0.9\"", "0.9", "\"0.90000\"", "9e-1"] {
            assert_eq!(serde_json::from_str::<Price>(json).unwrap(), Price::from_steps(90_000), "{json}");
        }
        assert_eq!(serde_json::from_str::<Balance>("-12").unwrap(), Balance::from_steps(-1200));
        assert_eq!(serde_json::to_string(&Energy::from_steps(1)).unwrap(), "\"0.0001\"");
    }

    #[test]
    fn what_the_unit_cannot_hold_is_refused() {
        let refusal = |json: &str| serde_json::from_str::<Price>(json).unwrap_err().to_string();
        assert!(refusal("\"0.900001\"").contains("at most 5 decimals"));
        assert!(refusal("0.900001").contains("at most 5 decimals"));
        assert!(refusal("\"42949.67296\"").contains("between 0.00000 and 42949.67295 yuan/kWh"));
        assert!(refusal("-1").contains("between"));
        assert!(refusal("1e300").contains("between"));
        assert!(refusal("true").contains("a decimal number"));
        for nonsense in ["", "-", ".5", "5.", "1,5", "+1", "1e3", "0x1", " 1", "１"] {
            assert!(matches!(nonsense.parse::<Price>(), Err(UnitError::NotANumber { .. })), "{nonsense}");
        }
        assert!(matches!("9".repeat(5000).parse::<Amount>(), Err(UnitError::OutOfRange { .. })));
    }

    #[test]
    fn rounding_is_what_the_name_says() {
        for (amount, nearest, cut) in [(50, 1, 0), (49, 0, 0), (-50, -1, 0), (-49, 0, 0), (199, 2, 1), (-199, -2, -1)] {
            let amount = Amount::from_steps(amount);
            assert_eq!(amount.to_balance_half_away_from_zero(), Balance::from_steps(nearest));
            assert_eq!(amount.to_balance_truncated(), Balance::from_steps(cut));
        }
        assert_eq!(Balance::from_steps(7).to_amount(), Some(Amount::from_steps(700)));
        assert_eq!(Balance::from_steps(i64::MAX).to_amount(), None);
    }

    proptest! {
        #[test]
        fn text_and_json_round_trip(steps: i64, price: u32) {
            let amount = Amount::from_steps(steps);
            prop_assert_eq!(amount.to_string().parse::<Amount>().unwrap(), amount);
            let price = Price::from_steps(price);
            prop_assert_eq!(serde_json::from_str::<Price>(&price.to_string()).unwrap(), price);
            prop_assert_eq!(serde_json::from_value::<Price>(serde_json::to_value(price).unwrap()).unwrap(), price);
        }
    }
}
