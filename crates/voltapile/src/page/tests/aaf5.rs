//! The page with piles that speak AA F5.

use voltapile_protocol::aaf5::code::{ConnectorType, Plug, ReportMode, WorkState};
use voltapile_protocol::aaf5::field::ConnectorNumber;
use voltapile_protocol::aaf5::frame::{Envelope, write_message};
use voltapile_protocol::aaf5::message::{HeartbeatResponse, Message, SignInRequest, SignInResponse, StatusReport};
use voltapile_protocol::wire::{Bits, Kilowatts32, SignedAmps, Text};

use super::*;

fn frame(direction: Direction, message: impl Into<Message>) -> What {
    let mut bytes = Vec::new();
    write_message(&mut bytes, Envelope { sequence: 7, ..Envelope::default() }, &message.into()).unwrap();
    What::Frame(direction, bytes)
}

fn status() -> StatusReport {
    StatusReport {
        pile_code: Text::new(&FIRST.to_string()).unwrap(),
        connector_count: 2,
        connector_number: ConnectorNumber(1),
        connector_type: Bits(ConnectorType::Dc),
        work_state: WorkState::Charging,
        soc: Percent::from_raw(45),
        plug: Plug::Connected,
        total_amount: Yuan::from_raw(987),
        dc_voltage: Volts::from_raw(3_800),
        dc_current: SignedAmps(1_200),
        total_energy: KilowattHours::from_raw(1_234),
        meter_now: KilowattHours::from_raw(1_234),
        power: Kilowatts32::from_raw(456),
        ..StatusReport::default()
    }
}

/// Two piles: the first charges at connector 1 and is kept for somebody at 2, the second is offline.
fn page(lang: Lang) -> Page {
    let piles = [(FIRST, 2), (SECOND, 1)].map(|(code, connectors)| {
        let setup = PileSetup::dc(code, connectors).unattended().speaking_aaf5();
        (code, VirtualPile::new(setup, ModelOptions::default()).snapshot())
    });
    let mut seen = piles[0].1.clone();
    let pocket = Pocket { card: Bytes([0, 0, 0, 0, 0xD1, 0x4B, 0, 1]), vin: None };
    let mut page = Page::new(piles.to_vec(), "127.0.0.1:8768".to_owned(), 60, pocket, lang);
    (seen.is_logged_in, seen.is_working) = (true, true);
    seen.connectors[0].state = ConnectorState::Charging;
    seen.connectors[0].is_plugged = true;
    seen.connectors[0].transaction_number = Some("VP-2026_0001".parse().unwrap());
    seen.connectors[0].energy = 123_456;
    seen.connectors[1].last_refusal = Some(Refusal::Reserved);
    page.update(0, seen);
    let pile_code = Text::new(&FIRST.to_string()).unwrap();
    let sign_in = SignInRequest {
        pile_code,
        report_mode: ReportMode::Reporting,
        connector_count: 2,
        random: Some(7),
        ..SignInRequest::default()
    };
    let happened = [
        (FIRST, What::Connected),
        (FIRST, frame(Direction::Up, sign_in)),
        (FIRST, frame(Direction::Down, SignInResponse { random: Some(7), ..SignInResponse::default() })),
        (SECOND, What::Disconnected("connection reset".to_owned())),
        (FIRST, frame(Direction::Down, HeartbeatResponse { counter: 1, ..HeartbeatResponse::default() })),
        (FIRST, frame(Direction::Up, status())),
    ];
    for (ms, (pile, what)) in (0..).step_by(250).zip(happened) {
        page.add(Line { pile, unix_ms: NOON + ms, what });
    }
    page
}

#[test]
fn looks_as_it_should() {
    for (name, lang) in [("zh", Lang::Zh), ("en", Lang::En)] {
        for (width, height) in [(80, 24), (120, 40)] {
            insta::assert_snapshot!(format!("page_{name}_{width}x{height}"), picture(&page(lang), width, height));
        }
        let mut page = page(lang);
        press(&mut page, KeyCode::Enter);
        insta::assert_snapshot!(format!("frame_{name}"), picture(&page, 80, 24));
    }
}

#[test]
fn the_key_that_stops_a_charge_enters_its_password() {
    let mut page = page(Lang::En);
    let mut seen = page.piles[0].snapshot.clone();
    seen.connectors[0].stop_password = Some(4_711);
    page.update(0, seen);
    let stop = Action::Stop { connector: 1, password: Some(4_711) };
    assert_eq!(press(&mut page, KeyCode::Char('s')), Some(Wish::Do(0, Happening::Act(vec![stop]))));
    assert_eq!(page.notice, "press stop and enter a password at connector 1");
}

#[test]
fn what_a_status_says_stands_beside_its_connector() {
    let picture = picture(&page(Lang::En), 80, 24);
    // 45.6 kW, 12.34 kWh that the pile has, 9.87 yuan.
    for shown in ["45%", "45.60", "12.34", "9.87", "↑ CMD 106", "↓ CMD 105", "↑ CMD 104", "reserved for somebody else"]
    {
        assert!(picture.contains(shown), "{shown}:\n{picture}");
    }
}
