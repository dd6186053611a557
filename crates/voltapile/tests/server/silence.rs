//! A pile that falls silent. The shortest times that may be set are 11 s, hence one test for all of it.

use crate::support::messages::code;
use crate::support::pile::frame;
use crate::support::{Setup, eventually, messages};

#[test]
fn a_silent_pile_is_shown_as_offline_then_closed_and_a_hidden_frame_is_found() {
    let server = Setup::new().set("TIMING_OFFLINE_SECONDS", 11).set("TIMING_CLOSE_SECONDS", 13).start();
    let mut hiding = server.pile(code(1));
    let mut silent = server.pile(code(2));
    // What looks like the begin of a long frame hides a heartbeat until the rest of it does not come.
    let hidden = [&[0x68, 0xF0][..], &frame([7, 7], messages::heartbeat(code(1)))].concat();
    hiding.write(&hidden);
    assert_eq!(hiding.receive().sequence, [7, 7]);
    assert!(server.is_online(code(2)));
    eventually("shown as offline", || (!server.is_online(code(2))).then_some(()));
    assert!(server.is_online(code(1)), "it was heard later");
    let connected = server.api.get(&format!("piles/{}", code(2))).ok()["connected_since"].is_string();
    assert!(connected, "offline, yet not closed");
    silent.expect_close();
    hiding.beat();
    server.process.logged("has fallen silent");
    assert_eq!(server.sessions(code(2))[0]["close_reason"], "silent");
}
