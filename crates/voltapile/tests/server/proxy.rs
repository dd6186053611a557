//! Behind a load balancer that speaks PROXY protocol v2.

use serde_json::{Value, json};

use crate::support::messages::{code, login};
use crate::support::pile::{frame, take};
use crate::support::{Pile, Server, Setup};

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// The header for a pile at 203.0.113.`last`:4660.
fn header(last: u8) -> Vec<u8> {
    let addresses = [203, 0, 113, last, 10, 0, 0, 1, 0x12, 0x34, 0x22, 0x40];
    [SIGNATURE, &[0x21, 0x11, 0, 12], &addresses].concat()
}

fn server() -> Server {
    let server = Setup::new().flag("--proxy-protocol").start();
    server.register(code(1));
    server
}

fn peer(server: &Server) -> Value {
    server.api.get(&format!("piles/{}", code(1))).ok()["peer"].clone()
}

fn dial(server: &Server, header: &[u8]) -> Pile {
    let mut pile = server.dial(code(1));
    pile.write(header);
    pile
}

#[test]
fn the_piles_own_address_is_shown() {
    let server = server();
    let mut pile = dial(&server, &header(9));
    pile.log_in();
    assert_eq!(peer(&server), json!("203.0.113.9:4660"));
    assert_eq!(server.sessions(code(1))[0]["peer"], json!("203.0.113.9:4660"));
}

#[test]
fn header_and_frames_may_come_glued_or_in_single_bytes() {
    let server = server();
    let bytes = [header(9), frame([1, 1], login(code(1)))].concat();
    let mut glued = dial(&server, &bytes);
    assert_eq!(glued.receive().frame_type, 0x02);
    let mut pile = server.dial(code(1));
    bytes.iter().for_each(|byte| pile.write(&[*byte]));
    assert_eq!(pile.receive().frame_type, 0x02);
    assert_eq!(peer(&server), json!("203.0.113.9:4660"));
}

#[test]
fn extensions_behind_the_addresses_are_passed_over() {
    let server = server();
    let mut bytes = header(9);
    bytes[15] += 7;
    bytes.extend([0x04, 0, 4, 0, 0, 0, 0]);
    let mut pile = dial(&server, &bytes);
    pile.log_in();
    assert_eq!(peer(&server), json!("203.0.113.9:4660"));
}

#[test]
fn a_connection_without_a_header_is_closed() {
    let server = server();
    let mut pile = server.dial(code(1));
    pile.write(&frame([1, 1], login(code(1))));
    pile.expect_close();
    server.process.logged("expected a PROXY protocol v2 header");
}

#[test]
fn the_balancers_own_check_counts_as_itself() {
    let server = server();
    let mut pile = dial(&server, &[SIGNATURE, &[0x20, 0, 0, 0]].concat());
    pile.log_in();
    assert_eq!(peer(&server), json!(pile.stream.local_addr().unwrap().to_string()));
}

#[test]
fn the_bound_by_address_holds_for_the_piles_and_not_for_the_balancer() {
    let server = Setup::new().flag("--proxy-protocol").set("LIMITS_CONNECTIONS_PER_ADDRESS", 1).start();
    let mut piles: Vec<Pile> = Vec::new();
    for number in 1..=3 {
        server.register(code(number));
        let mut pile = server.dial(code(number));
        pile.write(&header(number));
        pile.log_in();
        piles.push(pile);
    }
    let mut fourth = server.dial(code(1));
    fourth.write(&[header(2), frame([1, 1], login(code(1)))].concat());
    fourth.expect_close();
    piles[0].beat();
    piles[1].beat();
    drop(piles);
    let mut again = crate::support::eventually("the address is free again", || {
        let mut pile = server.dial(code(1));
        pile.write(&[header(2), frame([1, 1], login(code(1)))].concat());
        pile.next_frame().map(|_| pile)
    });
    take!(again, ClockSyncRequest);
    again.beat();
}
