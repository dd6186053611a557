//! Lines, files and their bounds, read back as anybody would.

use std::fs;
use std::path::Path;

use voltapile_capture::Side;
use voltapile_capture::read::{Assembler, Content, End, Event, Known, Limits, Records};

use super::*;

const MIB: u64 = 1024 * 1024;

/// A conversation as it stands in a file.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    pile: Vec<u8>,
    server: Vec<u8>,
    /// Bytes that are missing.
    gaps: u64,
    known: Option<Known>,
    end: Option<End>,
}

/// Who is on a line in these tests.
#[derive(Default)]
struct Crew {
    piles: Vec<PileCode>,
    owners: Vec<&'static str>,
}

impl Aboard for Crew {
    fn piles(&self) -> impl Iterator<Item = PileCode> {
        self.piles.iter().copied()
    }

    fn have_one_operator(&self) -> bool {
        self.owners.iter().all(|owner| owner == &self.owners[0])
    }
}

fn nobody() -> Crew {
    Crew::default()
}

fn crew(piles: &[(&str, &'static str)]) -> Crew {
    let owners = piles.iter().map(|(_, owner)| *owner).collect();
    Crew { piles: piles.iter().map(|(code, _)| PileCode::new(code).unwrap()).collect(), owners }
}

fn pile() -> PileCode {
    PileCode::new("32010600213533").unwrap()
}

fn ends() -> Ends {
    Ends { client: "10.0.0.7:40000".parse().unwrap(), server: "192.0.2.1:8768".parse().unwrap() }
}

fn admin() -> String {
    "admin".to_owned()
}

fn extent() -> Extent {
    Extent { time: Duration::from_secs(600), bytes: MIB }
}

fn settings(directory: &Path) -> CaptureSettings {
    CaptureSettings {
        directory: None,
        file_bytes: MIB,
        file_age: Duration::from_secs(3600),
        files: 3,
        shelf: directory.join("captures"),
        piles_at_once: 2,
        shelf_bytes: 4 * MIB,
        shelf_age: Duration::from_secs(24 * 3600),
    }
}

fn captures(settings: CaptureSettings) -> Captures {
    let captures = Captures::new(settings, Clock::new(8), Arc::default());
    captures.begin();
    captures
}

/// What anybody who opens the file is told.
fn read(file: &[u8]) -> Vec<Heard> {
    let mut heard: Vec<Heard> = Vec::new();
    let mut on_event = |event: Event<'_>| match event {
        Event::Opened(opened) => heard.push(Heard { known: Some(opened.known), ..Heard::default() }),
        Event::Flight(flight) => {
            let heard = &mut heard[flight.conversation - 1];
            heard.gaps += flight.gap;
            match flight.side {
                Side::Client => heard.pile.extend_from_slice(flight.bytes),
                Side::Server => heard.server.extend_from_slice(flight.bytes),
            }
        }
        Event::Closed { conversation, end, .. } => heard[conversation - 1].end = Some(end),
        Event::Repeated(_) | Event::Problem { .. } => {}
    };
    let mut assembler = Assembler::new(Limits::default());
    for record in Records::new(file) {
        if let Content::Packet(packet) = record.unwrap().content {
            assembler.packet(&packet, &mut on_event);
        }
    }
    assembler.finish(&mut on_event);
    heard
}

fn file_of(captures: &Captures, id: CaptureId) -> Vec<u8> {
    use std::io::Read;
    let mut bytes = Vec::new();
    captures.open(pile(), id).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// Names of files in a directory, sorted.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_capture_has_what_passed_before_the_login_told_whose_line_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let captures = captures(settings(directory.path()));
    assert!(!captures.is_on());
    let id = captures.reserve(pile(), extent(), admin()).unwrap().begin(&captures).await.unwrap().id;
    assert!(captures.is_on());
    let (aboard, other) = (crew(&[("32010600213533", "east")]), crew(&[("1", "east")]));
    let mut line = captures.line_begins(ends());
    line.passed(&captures, &nobody(), Side::Client, b"half a ");
    line.passed(&captures, &aboard, Side::Client, b"login");
    line.passed(&captures, &aboard, Side::Server, b"welcome");
    line.closed(&captures, "closed_by_pile");
    let mut stranger = captures.line_begins(ends());
    stranger.passed(&captures, &other, Side::Client, b"nothing of this");
    // Under way when the capture began: its begin is not in the file.
    let mut found = captures.line_found(Ends { client: "10.0.0.8:40001".parse().unwrap(), ..ends() });
    found.passed(&captures, &aboard, Side::Server, b"go on");
    let running = captures.of_pile(pile()).unwrap();
    captures.stop(id).await;
    assert!(!captures.is_on() && captures.of_pile(pile()).is_none());
    let whole = Heard {
        pile: b"half a login".to_vec(),
        server: b"welcome".to_vec(),
        known: Some(Known::Handshake),
        end: Some(End::Finished),
        ..Heard::default()
    };
    let middle =
        Heard { server: b"go on".to_vec(), known: Some(Known::Ports), end: Some(End::Capture), ..Heard::default() };
    assert_eq!(read(&file_of(&captures, id)), [whole, middle]);
    let kept = captures.find(pile(), id).unwrap();
    assert_eq!((kept.ending, kept.bytes), (Ending::Stopped, running.written()));
}

#[tokio::test]
async fn what_finds_no_room_is_a_gap_and_counted() {
    let directory = tempfile::tempdir().unwrap();
    let captures = captures(settings(directory.path()));
    let id = captures.reserve(pile(), extent(), admin()).unwrap().begin(&captures).await.unwrap().id;
    let aboard = crew(&[("32010600213533", "east")]);
    let mut line = captures.line_begins(ends());
    line.passed(&captures, &aboard, Side::Client, b"one");
    captures.shared.waiting.fetch_add(word::WAITING_MAX, Relaxed);
    line.passed(&captures, &aboard, Side::Client, b"two");
    line.passed(&captures, &aboard, Side::Server, b"zwei");
    captures.shared.waiting.fetch_sub(word::WAITING_MAX, Relaxed);
    line.passed(&captures, &aboard, Side::Client, b"three");
    captures.stop(id).await;
    let heard = read(&file_of(&captures, id));
    assert_eq!((heard[0].pile.as_slice(), heard[0].gaps), (b"onethree".as_slice(), 3 + 4));
    assert_eq!(captures.shared.metrics.capture_bytes_dropped.load(Relaxed), 7);
    assert_eq!(captures.shared.waiting.load(Relaxed), 0, "what was taken from the queue makes room");
}

#[tokio::test]
async fn a_capture_ends_when_it_is_as_large_as_was_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let captures = captures(settings(directory.path()));
    let id = captures.reserve(pile(), extent(), admin()).unwrap().begin(&captures).await.unwrap().id;
    let mut line = captures.line_begins(ends());
    for _ in 0..80 {
        line.passed(&captures, &crew(&[("32010600213533", "east")]), Side::Client, &[0x68; 16 * 1024]);
    }
    // Whoever stops it comes too late, and hears so when all before it has been written.
    captures.stop(id).await;
    let kept = captures.find(pile(), id).unwrap();
    assert_eq!(kept.ending, Ending::Size);
    assert!((MIB - 64 * 1024..=MIB).contains(&kept.bytes), "{}", kept.bytes);
    assert!(captures.of_pile(pile()).is_none() && !captures.is_on());
}

