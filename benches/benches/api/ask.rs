//! What a console or another program asks first, and how long the answers take.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use serde_json::Value;

use crate::client::Client;
use crate::documents::token_text;
use crate::fill::EVENTS;
use crate::world::{
    ACCOUNTS, Dice, OPERATORS, STATIONS, World, account_id, card_number, pile_text, station_id, station_name,
    stations_of, vin,
};
use crate::{ADMIN_TOKEN, Failure};

/// How often each question is asked, with other words each time.
const TIMES: u64 = 200;
/// Time in which 99 of 100 answers are to be there.
const WITHIN: Duration = Duration::from_millis(50);

/// Who asks, and of which stations.
struct Asker {
    name: &'static str,
    token: String,
    stations: Range<u64>,
}

/// A question: what it is about, and its words.
type Question = (&'static str, fn(&mut Words<'_>) -> Result<String, Failure>);

/// Makes the words of questions.
struct Words<'a> {
    world: &'a World,
    stations: &'a Range<u64>,
    dice: Dice,
}

impl Words<'_> {
    fn one<T: Copy + Default>(&mut self, some: &[T]) -> T {
        self.dice.pick(some).unwrap_or_default()
    }

    fn number(&mut self, range: &Range<u64>) -> u64 {
        range.start + self.dice.roll(range.end - range.start)
    }

    fn station(&mut self) -> u64 {
        self.number(&self.stations.clone())
    }

    fn station_id(&mut self) -> Result<String, Failure> {
        Ok(station_id(self.station())?.to_string())
    }

    fn pile(&mut self) -> String {
        let piles = self.world.piles_of(self.station());
        pile_text(self.number(&piles))
    }

    fn account(&mut self) -> u64 {
        let each = ACCOUNTS / STATIONS;
        let station = self.station();
        self.number(&(station * each..(station + 1) * each))
    }

    fn account_id(&mut self) -> Result<String, Failure> {
        Ok(account_id(self.account())?.to_string())
    }

    fn order(&mut self) -> u64 {
        self.world.order_of(&mut self.dice, self.stations, false)
    }

    /// A stretch of so many days that begins at most so long ago, as the ends of a filter.
    fn days(&mut self, filter: &str, days: i64, ago: Range<u64>) -> Result<String, Failure> {
        let from = i64::try_from(self.number(&ago))?;
        let (from, to) = (self.world.days_ago(from), self.world.days_ago(from - days));
        Ok(format!("{filter}_from={from}&{filter}_to={to}"))
    }
}

/// The questions; an empty answer is meant only where it says so.
const QUESTIONS: &[Question] = &[
    ("piles", |_| Ok("piles".into())),
    ("piles by name", |_| Ok("piles?sort=name".into())),
    ("piles q=code", |words| Ok(format!("piles?q={}", words.pile().get(..12).unwrap_or_default()))),
    ("piles q=name", |words| Ok(format!("piles?q={}", encoded(&station_name(words.station()))))),
    ("piles q=nothing (none)", |words| Ok(format!("piles?q=zz{}", words.dice.roll(1000)))),
    ("piles status=offline", |_| Ok("piles?status=offline".into())),
    ("piles status=online (none)", |_| Ok("piles?status=online".into())),
    ("piles of a station", |words| Ok(format!("piles?station={}", words.station_id()?))),
    ("piles model=", |words| Ok(format!("piles?model={}", words.one(&["AC-7", "DC-60", "DC-120"])))),
    ("piles enabled=false", |_| Ok("piles?enabled=false".into())),
    ("one pile", |words| Ok(format!("piles/{}", words.pile()))),
    ("sessions of a pile", |words| Ok(format!("piles/{}/sessions", words.pile()))),
    ("connectors", |_| Ok("connectors".into())),
    ("connectors state=charging", |_| Ok("connectors?state=charging".into())),
    ("connectors state=fault", |_| Ok("connectors?state=fault".into())),
    ("connectors state=full (none)", |_| Ok("connectors?state=full".into())),
    ("stations", |_| Ok("stations".into())),
    ("orders", |_| Ok("orders".into())),
    ("orders, 500 a page", |_| Ok("orders?limit=500".into())),
    ("orders state=", |words| {
        Ok(format!("orders?state={}", words.one(&["charging", "settled", "failed", "abnormal", "failed,abnormal"])))
    }),
    ("orders state=created (none)", |_| Ok("orders?state=created".into())),
    ("orders open=true", |_| Ok("orders?open=true".into())),
    ("orders origin=", |words| Ok(format!("orders?origin={}", words.one(&["remote", "card", "vin", "account"])))),
    ("orders of a pile", |words| Ok(format!("orders?pile={}", words.pile()))),
    ("orders of a station", |words| Ok(format!("orders?station={}", words.station_id()?))),
    ("orders of a station, failed", |words| Ok(format!("orders?station={}&state=failed", words.station_id()?))),
    ("orders of an account", |words| Ok(format!("orders?account={}", words.account_id()?))),
    ("orders of a card", |words| Ok(format!("orders?card={}", card_number(words.account())))),
    ("orders of a vehicle", |words| Ok(format!("orders?vin={}", vin(words.account())))),
    ("orders of an old day", |words| Ok(format!("orders?{}", words.days("created", 1, 300..700)?))),
    ("orders of a new day", |words| Ok(format!("orders?{}", words.days("created", 1, 1..20)?))),
    ("orders of a month, abnormal", |words| {
        Ok(format!("orders?{}&state=abnormal", words.days("created", 30, 31..700)?))
    }),
    ("orders of a month and a station", |words| {
        Ok(format!("orders?{}&station={}", words.days("created", 30, 31..700)?, words.station_id()?))
    }),
    ("orders settled on a day", |words| Ok(format!("orders?{}", words.days("settled", 1, 1..700)?))),
    ("orders sort=-created_at", |_| Ok("orders?sort=-created_at".into())),
    ("orders sort=ended_at", |_| Ok("orders?sort=ended_at".into())),
    ("orders sort=-charged state=settled", |_| Ok("orders?sort=-charged&state=settled".into())),
    ("orders sort=-charged state=abnormal", |_| Ok("orders?sort=-charged&state=abnormal".into())),
    ("orders of a station sort=-charged", |words| Ok(format!("orders?station={}&sort=-charged", words.station_id()?))),
    ("one order", |words| Ok(format!("orders/{}", words.order()))),
    ("one order by transaction number", |words| {
        Ok(format!("orders/{}", words.world.order(words.order())?.transaction_number))
    }),
    ("series of a running order", |words| {
        Ok(format!("orders/{}/series", words.world.order_of(&mut words.dice, words.stations, true)))
    }),
    ("records", |_| Ok("records".into())),
    ("records of a pile", |words| Ok(format!("records?pile={}", words.pile()))),
    ("records of a day", |words| Ok(format!("records?{}", words.days("received", 1, 2..100)?))),
    ("records state=unreadable", |_| Ok("records?state=unreadable".into())),
    ("events", |words| Ok(format!("events?after={}", words.dice.roll(EVENTS)))),
    ("events of a type", |words| {
        let type_name = words.one(&["order.settled", "order.failed", "order.failed,order.abnormal"]);
        Ok(format!("events?after={}&type={type_name}", words.dice.roll(EVENTS)))
    }),
    ("alarms open=true", |_| Ok("alarms?open=true".into())),
    ("alarms severity=", |words| Ok(format!("alarms?severity={}", words.one(&["critical", "warning", "notice"])))),
    ("commands", |_| Ok("commands".into())),
    ("commands open=true", |_| Ok("commands?open=true".into())),
    ("commands state=", |words| Ok(format!("commands?state={}", words.one(&["refused", "timed_out", "succeeded"])))),
    ("accounts", |_| Ok("accounts".into())),
    ("accounts q=", |words| Ok(format!("accounts?q={}", encoded(words.one(&["李", "王先生0", "杨先生1"]))))),
    ("accounts sort=-balance", |_| Ok("accounts?sort=-balance".into())),
    ("entries of an account", |words| Ok(format!("accounts/{}/entries", words.account_id()?))),
    ("cards", |_| Ok("cards".into())),
    ("cards of an account", |words| Ok(format!("cards?account={}", words.account_id()?))),
    ("audit log", |_| Ok("audit".into())),
];

