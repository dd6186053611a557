//! The load program against an echo and against servers that misbehave.

use std::future::pending;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

async fn echo_address() -> SocketAddr {
    let listener = echo::listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(echo::serve(listener, pending()));
    address
}

fn config(server: SocketAddr, mode: Mode) -> LoadConfig {
    LoadConfig {
        against: Against::Echo,
        mode,
        piles: 50,
        busy: 30,
        duration: Duration::from_millis(200),
        ..LoadConfig::new(server)
    }
}

#[tokio::test]
async fn an_echo_answers_fifty_piles() {
    let server = echo_address().await;
    for mode in [Mode::Heartbeats, Mode::Records] {
        let report = run(LoadConfig { server_pid: Some(std::process::id()), ..config(server, mode) }).await.unwrap();
        assert!(report.is_flawless(), "{report}");
        assert_eq!(report.logins.succeeded, 50);
        let exchanges = report.exchanges.as_ref().unwrap();
        assert_eq!(exchanges.busy, 30);
        assert!(exchanges.answered > 30 && exchanges.latency.p50_us <= exchanges.latency.max_us, "{report}");
        assert!(report.server.is_some());
        assert!(report.to_string().contains("0 mismatched, 0 missing"));
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["mode"], mode.name());
        assert!(json["exchanges"]["latency"]["p99_us"].is_f64());
    }
}

#[tokio::test]
async fn a_schedule_is_kept_whatever_the_answers_do() {
    let server = echo_address().await;
    for mode in [Mode::Heartbeats, Mode::Records] {
        let report = run(LoadConfig { rate: Some(1_500.0), ..config(server, mode) }).await.unwrap();
        let exchanges = report.exchanges.as_ref().unwrap();
        assert_eq!((exchanges.pacing, exchanges.sent, exchanges.answered), (Pacing::Open, 300, 300), "{report}");
        assert!(report.is_flawless() && exchanges.service_time.is_some(), "{report}");
        assert!(report.to_string().contains("from the moment each was due"));
    }
}

#[tokio::test]
async fn a_stall_delays_all_that_was_due_meanwhile() {
    // Nothing is answered for the first 150 ms of 200 ms, in which each of the piles is due every 5 ms.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                for number in 0.. {
                    let Ok(length @ 1..) = stream.read(&mut buffer).await else { return };
                    if number == 1 {
                        tokio::time::sleep(Duration::from_millis(150)).await;
                    }
                    stream.write_all(&buffer[..length]).await.unwrap();
                }
            });
        }
    });
    let rate = Some(2_000.0);
    let report = run(LoadConfig { piles: 10, busy: 10, rate, ..config(address, Mode::Heartbeats) }).await.unwrap();
    let exchanges = report.exchanges.as_ref().unwrap();
    assert_eq!((exchanges.answered, exchanges.missing), (400, 0), "{report}");
    // Half of the questions were due in the first 100 ms, and waited for 50 ms or longer.
    assert!(exchanges.latency.p50_us >= 49_000.0, "{report}");
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_none_to_the_next_question() {
    let address = server(|asked, number| if number == 1 { Vec::new() } else { asked.to_vec() }).await;
    let patient = LoadConfig { answer_patience: Duration::from_millis(20), ..config(address, Mode::Heartbeats) };
    let report = run(LoadConfig { rate: Some(300.0), ..patient }).await.unwrap();
    let exchanges = report.exchanges.as_ref().unwrap();
    assert_eq!((exchanges.missing, exchanges.mismatched, exchanges.connections_lost), (30, 0, 0), "{report}");
    assert!(exchanges.answered > 0 && !report.is_flawless(), "{report}");
}

