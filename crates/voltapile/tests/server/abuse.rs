//! A bad peer hurts only itself.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::json;
use socket2::{Domain, SockRef, Socket, Type};

use crate::support::messages::{code, heartbeat, login};
use crate::support::pile::frame;
use crate::support::{Pile, Server, Setup, eventually};

/// Writes the same bytes again and again until the server has closed, as it must before it took so many.
#[track_caller]
fn flood(stream: &mut TcpStream, bytes: &[u8], most: usize) {
    let closed = (0..most / bytes.len()).any(|_| stream.write_all(bytes).is_err());
    assert!(closed, "{most} bytes and still not closed");
}

/// Waits until so many connections have ended for a reason: they are counted right after the socket is closed.
#[track_caller]
fn expect_closed(server: &Server, reason: &str, count: u64) {
    let name = format!("connections_closed_total{{reason=\"{reason}\"}}");
    eventually(&format!("{count} closed for {reason}"), || (server.api.metric(&name) == count).then_some(()));
}

#[test]
fn junk_is_borne_up_to_a_kibibyte_before_the_first_frame() {
    let server = Server::start();
    let mut patient = server.pile(code(1));
    server.register(code(2));
    let mut noisy = server.dial(code(2));
    noisy.write(&[0; 1024]);
    noisy.log_in();

    let mut noisier = server.dial(code(2));
    noisier.write(&[0; 1025]);
    noisier.expect_close();
    expect_closed(&server, "junk", 1);
    assert!(server.process.logged("gave up on a peer").contains("junk"));
    patient.beat();
    noisy.beat();
}

#[test]
fn floods_are_cut_off_and_others_do_not_notice() {
    let server = Server::start();
    let mut patient = server.pile(code(1));
    let before = server.api.metric("resident_memory_bytes");
    let starts = [0x68; 512];
    let false_frames = [0x68, 0xFF, 0, 0].repeat(128);
    for junk in [&starts[..], &false_frames, b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"] {
        let mut connections: Vec<Pile> = (0..20).map(|_| server.dial(code(2))).collect();
        for pile in &mut connections {
            flood(&mut pile.stream, junk, 64 << 20);
            patient.beat();
        }
    }
    expect_closed(&server, "junk", 60);
    let grown = server.api.metric("resident_memory_bytes").saturating_sub(before);
    assert!(grown < 16 << 20, "grown by {grown} bytes");
}

#[test]
fn junk_after_a_login_is_borne_longer_but_not_forever() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    pile.write(&[0; 32 * 1024]);
    pile.beat();
    flood(&mut pile.stream, &[0; 4096], 64 << 20);
    expect_closed(&server, "junk", 1);
}

#[test]
fn a_pile_that_never_reads_is_disconnected() {
    let server = Server::start();
    let mut patient = server.pile(code(1));
    let before = server.api.metric("resident_memory_bytes");
    let mut deaf = server.pile(code(2));
    let beats: Vec<u8> = (0..100).flat_map(|number| frame([number, 0], heartbeat(code(2)))).collect();
    flood(&mut deaf.stream, &beats, 256 << 20);
    expect_closed(&server, "slow_reader", 1);
    let grown = server.api.metric("resident_memory_bytes").saturating_sub(before);
    assert!(grown < 16 << 20, "grown by {grown} bytes");
    patient.beat();
    assert!(!server.is_online(code(2)));
    server.dial(code(2)).log_in();
}

#[test]
fn answers_that_a_dead_connection_did_not_take_reach_nobody_else() {
    // They used to stay in the thread's buffer and went to whichever connection wrote next.
    let server = Server::start();
    let mut patient = server.pile(code(1));
    server.register(code(2));
    let frames = [frame([7, 7], login(code(2))), frame([8, 8], heartbeat(code(2)))].concat();
    for _ in 0..50 {
        let mut dying = server.dial(code(2));
        SockRef::from(&dying.stream).set_linger(Some(Duration::ZERO)).unwrap();
        dying.write(&frames);
        drop(dying); // Resets the connection: the server reads the frames and cannot write.
        patient.beat();
        patient.beat();
    }
    eventually("the reset connections have ended", || (server.api.metric("connections") == 1).then_some(()));
    patient.beat();
}

#[test]
fn connections_are_bounded_in_all() {
    let server = Setup::new().set("LIMITS_CONNECTIONS", 2).start();
    let first = server.pile(code(1));
    let mut second = server.pile(code(2));
    let mut third = server.dial(code(3));
    third.expect_close();
    assert_eq!(server.api.metric("connections_refused_total{reason=\"too_many_connections\"}"), 1);
    second.beat();
    drop(first);
    eventually("there is room again", || (server.api.metric("connections") == 1).then_some(()));
    server.pile(code(3)).beat();
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs all of 127.0.0.0/8")]
fn connections_are_bounded_by_address() {
    let server = Setup::new().set("LIMITS_CONNECTIONS_PER_ADDRESS", 1).start();
    let mut first = server.pile(code(1));
    let mut second = server.dial(code(2));
    second.expect_close();
    assert_eq!(server.api.metric("connections_refused_total{reason=\"too_many_from_address\"}"), 1);
    let mut from_elsewhere = Pile::over(dial_from(Ipv4Addr::new(127, 0, 0, 2), server.piles), code(3));
    server.register(code(3));
    from_elsewhere.log_in();
    first.beat();
    let shown = server.api.get(&format!("piles/{}", code(3))).ok();
    assert!(shown["peer"].as_str().unwrap().starts_with("127.0.0.2:"), "{shown}");
}

#[test]
fn whoever_says_nothing_or_does_not_log_in_is_closed_in_time() {
    let server = Setup::new().set("TIMING_FIRST_FRAME_SECONDS", 1).set("TIMING_LOGIN_SECONDS", 1).start();
    let mut mute = server.dial(code(1));
    let mut stranger = server.dial(code(2));
    stranger.send(heartbeat(code(2)));
    mute.expect_close();
    stranger.expect_close();
    expect_closed(&server, "no_valid_frame", 1);
    expect_closed(&server, "no_login", 1);
}

#[test]
fn many_strangers_are_listed_in_pages() {
    let server = Server::start();
    for number in 0..30 {
        let mut pile = server.dial(code(number));
        pile.send(login(code(number)));
        assert_eq!(pile.receive().frame_type, 0x02);
    }
    eventually("all are noted", || (server.api.items("waiting-piles").len() == 30).then_some(()));
    let page = server.api.get("waiting-piles?limit=20").ok();
    assert_eq!(page["items"].as_array().unwrap().len(), 20);
    assert_ne!(page["next_cursor"], json!(null));
}

fn dial_from(source: Ipv4Addr, server: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((source, 0)).into()).unwrap();
    socket.connect(&server.into()).unwrap();
    socket.into()
}
