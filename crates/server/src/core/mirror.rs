//! What memory mirrors of the books is refreshed from what a unit of work wrote: nobody has to remember to say so.

use std::collections::BTreeSet;

use serde_json::Value;
use voltapile_platform::book::{Books, BooksError, FieldSpan, Kind};
use voltapile_platform::business::tariff_of;
use voltapile_platform::event::Event;
use voltapile_platform::identity::{PileCode, TariffId};
use voltapile_platform::pile::Pile;
use voltapile_platform::tariff::TariffVersion;

/// Piles of one station, or versions of one tariff, that are refreshed at once.
const MANY: usize = 1_000_000;

/// Books that note what of them memory mirrors.
pub(super) struct Watching<'a> {
    books: &'a mut dyn Books,
    piles: BTreeSet<String>,
    stations: BTreeSet<String>,
    tariffs: BTreeSet<String>,
    tokens: bool,
    events: bool,
}

/// What memory is to take over once the work is durable.
#[derive(Debug, Default)]
pub(super) struct Refresh {
    /// Piles as they are now, with the tariff they are to charge by; `None` for one that is gone.
    pub(super) piles: Vec<(PileCode, Option<Registered>)>,
    /// Every version of tariffs that changed.
    pub(super) tariffs: Vec<(TariffId, Vec<TariffVersion>)>,
    /// Whether tokens or users changed.
    pub(super) tokens: bool,
    /// Whether events were appended.
    pub(super) events: bool,
}

/// A pile with the tariff that it is to charge by.
type Registered = (Pile, Option<TariffId>);

impl<'a> Watching<'a> {
    pub(super) fn new(books: &'a mut dyn Books) -> Self {
        let (piles, stations, tariffs) = Default::default();
        Self { books, piles, stations, tariffs, tokens: false, events: false }
    }

    fn note(&mut self, kind: Kind, id: &str) {
        match kind {
            Kind::Pile => _ = self.piles.insert(id.to_owned()),
            Kind::Station => _ = self.stations.insert(id.to_owned()),
            Kind::TariffVersion => {
                let tariff = id.split_once('/').map_or(id, |(tariff, _)| tariff);
                self.tariffs.insert(tariff.to_owned());
            }
            Kind::Token | Kind::User => self.tokens = true,
            _ => {}
        }
    }

    /// Reads what was written as it stands at the end of the work.
    pub(super) fn refresh(self) -> Result<Refresh, BooksError> {
        let Self { books, mut piles, stations, tariffs, tokens, events } = self;
        for station in stations {
            let of_station: Vec<Pile> = books.find("station", &station, MANY)?;
            piles.extend(of_station.into_iter().map(|pile| pile.code.to_string()));
        }
        let mut refresh = Refresh { tokens, events, ..Refresh::default() };
        for code in piles.iter().filter_map(|code| code.parse::<PileCode>().ok()) {
            let registered = match books.get::<Pile>(&code)? {
                Some(pile) => {
                    let tariff = tariff_of(books, &pile)?;
                    Some((pile, tariff))
                }
                None => None,
            };
            refresh.piles.push((code, registered));
        }
        for id in tariffs.iter().filter_map(|id| id.parse::<TariffId>().ok()) {
            let versions = books.find("tariff", &id, MANY)?;
            refresh.tariffs.push((id, versions));
        }
        Ok(refresh)
    }
}

impl Books for Watching<'_> {
    fn read(&mut self, kind: Kind, id: &str) -> Result<Option<String>, BooksError> {
        self.books.read(kind, id)
    }

    fn write(&mut self, kind: Kind, id: &str, body: String) -> Result<(), BooksError> {
        self.note(kind, id);
        self.books.write(kind, id, body)
    }

    fn remove(&mut self, kind: Kind, id: &str) -> Result<bool, BooksError> {
        self.note(kind, id);
        self.books.remove(kind, id)
    }

    fn search(
        &mut self,
        kind: Kind,
        field: &'static str,
        value: &Value,
        limit: usize,
    ) -> Result<Vec<String>, BooksError> {
        self.books.search(kind, field, value, limit)
    }

    fn search_span(
        &mut self,
        kind: Kind,
        field: &'static str,
        value: &Value,
        span: &FieldSpan,
        limit: usize,
    ) -> Result<Vec<String>, BooksError> {
        self.books.search_span(kind, field, value, span, limit)
    }

    fn next_number(&mut self, kind: Kind) -> Result<u64, BooksError> {
        self.books.next_number(kind)
    }

    fn mark_judged(&mut self, record: i64) -> Result<(), BooksError> {
        self.books.mark_judged(record)
    }

    fn append(&mut self, event: &Event) -> Result<(), BooksError> {
        self.events = true;
        self.books.append(event)
    }
}