#[tokio::test]
async fn a_line_that_operators_share_is_in_nobodys_capture() {
    let directory = tempfile::tempdir().unwrap();
    let captures = captures(settings(directory.path()));
    let id = captures.reserve(pile(), extent(), admin()).unwrap().begin(&captures).await.unwrap().id;
    let shared_with_west = crew(&[("32010600213533", "east"), ("2", "west")]);
    let shared_with_own = crew(&[("32010600213533", "east"), ("3", "east")]);
    let mut line = captures.line_begins(ends());
    line.passed(&captures, &nobody(), Side::Client, b"login of both, ");
    line.passed(&captures, &shared_with_west, Side::Client, b"secret");
    captures.line_found(ends()).passed(&captures, &shared_with_own, Side::Client, b"open");
    captures.stop(id).await;
    let heard = read(&file_of(&captures, id));
    assert_eq!(heard.iter().map(|heard| heard.pile.as_slice()).collect::<Vec<_>>(), [b"open"]);
}

#[tokio::test]
async fn captures_are_bounded_in_number_and_in_size() {
    let directory = tempfile::tempdir().unwrap();
    let captures = captures(settings(directory.path()));
    let other = |number: u32| PileCode::new(&number.to_string()).unwrap();
    let large = Extent { bytes: 3 * MIB, ..extent() };
    let first = captures.reserve(pile(), large, admin()).unwrap();
    assert_eq!(captures.reserve(pile(), extent(), admin()).unwrap_err(), CannotStart::Running);
    assert_eq!(captures.reserve(other(1), large, admin()).unwrap_err(), CannotStart::NoRoom);
    let second = captures.reserve(other(1), extent(), admin()).unwrap();
    assert_eq!(captures.reserve(other(2), extent(), admin()).unwrap_err(), CannotStart::TooMany(2));
    // A place that is not used is free again.
    drop(second);
    let third = captures.reserve(other(2), extent(), admin()).unwrap();
    assert_ne!(first.id(), third.id());
}

