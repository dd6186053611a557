//! Whatever the network does to the packets of conversations, the conversations come out, or what is missing is told.

use std::net::SocketAddr;

use proptest::prelude::*;
use voltapile_capture::Side;
use voltapile_capture::read::Limits;

use super::builder::{Sent, Told, assemble, said};

/// What one conversation says: both sides, and the first sequence numbers.
#[derive(Debug, Clone)]
struct Talk {
    sequences: (u32, u32),
    client: Vec<u8>,
    server: Vec<u8>,
    /// How both are cut: lengths in turn.
    cuts: Vec<usize>,
    /// What happens to each segment, in turn: 0 nothing, 1 twice, 2 earlier begin, 3 longer, other later by as many.
    fates: Vec<u8>,
    begins: bool,
}

fn talk() -> impl Strategy<Value = Talk> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..2000);
    let near_the_end = prop_oneof![any::<u32>(), (0_u32..1500).prop_map(|back| u32::MAX - back)];
    (
        (near_the_end, any::<u32>()),
        bytes(),
        bytes(),
        prop::collection::vec(1_usize..400, 1..8),
        prop::collection::vec(0_u8..9, 1..16),
        any::<bool>(),
    )
        .prop_map(|(sequences, client, server, cuts, fates, begins)| Talk {
            sequences,
            client,
            server,
            cuts,
            fates,
            begins,
        })
}

fn ends(index: usize) -> (SocketAddr, SocketAddr) {
    (SocketAddr::from(([10, 1, 0, 1], 30_000 + index as u16)), SocketAddr::from(([10, 0, 0, 1], 8767)))
}

/// The segments of one side, each with how much later than its turn it is sent.
fn segments(talk: &Talk, index: usize, side: Side) -> Vec<(usize, Sent)> {
    let (client, server) = ends(index);
    let (from, to, first, all) = match side {
        Side::Client => (client, server, talk.sequences.0, &talk.client),
        Side::Server => (server, client, talk.sequences.1, &talk.server),
    };
    let mut sent = Vec::new();
    let mut at = 0;
    let segment = |begin: usize, end: usize| {
        Sent::new(from, to, first.wrapping_add(1 + begin as u32), &all[begin..end.min(all.len())])
    };
    for (turn, (length, fate)) in talk.cuts.iter().cycle().zip(talk.fates.iter().cycle()).enumerate() {
        if at >= all.len() {
            break;
        }
        let end = at + length;
        // Where the begin of the connection is not there, the first segment says where the conversation begins.
        let fate = if turn == 0 && !talk.begins { 0 } else { *fate };
        match fate {
            1 => sent.extend([(turn, segment(at, end)), (turn + 2, segment(at, end))]),
            2 => sent.push((turn, segment(at.saturating_sub(7), end))),
            3 => sent.push((turn, segment(at, end + 50))),
            later => sent.push((turn + usize::from(later.saturating_sub(3)), segment(at, end))),
        }
        at = end;
    }
    sent
}

/// All packets of all talks, in the order of their turns.
fn packets(talks: &[Talk]) -> Vec<(usize, Sent)> {
    let mut all = Vec::new();
    for (index, talk) in talks.iter().enumerate() {
        let (client, server) = ends(index);
        if talk.begins {
            let (one, other) = talk.sequences;
            all.push((0, Sent::new(client, server, one, b"").flags("S")));
            all.push((0, Sent::new(server, client, other, b"").flags("S").acknowledging(one.wrapping_add(1))));
        }
        for side in [Side::Client, Side::Server] {
            all.extend(segments(talk, index, side).into_iter().map(|(turn, sent)| (turn + 1, sent)));
        }
    }
    all.sort_by_key(|(turn, _)| *turn);
    all
}

/// The number that a talk was given.
fn number(told: &[Told], index: usize) -> Option<usize> {
    told.iter().find_map(|one| match one {
        Told::Opened(opened) if opened.ends.client == ends(index).0 => Some(opened.conversation),
        _ => None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_however_packets_come(talks in prop::collection::vec(talk(), 1..5)) {
        let bytes: Vec<Vec<u8>> = packets(&talks).iter().map(|(_, sent)| sent.ip()).collect();
        let (told, statistics) = assemble(&bytes, Limits::default());
        prop_assert_eq!(statistics.gaps, 0);
        for (index, talk) in talks.iter().enumerate() {
            // One byte alone could as well be a question whether the other side is there.
            if let Some(number) = number(&told, index).filter(|_| talk.begins) {
                prop_assert_eq!(&said(&told, number, Side::Client), &talk.client);
                prop_assert_eq!(&said(&told, number, Side::Server), &talk.server);
            }
        }
    }

    #[test]
    fn what_is_dropped_is_told(mut talk in talk(), dropped in prop::collection::vec(any::<bool>(), 1..24)) {
        talk.begins = true;
        let all = packets(&[talk.clone()]);
        let kept = all.iter().enumerate().filter(|(at, _)| *at < 2 || !dropped[at % dropped.len()]);
        let bytes: Vec<Vec<u8>> = kept.map(|(_, (_, sent))| sent.ip()).collect();
        let (told, statistics) = assemble(&bytes, Limits::default());
        let mut missing = 0;
        for one in &told {
            let Told::Said { side, gap, position, bytes, .. } = one else { continue };
            let whole = if *side == Side::Client { &talk.client } else { &talk.server };
            let begin = *position as usize;
            prop_assert_eq!(&whole[begin..begin + bytes.len()], bytes.as_slice());
            missing += gap;
        }
        prop_assert_eq!(statistics.missing, missing);
        for side in [Side::Client, Side::Server] {
            let whole = if side == Side::Client { &talk.client } else { &talk.server };
            let said = said(&told, 1, side);
            prop_assert!(said.len() <= whole.len());
            prop_assert!(said.iter().zip(whole).all(|(said, byte)| *said == 0xB7 || said == byte));
        }
    }

    #[test]
    fn any_packets_are_assembled_without_panic(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..20),
        heads in prop::collection::vec((any::<u32>(), 0_usize..4, any::<bool>()), 0..20),
    ) {
        let mut all = packets;
        for (sequence, flags, down) in heads {
            let (client, server) = ends(0);
            let (from, to) = if down { (server, client) } else { (client, server) };
            let sent = Sent::new(from, to, sequence, b"some bytes").flags(["", "S", "F", "R"][flags]);
            all.push(sent.acknowledging(sequence.rotate_left(7)).ip());
        }
        let (_, statistics) = assemble(&all, Limits { early_bytes: 100, conversations: 2 });
        prop_assert_eq!(statistics.packets, all.len() as u64);
    }
}
