//! What passes is written down as it passed, within bounds, and never at the cost of those who talk.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;

use serde_json::{Value, json};
use voltapile_capture::Side;
use voltapile_capture::read::{Assembler, Content, End, Event, Known, Limits, Records};
use voltapile_protocol::wire::Tail;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_protocol::ykc::framer::{Framer, Piece};
use voltapile_protocol::ykc::message::Message;

use crate::support::messages::{code, heartbeat, login, telemetry};
use crate::support::pile::frame;
use crate::support::{Api, PATIENCE, Server, Setup, eventually};

const MIB: u64 = 1024 * 1024;

/// A conversation in a capture.
#[derive(Debug)]
struct Heard {
    client: SocketAddr,
    server: SocketAddr,
    known: Known,
    said: Vec<u8>,
    answered: Vec<u8>,
    missing: u64,
    end: Option<End>,
}

/// Reads a capture of a server, which must be whole.
#[track_caller]
fn read(file: &[u8], server: SocketAddr) -> Vec<Heard> {
    let mut heard: Vec<Heard> = Vec::new();
    let mut on_event = |event: Event<'_>| match event {
        Event::Opened(opened) => heard.push(Heard {
            client: opened.ends.client,
            server: opened.ends.server,
            known: opened.known,
            said: Vec::new(),
            answered: Vec::new(),
            missing: 0,
            end: None,
        }),
        Event::Flight(flight) => {
            let heard = &mut heard[flight.conversation - 1];
            heard.missing += flight.gap;
            match flight.side {
                Side::Client => heard.said.extend_from_slice(flight.bytes),
                Side::Server => heard.answered.extend_from_slice(flight.bytes),
            }
        }
        Event::Closed { conversation, end, .. } => heard[conversation - 1].end = Some(end),
        Event::Repeated(_) => panic!("nothing was said twice"),
        Event::Problem { problem, .. } => panic!("{problem}"),
    };
    let mut assembler = Assembler::new(Limits::default());
    for record in Records::new(file) {
        if let Content::Packet(packet) = record.expect("a whole file").content {
            assembler.packet(&packet, &mut on_event);
        }
    }
    assembler.finish(&mut on_event);
    // Without a handshake a reader guesses by ports who dialled; those of tests mean nothing.
    for heard in heard.iter_mut().filter(|heard| heard.known == Known::Ports && heard.client == server) {
        std::mem::swap(&mut heard.client, &mut heard.server);
        std::mem::swap(&mut heard.said, &mut heard.answered);
    }
    heard
}

/// Files of a directory in the order of their names.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// A pile that remembers every byte.
struct Wire {
    stream: TcpStream,
    said: Vec<u8>,
    heard: Vec<u8>,
}

impl Wire {
    fn dial(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { stream, said: Vec::new(), heard: Vec::new() }
    }

    fn say(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
        self.said.extend_from_slice(bytes);
    }

    /// Listens until a frame of a type has come; `None` listens to the end.
    #[track_caller]
    fn listen(&mut self, wanted: Option<u8>) {
        let (mut framer, mut bytes, mut came) = (Framer::new(), [0; 4096], false);
        while !came {
            let count = self.stream.read(&mut bytes).unwrap();
            if count == 0 && wanted.is_none() {
                return;
            }
            assert!(count > 0, "the server closed the connection");
            self.heard.extend_from_slice(&bytes[..count]);
            framer.push(&bytes[..count], |piece| {
                came |= matches!(piece, Piece::Frame(frame) if Some(frame.frame_type) == wanted);
            });
        }
    }

    /// Logs in and sends a heartbeat.
    #[track_caller]
    fn log_in(&mut self, pile: PileCode) {
        self.say(&frame([1, 0], login(pile)));
        self.listen(Some(0x56));
        self.say(&frame([2, 0], heartbeat(pile)));
        self.listen(Some(0x04));
    }

    /// Hangs up and waits until the server has noticed.
    fn hang_up(mut self) -> (Vec<u8>, Vec<u8>) {
        self.stream.shutdown(Shutdown::Write).unwrap();
        self.listen(None);
        (self.said, self.heard)
    }
}

