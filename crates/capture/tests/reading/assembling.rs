//! Conversations: who is who, where they begin and end, and what happens to segments on the way.

use voltapile_capture::Side;
use voltapile_capture::read::{End, Known, Limits, Problem};

use super::builder::{Sent, Told, assemble, assemble_at, said};

const PILE: &str = "10.1.0.7:51000";
const PLATFORM: &str = "10.0.0.1:8767";

fn up(sequence: u32, payload: &[u8]) -> Sent {
    Sent::new(PILE.parse().unwrap(), PLATFORM.parse().unwrap(), sequence, payload)
}

fn down(sequence: u32, payload: &[u8]) -> Sent {
    Sent::new(PLATFORM.parse().unwrap(), PILE.parse().unwrap(), sequence, payload)
}

fn handshake(client: u32, server: u32) -> Vec<Sent> {
    vec![
        up(client, b"").flags("S"),
        down(server, b"").flags("S").acknowledging(client.wrapping_add(1)),
        up(client.wrapping_add(1), b"").acknowledging(server.wrapping_add(1)),
    ]
}

fn packets(sent: &[Sent]) -> Vec<Vec<u8>> {
    sent.iter().map(Sent::ip).collect()
}

fn ends(told: &[Told]) -> Vec<(usize, End)> {
    told.iter()
        .filter_map(|one| if let Told::Closed(number, end) = one { Some((*number, *end)) } else { None })
        .collect()
}

