//! Which frames are shown, and where each comes from.

use std::collections::HashMap;

use voltapile_platform::timestamp::Timestamp as Moment;
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Report;
use voltapile_protocol::inspect::report::Header;
use voltapile_protocol::inspect::value::Value;

use crate::traffic::Talk;

/// Digits of a pile code, with which most transaction numbers begin.
const PILE_DIGITS: usize = 14;

/// Only some of the frames.
#[derive(Debug, clap::Args)]
pub(super) struct Filter {
    /// Only frames of these piles, by their codes
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pile: Vec<String>,
    /// Only frames of these types, such as 0x3B,0x13 of YKC or 104,202 of AA F5
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = Type::parse)]
    types: Vec<Type>,
    /// Only these connections of a capture, by number
    #[arg(long, value_name = "N", value_delimiter = ',')]
    connection: Vec<usize>,
    /// Only frames from this moment on, such as 2026-01-31T08:15:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// Only frames before this moment
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
}

/// A frame type that is asked for: what it is as YKC writes types, and as AA F5 does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Type {
    ykc: Option<u8>,
    aaf5: Option<u16>,
}

impl Type {
    /// `0x3B`, `3B` or `3b` of YKC, `202` of AA F5; `40` may be either.
    fn parse(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let ykc = u8::from_str_radix(digits.unwrap_or(text), 16).ok();
        let aaf5 = digits.is_none().then(|| text.parse().ok()).flatten();
        if ykc.is_none() && aaf5.is_none() {
            return Err(format!("{text:?} is no frame type such as 0x3B or 202"));
        }
        Ok(Self { ykc, aaf5 })
    }

    fn is(self, header: Header) -> bool {
        match header.protocol {
            Protocol::Ykc => self.ykc.map(u16::from) == Some(header.frame_type),
            Protocol::Aaf5 => self.aaf5 == Some(header.frame_type),
        }
    }
}

/// Where a frame comes from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// When it passed, in milliseconds since 1970.
    pub(super) at: Option<i64>,
    /// Whether that is UTC, as in captures, or some log's own clock.
    pub(super) in_utc: bool,
    /// Its conversation, in a capture.
    pub(super) talk: Option<Talk>,
}

impl Place {
    /// The time as text: with a `Z` where it is known to be UTC.
    pub(super) fn time(&self) -> Option<String> {
        let text = Moment::from_unix_ms(self.at?).to_string();
        Some(if self.in_utc { text } else { text.trim_end_matches('Z').to_owned() })
    }
}

/// Chooses frames; remembers which pile a connection belongs to, as some frames name none.
pub(super) struct Chooser<'a> {
    filter: &'a Filter,
    piles: HashMap<usize, String>,
}

impl<'a> Chooser<'a> {
    pub(super) fn new(filter: &'a Filter) -> Self {
        Self { filter, piles: HashMap::new() }
    }

    /// Whether a frame is wanted.
    pub(super) fn takes(&mut self, report: &Report, place: &Place) -> bool {
        let filter = self.filter;
        let connection = place.talk.map(|talk| talk.number);
        let is_asked = |header| filter.types.iter().any(|asked| asked.is(header));
        let in_list = filter.types.is_empty() || report.header.is_some_and(is_asked);
        let in_talk =
            filter.connection.is_empty() || connection.is_some_and(|number| filter.connection.contains(&number));
        let since = filter.from.is_none_or(|from| place.at.is_some_and(|at| at >= from.unix_ms()));
        let until = filter.to.is_none_or(|to| place.at.is_some_and(|at| at < to.unix_ms()));
        let of_pile = filter.pile.is_empty() || self.pile(report, connection).is_some_and(|pile| self.asked(&pile));
        in_list && in_talk && since && until && of_pile
    }

    fn asked(&self, pile: &str) -> bool {
        self.filter.pile.iter().any(|asked| asked == pile || format!("{asked:0>PILE_DIGITS$}") == pile)
    }

    /// The pile of a frame: whom it names, whose transaction it is, or whom its connection named last.
    fn pile(&mut self, report: &Report, connection: Option<usize>) -> Option<String> {
        let text = |name: &str| {
            report.fields.iter().find(|field| field.name == name).and_then(|field| match &field.value {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            })
        };
        if let Some(pile) = text("pile_code") {
            if let Some(connection) = connection {
                self.piles.insert(connection, pile.clone());
            }
            return Some(pile);
        }
        let of_connection = || self.piles.get(&connection?).cloned();
        let of_transaction = || Some(text("transaction_number")?.get(..PILE_DIGITS)?.to_owned());
        of_connection().or_else(|| of_transaction().filter(|_| report.protocol == Protocol::Ykc))
    }
}