/// Long frames that the server only counts.
fn unheard_of() -> Vec<u8> {
    frame([3, 0], Message::Unknown { frame_type: 0x77, body: Tail::new(&[0x5A; 200]) }).repeat(64)
}

/// Starts a capture of a pile; gives its number.
#[track_caller]
fn start(api: &Api, pile: PileCode, form: &Value) -> u64 {
    let made = api.post(&format!("piles/{pile}/capture"), form);
    assert_eq!((made.status, made.json()["state"].as_str()), (201, Some("running")), "{made:?}");
    let id = made.json()["id"].as_u64().unwrap();
    assert_eq!(made.header("location"), Some(format!("/api/v1/piles/{pile}/captures/{id}").as_str()));
    id
}

#[track_caller]
fn stop(api: &Api, pile: PileCode) -> Value {
    api.delete(&format!("piles/{pile}/capture")).ok()
}

/// A pile's captures, newest first.
#[track_caller]
fn captures(api: &Api, pile: PileCode) -> Vec<Value> {
    api.get(&format!("piles/{pile}/captures")).ok()["items"].as_array().unwrap().clone()
}

#[test]
fn all_that_piles_and_server_say_is_in_the_files_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let all = directory.path().join("not/there/yet");
    let server = Setup::new().flag("--capture").flag(all.to_str().unwrap()).start();
    server.register(code(1));
    let mut pile = Wire::dial(server.piles);
    let client = pile.stream.local_addr().unwrap();
    pile.say(b"junk first");
    pile.log_in(code(1));
    pile.say(&frame([3, 0], telemetry(code(1)))[..20]);
    let (said, answered) = pile.hang_up();
    let mut stranger = Wire::dial(server.piles);
    stranger.say(&frame([1, 0], login(code(7))));
    stranger.listen(Some(0x02));
    let refused = stranger.hang_up();
    let piles = server.piles;
    server.stop();
    let files = files(&all);
    let [(name, file)] = files.as_slice() else { panic!("{}", files.len()) };
    let parts: Vec<&str> = name.strip_suffix(".pcapng").unwrap().split('-').collect();
    assert!(matches!(parts.as_slice(), ["voltapile", second, "0001"] if second.len() == 16), "{name}");
    let heard = read(file, piles);
    assert_eq!(heard.len(), 2, "one for each pile, none for HTTP");
    assert_eq!((heard[0].client, heard[0].server, heard[0].known), (client, piles, Known::Handshake));
    assert_eq!((&heard[0].said, &heard[0].answered, heard[0].end), (&said, &answered, Some(End::Finished)));
    assert_eq!((&heard[1].said, &heard[1].answered), (&refused.0, &refused.1));
}

#[test]
fn files_turn_by_size_and_the_oldest_go() {
    let directory = tempfile::tempdir().unwrap();
    let setup = Setup::new().set("CAPTURE_DIRECTORY", directory.path().display());
    let server = setup.set("CAPTURE_MAX_FILE_MIB", 1).set("CAPTURE_MAX_FILES", 2).start();
    server.register(code(1));
    let mut pile = Wire::dial(server.piles);
    pile.log_in(code(1));
    let reports = unheard_of();
    while (pile.said.len() as u64) < 5 * MIB / 2 {
        pile.say(&reports);
    }
    let (said, _) = pile.hang_up();
    let piles = server.piles;
    server.stop();
    let files = files(directory.path());
    assert_eq!(files.len(), 2);
    assert!(files.iter().all(|(_, file)| file.len() as u64 <= MIB));
    let kept: Vec<u8> = files.iter().flat_map(|(_, file)| read(file, piles)).flat_map(|heard| heard.said).collect();
    assert!(said.ends_with(&kept) && kept.len() as u64 > MIB, "{}", kept.len());
}

