//! The page as people see it, in both languages and two sizes, and what keys do.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use voltapile_protocol::inspect::text::table;
use voltapile_protocol::wire::{Amps, Bytes, KilowattHours, Percent, Volts, Yuan};
use voltapile_protocol::ykc::code::{ConnectorState, Plugged, StartRefusal};
use voltapile_protocol::ykc::field::{ConnectorNumber, HardwareFaults, TransactionNumber};
use voltapile_protocol::ykc::frame::{Envelope, write_message};
use voltapile_protocol::ykc::message::{HeartbeatResponse, LoginRequest, LoginResponse, TariffResponse};
use voltapile_simulator::fault::Fault;
use voltapile_simulator::model::{Action, ModelOptions, PileSetup, Refusal, VirtualPile};

use super::*;

mod aaf5;

const FIRST: PileCode = PileCode([0x32, 0x01, 0x06, 0, 0, 0x01, 0x01]);
const SECOND: PileCode = PileCode([0x32, 0x01, 0x06, 0, 0, 0x01, 0x02]);
/// 2026-11-20T07:59:59 in UTC+8.
const NOON: u64 = 1_795_132_799_000;
const TRANSACTION: TransactionNumber =
    TransactionNumber([0x32, 0x01, 0x06, 0, 0, 0x01, 0x01, 0x01, 0x26, 0x11, 0x20, 0x07, 0x59, 0x59, 0, 0x01]);

fn snapshot(code: PileCode, connectors: u8) -> PileSnapshot {
    VirtualPile::new(PileSetup::dc(code, connectors).unattended(), ModelOptions::default()).snapshot()
}

fn frame(direction: Direction, message: impl Into<Message>) -> What {
    let mut bytes = Vec::new();
    write_message(&mut bytes, Envelope { sequence: [0, 7], ..Envelope::default() }, &message.into()).unwrap();
    What::Frame(direction, bytes)
}

fn telemetry() -> RealtimeReport {
    RealtimeReport {
        transaction_number: TRANSACTION,
        pile_code: FIRST,
        connector_number: ConnectorNumber(1),
        connector_state: ConnectorState::Charging,
        plugged: Plugged::Yes,
        output_voltage: Volts::from_raw(3_800),
        output_current: Amps::from_raw(1_200),
        soc: Percent::from_raw(45),
        energy: KilowattHours::from_raw(123_400),
        amount: Yuan::from_raw(98_700),
        ..RealtimeReport::default()
    }
}

/// Two piles: the first charges at connector 1 and was refused at 2, the second is broken and offline.
fn page(lang: Lang) -> Page {
    let piles = vec![(FIRST, snapshot(FIRST, 2)), (SECOND, snapshot(SECOND, 1))];
    let pocket = Pocket { card: Bytes([0, 0, 0, 0, 0xD1, 0x4B, 0, 1]), vin: None };
    let mut page = Page::new(piles, "127.0.0.1:8768".to_owned(), 60, pocket, lang);
    let mut seen = snapshot(FIRST, 2);
    (seen.is_logged_in, seen.is_working, seen.unconfirmed_records) = (true, true, 1);
    seen.connectors[0].state = ConnectorState::Charging;
    seen.connectors[0].is_plugged = true;
    seen.connectors[0].transaction_number = Some(TRANSACTION.into());
    seen.connectors[0].energy = 123_456;
    seen.connectors[1].last_refusal = Some(Refusal::Platform(StartRefusal::BalanceTooLow));
    page.update(0, seen);
    let mut seen = snapshot(SECOND, 1);
    seen.connectors[0].state = ConnectorState::Fault;
    seen.connectors[0].faults = HardwareFaults(1 << 1);
    page.update(1, seen);
    let login = LoginRequest { pile_code: FIRST, connector_count: 2, ..LoginRequest::default() };
    let happened = [
        (FIRST, What::Connected),
        (FIRST, frame(Direction::Up, login)),
        (FIRST, frame(Direction::Down, LoginResponse { pile_code: FIRST, ..LoginResponse::default() })),
        (SECOND, What::Disconnected("connection reset".to_owned())),
        (FIRST, frame(Direction::Down, HeartbeatResponse { pile_code: FIRST, ..HeartbeatResponse::default() })),
        (FIRST, frame(Direction::Up, telemetry())),
    ];
    for (ms, (pile, what)) in (0..).step_by(250).zip(happened) {
        page.add(Line { pile, unix_ms: NOON + ms, what });
    }
    page
}

fn press(page: &mut Page, code: KeyCode) -> Option<Wish> {
    page.press(KeyEvent::new(code, KeyModifiers::NONE))
}