/// Asks everything as the admin, as the greatest operator and as the smallest, and prints how long it took.
pub(crate) fn ask(server: SocketAddr, world: &World) -> Result<(), Failure> {
    let of = |name, operator| Asker { name, token: token_text(operator), stations: stations_of(operator) };
    let admin = Asker { name: "admin", token: ADMIN_TOKEN.to_owned(), stations: 0..STATIONS };
    println!("milliseconds of {TIMES} answers each; items and KiB on average; `*` where p99 is over {WITHIN:?}");
    println!("{:8} {:36} {:>8} {:>8} {:>8} {:>6} {:>7}", "as", "what", "p50", "p99", "max", "items", "KiB");
    let mut over = 0;
    for asker in [admin, of("greatest", 0), of("smallest", OPERATORS - 1)] {
        let mut client = Client::connect(server, &asker.token)?;
        for (number, question) in QUESTIONS.iter().enumerate() {
            let dice = Dice::of(100, number as u64);
            let words = Words { world, stations: &asker.stations, dice };
            over += usize::from(time(&mut client, asker.name, question, words)?);
        }
    }
    println!("{over} of {} questions have a p99 over {WITHIN:?}", 3 * QUESTIONS.len());
    Ok(())
}

/// Asks one question again and again; whether it takes too long.
fn time(client: &mut Client, asker: &str, (what, ask): &Question, mut words: Words<'_>) -> Result<bool, Failure> {
    let (mut times, mut bytes, mut items) = (Vec::new(), 0, 0);
    for _ in 0..TIMES {
        let answer = client.get(&format!("/api/v1/{}", ask(&mut words)?))?;
        times.push(answer.elapsed);
        bytes += answer.body.len();
        items += items_of(&answer.body)?;
    }
    times.sort_unstable();
    // The least time that so many of 100 answers do not exceed.
    let percentile = |percent: usize| times.get((times.len() * percent).div_ceil(100).saturating_sub(1)).copied();
    let [p50, p99, max] = [50, 99, 100].map(|percent| percentile(percent).unwrap_or_default());
    let ms = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1000.0);
    let average = |sum: usize| sum as f64 / TIMES as f64;
    let (items, kib, is_over) = (average(items), average(bytes) / 1024.0, p99 > WITHIN);
    let mark = if is_over { " *" } else { "" };
    let (p50, p99, max) = (ms(p50), ms(p99), ms(max));
    println!("{asker:8} {what:36} {p50:>8} {p99:>8} {max:>8} {items:>6.1} {kib:>7.1}{mark}");
    Ok(is_over)
}

/// How many items an answer has; 1 where it is no list.
fn items_of(body: &[u8]) -> Result<usize, Failure> {
    let answer: Value = serde_json::from_slice(body)?;
    Ok(answer.get("items").and_then(Value::as_array).map_or(1, Vec::len))
}

/// A text as it stands in an address.
fn encoded(text: &str) -> String {
    let one =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}