#[tokio::test]
async fn what_makes_no_sense_is_said_before_anybody_dials() {
    let nowhere = config("127.0.0.1:1".parse().unwrap(), Mode::Telemetry);
    assert!(matches!(run(nowhere.clone()).await, Err(LoadError::EchoOfTelemetry)));
    let nowhere = LoadConfig { against: Against::Platform, ..nowhere };
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = run(LoadConfig { rate: Some(rate), ..nowhere.clone() }).await.unwrap_err();
        assert!(matches!(error, LoadError::RateOutOfRange { .. }), "{error}");
    }
}

#[tokio::test]
async fn the_mode_login_asks_nothing() {
    let report = run(config(echo_address().await, Mode::Login)).await.unwrap();
    assert_eq!((report.logins.succeeded, report.exchanges, report.server), (50, None, None));
}

#[tokio::test]
async fn an_echo_is_no_platform() {
    let wrong = LoadConfig {
        against: Against::Platform,
        login_patience: Duration::from_millis(50),
        ..config(echo_address().await, Mode::Login)
    };
    let error = run(wrong).await.unwrap_err();
    assert!(matches!(error, LoadError::NobodyLoggedIn { piles: 50, .. }), "{error}");
}

/// Accepts every connection and sends `answer(number of the frame)` for each read.
async fn server(answer: fn(&[u8], usize) -> Vec<u8>) -> SocketAddr {
    async fn serve(mut stream: TcpStream, answer: fn(&[u8], usize) -> Vec<u8>) {
        let mut buffer = [0; 256];
        for number in 0.. {
            match stream.read(&mut buffer).await {
                Ok(length) if length > 0 => stream.write_all(&answer(&buffer[..length], number)).await.unwrap(),
                _ => return,
            }
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, answer));
        }
    });
    address
}

#[tokio::test]
async fn counts_wrong_answers() {
    // Echoes the login, then changes the heartbeats.
    let address = server(|asked, number| if number == 0 { asked.to_vec() } else { with_other_sequence(asked) }).await;
    let report = run(config(address, Mode::Heartbeats)).await.unwrap();
    let exchanges = report.exchanges.as_ref().unwrap();
    assert!(exchanges.mismatched > 0 && exchanges.mismatched == exchanges.answered, "{report}");
    assert!(!report.is_flawless());
}

/// The same pile's heartbeat with a sequence number that nobody sent.
fn with_other_sequence(asked: &[u8]) -> Vec<u8> {
    let mut frame = asked.to_vec();
    frame[2] ^= 0x80;
    let crc_at = frame.len() - 2;
    let crc = voltapile_protocol::ykc::crc::crc16(&frame[2..crc_at]).to_le_bytes();
    frame[crc_at..].copy_from_slice(&crc);
    frame
}

#[tokio::test]
async fn counts_missing_answers() {
    let address = server(|asked, number| if number < 3 { asked.to_vec() } else { Vec::new() }).await;
    let patience = Duration::from_millis(50);
    let report = run(LoadConfig { answer_patience: patience, ..config(address, Mode::Heartbeats) }).await.unwrap();
    let exchanges = report.exchanges.as_ref().unwrap();
    assert_eq!((exchanges.answered, exchanges.missing), (60, 30), "{report}");
}

#[test]
fn pile_codes_count_up_from_the_first() {
    assert_eq!(pile_code(1, 0).to_string(), "99000000000001");
    assert_eq!(pile_code(1, 18_999).to_string(), "99000000019000");
    let config = LoadConfig { first_pile: NUMBERS, ..LoadConfig::new("127.0.0.1:1".parse().unwrap()) };
    assert!(matches!(config.check(), Err(LoadError::NumbersUsedUp { .. })));
    assert!(matches!(LoadConfig { piles: 0, ..config }.check(), Err(LoadError::NoPiles)));
}

#[test]
fn names_are_those_of_the_command_line() {
    assert_eq!("echo".parse::<Against>().unwrap(), Against::Echo);
    assert_eq!("records".parse::<Mode>().unwrap(), Mode::Records);
    let error = "recrods".parse::<Mode>().unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"unknown mode "recrods", expected one of ["login", "heartbeats", "records", "telemetry", "mix"]"#
    );
}