#[test]
fn a_directory_that_cannot_be_written_disturbs_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let in_the_way = directory.path().join("captures");
    fs::write(&in_the_way, "a file where a directory should be").unwrap();
    let server = Setup::new().data_dir(directory.path()).set("CAPTURE_DIRECTORY", in_the_way.display()).start();
    let line = server.process.logged("the capture of everything has stopped");
    assert!(line.contains("ERROR") && line.contains("captures"), "{line}");
    server.pile(code(1)).beat();
    // Captures of single piles are to go there as well.
    let refused = server.api.post(&format!("piles/{}/capture", code(1)), &json!({}));
    assert_eq!(refused.problem(503), "unavailable");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(server.api.get(&format!("piles/{}/capture", code(1))).problem(404), "not-found");
    assert_eq!(server.api.metric("captures_ended_total{reason=\"disk_failed\"}"), 2);
    assert_eq!(server.api.metric("captures"), 0);
}

#[test]
fn a_pile_is_captured_from_before_its_login_and_over_its_reconnects() {
    let server = Server::start();
    server.register(code(1));
    let id = start(&server.api, code(1), &json!({"seconds": 600, "max_mib": 10}));
    let mut other = server.pile(code(2));
    let mut first = Wire::dial(server.piles);
    first.say(b"junk first");
    first.log_in(code(1));
    let first = first.hang_up();
    let mut second = Wire::dial(server.piles);
    second.log_in(code(1));
    other.beat();
    let path = format!("piles/{}/capture", code(1));
    assert_eq!(server.api.get(&path).ok()["id"], json!(id));
    let stopped = stop(&server.api, code(1));
    assert_eq!((&stopped["state"], &stopped["ending"]), (&json!("ended"), &json!("stopped")));
    assert_eq!((server.api.get(&path).status, server.api.delete(&path).status), (404, 404));
    second.say(&frame([3, 0], heartbeat(code(1))));
    second.listen(Some(0x04));
    assert_eq!(captures(&server.api, code(1)), std::slice::from_ref(&stopped));
    let file = format!("piles/{}/captures/{id}", code(1));
    let (answer, bytes) = server.api.download(&file);
    assert_eq!(stopped["bytes"], json!(bytes.len()));
    assert_eq!(answer.header("content-type"), Some("application/vnd.tcpdump.pcap"));
    let name = answer.header("content-disposition").unwrap();
    assert!(name.starts_with(&format!("attachment; filename=\"voltapile-{}-2", code(1))), "{name}");
    assert!(name.ends_with("Z.pcapng\""), "{name}");
    let heard = read(&bytes, server.piles);
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert_eq!((&heard[0].said, &heard[0].answered, heard[0].end), (&first.0, &first.1, Some(End::Finished)));
    // Stopped in the middle of the second: its last heartbeat came later.
    assert!(second.said.starts_with(&heard[1].said) && second.said.len() > heard[1].said.len());
    assert!(second.heard.starts_with(&heard[1].answered) && !heard[1].answered.is_empty());
    assert_eq!(server.api.delete(&file).status, 204);
    assert_eq!(server.api.get(&file).problem(404), "not-found");
    let deeds: Vec<Value> = server.api.items("audit").iter().map(|entry| entry["action"].clone()).collect();
    let of_captures: Vec<&str> =
        deeds.iter().filter_map(Value::as_str).filter(|deed| deed.starts_with("cap")).collect();
    assert_eq!(of_captures, ["capture.remove", "capture.download", "capture.stop", "capture.start"]);
}

#[test]
fn a_capture_begins_in_the_middle_of_a_line_and_shows_why_a_pile_is_refused() {
    let server = Server::start();
    server.register(code(1));
    let mut pile = Wire::dial(server.piles);
    pile.log_in(code(1));
    let before = pile.said.len();
    let id = start(&server.api, code(1), &json!({"max_mib": 1}));
    pile.say(&frame([3, 0], heartbeat(code(1))));
    pile.listen(Some(0x04));
    // As far as it has come; what passed is in the file within a second.
    let path = format!("piles/{}/captures/{id}", code(1));
    let heard = eventually("the heartbeat in the file of a capture that runs", || {
        read(&server.api.download(&path).1, server.piles).into_iter().next()
    });
    assert_eq!((heard.known, heard.said.as_slice()), (Known::Ports, &pile.said[before..]));
    server.api.put(&format!("piles/{}", code(1)), &json!({"enabled": false})).ok();
    pile.listen(None);
    let mut refused = Wire::dial(server.piles);
    refused.say(&frame([1, 0], login(code(1))));
    refused.listen(Some(0x02));
    let (said, answered) = refused.hang_up();
    eventually("the end of the refused line", || (server.api.metric("connections") == 0).then_some(()));
    stop(&server.api, code(1));
    let heard = read(&server.api.download(&path).1, server.piles);
    assert_eq!((&heard[1].said, &heard[1].answered), (&said, &answered));
}

