//! Both protocols on one port, or each on its own.

use std::io::Write;

use voltapile_protocol::aaf5::checksum::checksum;

use super::{PILE, Pile, assert_closed, register};
use crate::support::messages::code;
use crate::support::{Server, Setup, eventually};

#[test]
fn both_protocols_share_a_port_and_the_first_frame_decides() {
    let server = Server::start();
    register(&server, PILE);
    let mut ykc = server.pile(code(1));
    let mut aaf5 = Pile::dial(server.piles, PILE);
    // Whatever a modem says first, and even where it begins as the other protocol does.
    aaf5.write(b"\x00AT+CSQ\r\nhello\xAA\xAA\xF5");
    aaf5.sign_in();
    for _ in 0..3 {
        ykc.beat();
        aaf5.beat();
    }
    let mut late = server.dial(code(2));
    server.register(code(2));
    late.stream.write_all(b"OK\r\n\xAA\xF5\x0F").unwrap();
    late.log_in();
    let frames = |protocol: &str, name: &str| {
        server.api.metric(&format!("frames_total{{direction=\"up\",protocol=\"{protocol}\",type=\"{name}\"}}"))
    };
    assert_eq!((frames("ykc", "0x01"), frames("ykc", "0x03")), (2, 3));
    assert_eq!((frames("aaf5", "106"), frames("aaf5", "102")), (1, 3));
}

#[test]
fn an_address_that_is_for_one_protocol_refuses_the_other() {
    let server =
        Setup::new().flag("--listen").flag("aaf5://127.0.0.1:0").flag("--listen").flag("ykc://127.0.0.1:0").start();
    let [for_aaf5, for_ykc] = server.other_addresses[..] else { panic!("{:?}", server.other_addresses) };
    register(&server, PILE);
    server.register(code(1));
    Pile::dial(for_aaf5, PILE).sign_in();
    crate::support::Pile::dial(for_ykc, code(1)).log_in();

    let mut stranger = Pile::dial(for_ykc, PILE);
    stranger.send(stranger.sign_in_request());
    stranger.expect_close();
    let line = server.process.logged("is not spoken at this address");
    assert!(line.contains("aaf5") && line.contains("ykc"), "{line}");
    let mut stranger = crate::support::Pile::dial(for_aaf5, code(1));
    stranger.send(crate::support::messages::login(code(1)));
    stranger.expect_close();
    let closed = || server.api.metric("connections_closed_total{reason=\"other_protocol\"}");
    eventually("both are counted", || (closed() == 2).then_some(()));
}

#[test]
fn an_address_that_makes_no_sense_is_named() {
    let ended = Setup::new().set("LISTEN", "aaf6://127.0.0.1:0").fail();
    assert!(ended.stderr.contains("ykc:// or aaf5://"), "{ended:?}");
}

#[test]
fn a_relative_of_the_protocol_is_told_from_it() {
    let server = Server::start();
    register(&server, PILE);
    let mut pile = Pile::dial(server.piles, PILE);
    let request = pile.sign_in_request();
    let mut frame = super::pile::frame(1, request);
    // The check sum counts from the first byte.
    let counted = frame.len() - 1;
    frame[counted] = checksum(&frame[..counted]);
    pile.write(&frame);
    pile.expect_close();
    assert!(server.process.logged("a relative of AA F5").contains("sum_from_start"));
    assert_closed(&server, "relative");
}