fn gaps(told: &[Told]) -> Vec<(Side, u64)> {
    told.iter()
        .filter_map(|one| match one {
            Told::Problem(Problem::Gap { side, bytes, .. }) => Some((*side, *bytes)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_whole_conversation_is_told_from_begin_to_end() {
    let mut sent = handshake(1000, u32::MAX - 2);
    sent.extend([
        up(1001, b"login"),
        down(u32::MAX - 1, b"welcome").acknowledging(1006),
        up(1006, b"").flags("F").acknowledging(5),
        down(5, b"").flags("F").acknowledging(1007),
        up(1007, b"").acknowledging(6),
    ]);
    let (told, statistics) = assemble(&packets(&sent), Limits::default());
    let Told::Opened(opened) = &told[0] else { panic!("{told:?}") };
    assert_eq!((opened.known, opened.ends.client.to_string().as_str()), (Known::Handshake, PILE));
    assert_eq!((said(&told, 1, Side::Client), said(&told, 1, Side::Server)), (b"login".to_vec(), b"welcome".to_vec()));
    assert_eq!(ends(&told), [(1, End::Finished)]);
    assert_eq!((statistics.conversations, statistics.gaps, statistics.bytes, told.len()), (1, 0, 12, 4));
}

#[test]
fn a_reset_ends_a_conversation_and_a_new_begin_replaces_one() {
    let mut sent = handshake(1, 1);
    sent.extend([up(2, b"one"), down(2, b"").flags("R").acknowledging(5), up(5, b"after the end")]);
    sent.extend(handshake(90_000, 7));
    sent.push(up(90_001, b"two"));
    sent.push(up(90_000, b"").flags("S")); // the same begin once more
    sent.push(up(90_004, b"!"));
    sent.extend(handshake(500, 9));
    sent.push(up(501, b"three"));
    let (told, _) = assemble(&packets(&sent), Limits::default());
    assert_eq!(ends(&told), [(1, End::Reset(Side::Server)), (2, End::Replaced), (3, End::Capture)]);
    let all: Vec<Vec<u8>> = (1..4).map(|number| said(&told, number, Side::Client)).collect();
    assert_eq!(all, [b"one".to_vec(), b"two!".to_vec(), b"three".to_vec()]);
    assert!(told.contains(&Told::Again(b"after the end".to_vec())));
}

#[test]
fn a_capture_may_begin_in_the_middle() {
    let (told, _) = assemble(&packets(&[down(70, b"answer"), up(20, b"question")]), Limits::default());
    let Told::Opened(opened) = &told[0] else { panic!("{told:?}") };
    assert_eq!((opened.known, opened.ends.client.to_string().as_str()), (Known::Ports, PILE));
    assert_eq!(
        (said(&told, 1, Side::Client), said(&told, 1, Side::Server)),
        (b"question".to_vec(), b"answer".to_vec())
    );
    let alike = Sent::new("10.0.0.9:9000".parse().unwrap(), "10.0.0.8:9000".parse().unwrap(), 3, b"hi");
    let (told, _) = assemble(&packets(&[alike]), Limits::default());
    let Told::Opened(opened) = &told[0] else { panic!("{told:?}") };
    assert_eq!((opened.known, opened.ends.client.to_string().as_str()), (Known::FirstWord, "10.0.0.9:9000"));
}

#[test]
fn segments_in_any_order_give_the_same_bytes_and_the_first_counts() {
    let mut sent = handshake(u32::MAX - 3, 1);
    sent.extend([
        up(u32::MAX - 2, b"ab"),
        up(2, b"FGH"),
        up(u32::MAX, b"cde??"), // overlaps the one before, which came first
        up(u32::MAX - 2, b"ab"),
        up(4, b"?h"),
        up(6, b"ij"),
    ]);
    let (told, statistics) = assemble(&packets(&sent), Limits::default());
    assert_eq!(said(&told, 1, Side::Client), b"abcdeFGHhij");
    assert_eq!((statistics.reordered, statistics.gaps), (1, 0));
}

#[test]
fn keep_alives_say_nothing() {
    let mut sent = handshake(10, 10);
    sent.extend([up(11, b"abc"), up(13, b""), up(13, b"\0"), down(11, b"").acknowledging(14), up(14, b"d")]);
    let (told, statistics) = assemble(&packets(&sent), Limits::default());
    assert_eq!(said(&told, 1, Side::Client), b"abcd");
    assert_eq!((statistics.keep_alives, statistics.repeated), (2, 0));
}

#[test]
fn what_is_lost_is_told_and_the_rest_goes_on() {
    let mut sent = handshake(10, 10);
    sent.extend([up(11, b"abc"), up(18, b"hij"), down(11, b"x").acknowledging(21), up(21, b"k"), up(22, b"l")]);
    let bytes = packets(&sent);
    let timed: Vec<(u64, &[u8])> =
        bytes.iter().enumerate().map(|(at, packet)| (at as u64 * 600_000, packet.as_slice())).collect();
    let (told, statistics) = assemble_at(&timed, Limits::default());
    assert_eq!(said(&told, 1, Side::Client), [&b"abc"[..], &[0xB7; 4], b"hijkl"].concat());
    assert_eq!((gaps(&told), statistics.missing), (vec![(Side::Client, 4)], 4));
    // It went on before the capture ended: a second after the other side had confirmed what is missing.
    let last = told.iter().rposition(|one| matches!(one, Told::Said { bytes, .. } if bytes == b"l")).unwrap();
    assert!(told[..last].contains(&Told::Problem(Problem::Gap { conversation: 1, side: Side::Client, bytes: 4 })));
}

#[test]
fn what_only_the_other_side_has_seen_is_missing_at_the_end() {
    let mut sent = handshake(10, 10);
    sent.extend([up(11, b"abc"), down(11, b"").acknowledging(31)]);
    let (told, _) = assemble(&packets(&sent), Limits::default());
    assert_eq!(gaps(&told), [(Side::Client, 17)]);
}

#[test]
fn too_much_that_came_early_ends_the_wait() {
    let mut sent = handshake(10, 10);
    sent.push(up(11, b"a"));
    sent.extend((0..10).map(|at| up(100 + at * 100, &[b'z'; 100])));
    let limits = Limits { early_bytes: 500, ..Limits::default() };
    let (told, _) = assemble(&packets(&sent), limits);
    let Some(Told::Said { at, gap, .. }) = told.iter().find(|one| matches!(one, Told::Said { gap, .. } if *gap > 0))
    else {
        panic!("{told:?}")
    };
    assert_eq!((*gap, *at), (88, 4000), "the first that waited, with its own time");
    assert_eq!(said(&told, 1, Side::Client).len(), 1089);
}

#[test]
fn cut_packets_leave_a_gap_where_they_were_cut() {
    let mut all = packets(&handshake(10, 10));
    let cut = up(11, b"abcdef").ip();
    all.push(cut[..cut.len() - 4].to_vec());
    all.push(up(17, b"ghi").ip());
    let (told, _) = assemble(&all, Limits::default());
    assert_eq!(said(&told, 1, Side::Client), [&b"ab"[..], &[0xB7; 4], b"ghi"].concat());
}

#[test]
fn numbers_that_jump_are_taken_as_they_come() {
    let mut sent = handshake(10, 10);
    sent.extend([up(11, b"abc"), up(1 << 30, b"def"), up((1 << 30) + 3, b"ghi")]);
    let (told, _) = assemble(&packets(&sent), Limits::default());
    assert_eq!(said(&told, 1, Side::Client), b"abcdefghi");
    assert!(told.contains(&Told::Problem(Problem::Jump { conversation: 1, side: Side::Client })));
}

#[test]
fn the_most_silent_conversations_make_room() {
    let server = PLATFORM.parse().unwrap();
    let sent: Vec<Sent> = (0..40_u16)
        .map(|pile| Sent::new(format!("10.1.0.7:{}", 20_000 + pile).parse().unwrap(), server, 5, b"hello"))
        .collect();
    let (told, statistics) = assemble(&packets(&sent), Limits { conversations: 16, ..Limits::default() });
    assert_eq!(statistics.conversations, 40);
    let evicted: Vec<usize> =
        ends(&told).into_iter().filter(|(_, end)| *end == End::Evicted).map(|(number, _)| number).collect();
    assert_eq!(evicted, (1..=24).collect::<Vec<_>>());
}