#[test]
fn a_capture_ends_by_itself() {
    let server = Server::start();
    server.register(code(1));
    let mut pile = Wire::dial(server.piles);
    pile.log_in(code(1));
    start(&server.api, code(1), &json!({"seconds": 1}));
    let ended = eventually("the end of a capture of one second", || {
        captures(&server.api, code(1)).into_iter().find(|capture| capture["state"] == "ended")
    });
    assert_eq!(ended["ending"], "time");
    let id = start(&server.api, code(1), &json!({"seconds": 600, "max_mib": 1}));
    let reports = unheard_of();
    while (pile.said.len() as u64) < 3 * MIB / 2 {
        pile.say(&reports);
    }
    let ended = eventually("the end of a capture of one MiB", || {
        let newest = captures(&server.api, code(1)).remove(0);
        (newest["state"] == "ended").then_some(newest)
    });
    assert_eq!((&ended["ending"], &ended["id"]), (&json!("size"), &json!(id)));
    let bytes = server.api.download(&format!("piles/{}/captures/{id}", code(1))).1;
    assert!(bytes.len() as u64 <= MIB && bytes.len() as u64 > MIB / 2, "{}", bytes.len());
    let reported = reports.repeat(MIB as usize / reports.len());
    assert!(reported.starts_with(&read(&bytes, server.piles)[0].said), "whole reports, from the first on");
}

#[test]
fn who_may_capture_what() {
    let server = Setup::new().set("CAPTURE_PILES_AT_ONCE", 1).set("CAPTURE_PILES_MIB", 50).start();
    let api = &server.api;
    for operator in ["east", "west"] {
        api.put(&format!("operators/{operator}"), &json!({"name": operator})).ok();
        api.put(&format!("stations/{operator}"), &json!({"name": operator, "operator": operator})).ok();
    }
    api.put(&format!("piles/{}", code(1)), &json!({"station": "east"})).ok();
    api.put(&format!("piles/{}", code(2)), &json!({"station": "west"})).ok();
    let token = |scopes: Value| {
        let made = api.post("tokens", &json!({"name": "t", "operator": "east", "scopes": scopes})).ok();
        api.with_token(made["token"].as_str().unwrap())
    };
    let (operates, reads) = (token(json!(["read", "operate"])), token(json!(["read"])));
    let (own, others) = (format!("piles/{}/capture", code(1)), format!("piles/{}/capture", code(2)));
    assert_eq!(reads.post(&own, &json!({})).problem(403), "insufficient-scope");
    assert_eq!(operates.post(&others, &json!({})).problem(404), "not-found");
    assert_eq!(api.post(&own, &json!({"seconds": 0})).problem(400), "invalid-body");
    assert_eq!(api.post(&own, &json!({"max_mib": 51})).problem(409), "no-room-for-capture");
    assert_eq!(api.act(&own).status, 201, "all of it may be left out");
    assert_eq!(operates.post(&own, &json!({})).problem(409), "capture-running");
    assert_eq!(api.post(&others, &json!({})).problem(409), "too-many-captures");
    let id = stop(&operates, code(1))["id"].as_u64().unwrap();
    let id_of_others = {
        let id = start(api, code(2), &json!({}));
        stop(api, code(2));
        id
    };
    assert_eq!(captures(&reads, code(1)).len(), 1);
    assert!(!reads.download(&format!("{own}s/{id}")).1.is_empty());
    assert_eq!(reads.delete(&format!("{own}s/{id}")).problem(403), "insufficient-scope");
    for path in [others.clone(), format!("{others}s"), format!("{others}s/{id_of_others}")] {
        assert_eq!(operates.get(&path).problem(404), "not-found", "{path}");
    }
    for path in [others.clone(), format!("{others}s/{id_of_others}")] {
        assert_eq!(operates.delete(&path).problem(404), "not-found", "{path}");
    }
    // Under a key a capture starts once, whatever became of it.
    let first = api.post_once("one", &own, &json!({})).ok();
    let again = api.post_once("one", &own, &json!({}));
    assert_eq!((&again.ok()["id"], again.header("idempotent-replayed")), (&first["id"], Some("true")));
    stop(api, code(1));
    assert_eq!(api.post_once("one", &own, &json!({})).ok()["state"], "ended");
    // Removing what runs stops it.
    let id = start(api, code(1), &json!({}));
    assert_eq!(operates.delete(&format!("{own}s/{id}")).status, 204);
    assert_eq!((api.get(&own).status, api.get(&format!("{own}s/{id}")).status), (404, 404));
}