#[tokio::test]
async fn the_oldest_captures_make_room() {
    let directory = tempfile::tempdir().unwrap();
    let captures = captures(settings(directory.path()));
    let aboard = crew(&[("32010600213533", "east")]);
    let mut ids = Vec::new();
    for _ in 0..3 {
        let place = captures.reserve(pile(), Extent { bytes: 2 * MIB, ..extent() }, admin()).unwrap();
        ids.push(place.begin(&captures).await.unwrap().id);
        captures.line_begins(ends()).passed(&captures, &aboard, Side::Client, &vec![0; 3 * MIB as usize / 2]);
        captures.stop(ids[ids.len() - 1]).await;
    }
    let kept: Vec<CaptureId> = captures.kept(pile()).iter().map(|kept| kept.id).collect();
    assert_eq!(kept, [ids[2], ids[1]], "4 MiB hold one of 1.5 MiB besides one that may become 2 MiB");
    captures.remove(pile(), ids[1]).unwrap();
    captures.remove(pile(), ids[2]).unwrap();
    assert!(!captures.has_any(pile()));
}

#[tokio::test]
async fn everything_goes_into_files_that_follow_each_other_and_the_oldest_go() {
    let directory = tempfile::tempdir().unwrap();
    let all = directory.path().join("all");
    fs::create_dir(&all).unwrap();
    fs::write(all.join("voltapile-20000101T000000Z-0001.pcapng"), "of an earlier run").unwrap();
    for name in ["notes.txt", "voltapile-32010600213533-20000101T000000Z.pcapng"] {
        fs::write(all.join(name), "not ours").unwrap();
    }
    let captures = captures(CaptureSettings { directory: Some(all.clone()), ..settings(directory.path()) });
    let aboard = crew(&[("32010600213533", "east")]);
    let mut line = captures.line_begins(ends());
    let said: Vec<u8> = (0..5 * MIB).map(|number| (number % 251) as u8).collect();
    for bytes in said.chunks(16 * 1024) {
        line.passed(&captures, &aboard, Side::Client, bytes);
    }
    line.closed(&captures, "reset_by_pile");
    captures.close().await;
    let names = names(&all);
    let [notes, ours @ .., of_a_pile] = names.as_slice() else { panic!("{names:?}") };
    assert_eq!((notes.as_str(), ours.len()), ("notes.txt", 3), "{names:?}");
    assert!(of_a_pile.starts_with("voltapile-32010600213533"));
    let files: Vec<Vec<u8>> = ours.iter().map(|name| fs::read(all.join(name)).unwrap()).collect();
    assert!(files.iter().all(|file| file.len() as u64 <= MIB));
    let heard: Vec<Heard> = files.iter().flat_map(|file| read(file)).collect();
    let bytes: Vec<u8> = heard.iter().flat_map(|heard| heard.pile.clone()).collect();
    assert!(said.ends_with(&bytes) && bytes.len() as u64 > 2 * MIB, "{}", bytes.len());
    assert_eq!(heard[2].end, Some(End::Reset(Side::Client)));
}

#[tokio::test]
async fn a_disk_that_fails_ends_a_capture_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let in_the_way = directory.path().join("captures");
    fs::write(&in_the_way, "a file where a directory should be").unwrap();
    let captures = captures(CaptureSettings { directory: Some(in_the_way), ..settings(directory.path()) });
    assert!(captures.reserve(pile(), extent(), admin()).unwrap().begin(&captures).await.is_err());
    assert!(!captures.is_on() && captures.of_pile(pile()).is_none());
    let failed = captures.shared.metrics.captures_ended.all();
    assert_eq!(failed.get(Ending::DiskFailed.name()), Some(&2));
    let mut line = captures.line_begins(ends());
    line.passed(&captures, &nobody(), Side::Client, b"served all the same");
    line.closed(&captures, "closed_by_pile");
    captures.close().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nothing_is_left_of_a_capture_that_a_full_disk_refused() {
    let directory = tempfile::tempdir().unwrap();
    let captures = captures(settings(directory.path()));
    let place = captures.reserve(pile(), extent(), admin()).unwrap();
    let of_pile = captures.shared.settings.shelf.join(pile().as_str());
    fs::create_dir_all(&of_pile).unwrap();
    std::os::unix::fs::symlink("/dev/full", of_pile.join(format!("{}.json", place.id()))).unwrap();
    assert_eq!(place.begin(&captures).await.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    assert!(!captures.has_any(pile()) && captures.of_pile(pile()).is_none());
    assert!(captures.reserve(pile(), extent(), admin()).is_ok(), "its place is free again");
    captures.close().await;
}