/// What the page looks like, a line of text for each row. A wide character takes two cells and leaves one of them empty.
fn picture(page: &Page, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(page, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut rows = Vec::new();
    for y in 0..height {
        let (mut row, mut x) = (String::new(), 0);
        while x < width {
            let symbol = buffer[(x, y)].symbol();
            row.push_str(symbol);
            x += u16::try_from(table::width(symbol)).unwrap().max(1);
        }
        assert_eq!(table::width(&row), usize::from(width), "row {y} is as wide as the terminal: {row:?}");
        rows.push(row.trim_end().to_owned());
    }
    rows.join("\n")
}

#[test]
fn looks_as_it_should() {
    for (name, lang) in [("zh", Lang::Zh), ("en", Lang::En)] {
        for (width, height) in [(80, 24), (120, 40)] {
            insta::assert_snapshot!(format!("page_{name}_{width}x{height}"), picture(&page(lang), width, height));
        }
    }
}

#[test]
fn what_lies_above_it_looks_as_it_should() {
    for (name, lang) in [("zh", Lang::Zh), ("en", Lang::En)] {
        for (what, key) in [("menu", 'i'), ("help", '?')] {
            let mut page = page(lang);
            press(&mut page, KeyCode::Char(key));
            insta::assert_snapshot!(format!("{what}_{name}"), picture(&page, 80, 24));
        }
        let mut page = page(lang);
        press(&mut page, KeyCode::Enter);
        insta::assert_snapshot!(format!("frame_{name}"), picture(&page, 80, 24));
    }
}

#[test]
fn never_panics_however_small_the_terminal() {
    let mut page = page(Lang::Zh);
    for key in [KeyCode::Null, KeyCode::Char('i'), KeyCode::Esc, KeyCode::Enter, KeyCode::Esc, KeyCode::Char('?')] {
        press(&mut page, key);
        for (width, height) in [(1, 1), (10, 3), (59, 16), (60, 15), (60, 16), (61, 17), (300, 100)] {
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| draw(&page, frame)).unwrap();
        }
    }
    let nothing = Page::new(Vec::new(), String::new(), 1, page.pocket, Lang::En);
    picture(&nothing, 80, 24);
}

#[test]
fn no_wide_character_stands_in_a_border() {
    for lang in [Lang::Zh, Lang::En] {
        let mut page = page(lang);
        let tariff = TariffResponse { pile_code: FIRST, ..TariffResponse::default() };
        page.add(Line { pile: FIRST, unix_ms: NOON, what: frame(Direction::Down, tariff) });
        for overlay in [KeyCode::Null, KeyCode::Char('i'), KeyCode::Enter] {
            press(&mut page, overlay);
            for width in 60..=140 {
                // The picture says so itself when a row is not as wide as the terminal.
                picture(&page, width, 24);
            }
            press(&mut page, KeyCode::Esc);
        }
    }
}

#[test]
fn keys_make_things_happen_at_the_chosen_connector() {
    let mut page = page(Lang::En);
    press(&mut page, KeyCode::Right);
    let plug = |connector| vec![Action::Plug { connector, car: Default::default() }];
    assert_eq!(press(&mut page, KeyCode::Char('p')), Some(Wish::Do(0, Happening::Act(plug(2)))));
    assert_eq!(page.notice, "plug in at connector 2");
    press(&mut page, KeyCode::Char('9'));
    assert_eq!(page.connector, 2, "there is no ninth");
    press(&mut page, KeyCode::Tab);
    assert_eq!(press(&mut page, KeyCode::Char('p')), Some(Wish::Do(1, Happening::Act(plug(1)))));
    let repaired = Action::SetFaults { connector: 1, faults: HardwareFaults::default() };
    assert_eq!(press(&mut page, KeyCode::Char('f')), Some(Wish::Do(1, Happening::Act(vec![repaired]))));
    assert_eq!(press(&mut page, KeyCode::Char('l')), Some(Wish::Do(1, Happening::Cut)));
    assert_eq!(press(&mut page, KeyCode::Char('l')), Some(Wish::Do(1, Happening::Reconnect)));
    assert_eq!(press(&mut page, KeyCode::Char('Z')), None);
    assert_eq!(press(&mut page, KeyCode::Char('q')), Some(Wish::Quit));
    assert_eq!(page.press(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)), Some(Wish::Quit));
}

#[test]
fn the_menu_injects_what_is_chosen() {
    let mut page = page(Lang::En);
    for key in [KeyCode::Char('i'), KeyCode::Down, KeyCode::Down, KeyCode::Up] {
        assert_eq!(press(&mut page, key), None);
    }
    assert_eq!(press(&mut page, KeyCode::Enter), Some(Wish::Do(0, Happening::Inject(Fault::ByteByByte))));
    press(&mut page, KeyCode::Char('i'));
    assert_eq!((press(&mut page, KeyCode::Char('q')), page.overlay), (None, Overlay::Nothing));
}

#[test]
fn who_looks_back_goes_on_looking_at_the_same_line() {
    let mut page = page(Lang::En);
    press(&mut page, KeyCode::Up);
    let chosen = page.chosen_line().unwrap().clone();
    assert!(matches!(chosen.what, What::Frame(Direction::Down, _)));
    page.add(Line { pile: FIRST, unix_ms: NOON, what: What::Connected });
    page.add(Line { pile: SECOND, unix_ms: NOON, what: What::Connected });
    assert_eq!(page.chosen_line(), Some(&chosen));
    press(&mut page, KeyCode::PageUp);
    assert_eq!(page.chosen_line().unwrap().unix_ms, NOON, "the oldest");
    press(&mut page, KeyCode::End);
    assert_eq!(page.chosen_line().unwrap().what, What::Connected);
}

#[test]
fn old_lines_are_forgotten() {
    let mut page = page(Lang::En);
    press(&mut page, KeyCode::Up);
    for _ in 0..LINES_MAX + 10 {
        page.add(Line { pile: FIRST, unix_ms: NOON, what: What::Connected });
    }
    assert_eq!(page.lines.len(), LINES_MAX);
    assert!(page.chosen_line().is_some());
}