#[test]
fn a_kill_leaves_files_that_can_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let all = directory.path().join("all");
    let setup = || Setup::new().data_dir(directory.path()).set("CAPTURE_DIRECTORY", all.display());
    let server = setup().start();
    server.register(code(1));
    let id = start(&server.api, code(1), &json!({}));
    let mut pile = Wire::dial(server.piles);
    pile.log_in(code(1));
    let piles = server.piles;
    let of_pile = directory.path().join(format!("captures/{}/{id}.pcapng", code(1)));
    eventually("both files on the disk", || {
        let whole = |file: &[u8]| read(file, piles).first().is_some_and(|heard| heard.answered == pile.heard);
        (whole(&files(&all)[0].1) && whole(&fs::read(&of_pile).unwrap())).then_some(())
    });
    server.process.kill();
    let (all_heard, heard) = (read(&files(&all)[0].1, piles), read(&fs::read(&of_pile).unwrap(), piles));
    assert_eq!((&all_heard[0].said, &heard[0].said), (&pile.said, &pile.said));
    let server = setup().start();
    let kept = captures(&server.api, code(1));
    assert_eq!((&kept[0]["id"], &kept[0]["ending"]), (&json!(id), &json!("server_stopped")));
    server.stop();
    assert_eq!(files(&all).len(), 2);
}

#[test]
fn behind_a_load_balancer_the_capture_is_the_piles_own() {
    let server = Setup::new().flag("--proxy-protocol").start();
    server.register(code(1));
    let id = start(&server.api, code(1), &json!({}));
    let mut pile = Wire::dial(server.piles);
    let addresses = [203, 0, 113, 9, 10, 0, 0, 1, 0x12, 0x34, 0x22, 0x40];
    pile.stream.write_all(&[b"\r\n\r\n\0\r\nQUIT\n".as_slice(), &[0x21, 0x11, 0, 12], &addresses].concat()).unwrap();
    pile.log_in(code(1));
    stop(&server.api, code(1));
    let heard = read(&server.api.download(&format!("piles/{}/captures/{id}", code(1))).1, server.piles);
    assert_eq!(heard[0].client.to_string(), "203.0.113.9:4660");
    assert_eq!((&heard[0].said, heard[0].missing), (&pile.said, 0));
}

#[test]
fn a_line_that_operators_share_is_in_nobodys_capture() {
    let server = Server::start();
    for operator in ["east", "west"] {
        server.api.put(&format!("operators/{operator}"), &json!({"name": operator})).ok();
        server.api.put(&format!("stations/{operator}"), &json!({"name": operator, "operator": operator})).ok();
    }
    for (pile, station) in [(1, "east"), (2, "west"), (3, "east"), (4, "east")] {
        server.api.put(&format!("piles/{}", code(pile)), &json!({"station": station})).ok();
    }
    let captured = |one, other| {
        let id = start(&server.api, code(one), &json!({}));
        let mut line = Wire::dial(server.piles);
        line.log_in(code(one));
        let alone = line.said.len();
        line.log_in(code(other));
        stop(&server.api, code(one));
        let bytes = server.api.download(&format!("piles/{}/captures/{id}", code(one))).1;
        let said = read(&bytes, server.piles).remove(0).said;
        assert!(line.said.starts_with(&said));
        (said.len() - alone, line.said.len() - alone)
    };
    let (of_others, _) = captured(1, 2);
    assert_eq!(of_others, 0);
    let (of_own, all) = captured(3, 4);
    assert_eq!(of_own, all);
}
