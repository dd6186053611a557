//! Every link type, and what may stand between it and TCP.

use proptest::prelude::*;
use voltapile_capture::read::{Skipped, segment};

use super::builder::Sent;

fn sent(v6: bool) -> Sent {
    let (from, to) =
        if v6 { ("[2001:db8::1]:40000", "[2001:db8::2]:8767") } else { ("10.0.0.1:40000", "10.0.0.2:8767") };
    Sent::new(from.parse().unwrap(), to.parse().unwrap(), 7, b"hello")
}

/// What stands before IP on each kind of line, by its ether type.
fn heads(ether_type: [u8; 2]) -> Vec<(u16, Vec<u8>)> {
    let ethernet = |between: &[&[u8]]| [&[0x11; 12][..], &between.concat(), &ether_type].concat();
    vec![
        (1, ethernet(&[])),
        (1, ethernet(&[&[0x81, 0x00, 0x00, 0x05]])),
        (1, ethernet(&[&[0x88, 0xA8, 0x00, 0x05], &[0x81, 0x00, 0x00, 0x06]])),
        (113, [&[0, 4, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0][..], &ether_type].concat()),
        (276, [&ether_type[..], &[0; 18]].concat()),
        (0, vec![2, 0, 0, 0]),
        (108, vec![0, 0, 0, 24]),
        (101, Vec::new()),
        (12, Vec::new()),
        (228, Vec::new()),
        (229, Vec::new()),
    ]
}

#[test]
fn segments_are_found_behind_every_head() {
    for v6 in [false, true] {
        let sent = sent(v6);
        let ether_type = if v6 { [0x86, 0xDD] } else { [0x08, 0x00] };
        for (link, head) in heads(ether_type) {
            let padded = [&head[..], &sent.ip(), &[0; 6]].concat();
            let found = segment(link, &padded).unwrap_or_else(|error| panic!("link {link}: {error}"));
            assert_eq!((found.source, found.destination), (sent.from, sent.to), "link {link}");
            assert_eq!((found.payload, found.sequence, found.cut), (&b"hello"[..], 7, 0), "link {link}");
            assert_eq!(&padded[found.places.payload.clone()], b"hello");
            assert_eq!(found.places.ip.start, head.len());
        }
    }
}

#[test]
fn extension_headers_are_passed_over() {
    let mut packet = sent(true).ip();
    // Hop-by-hop options and a routing header before TCP.
    let extensions = [0x2B, 0, 1, 4, 0, 0, 0, 0, 0x06, 0, 0, 0, 0, 0, 0, 0];
    packet[6] = 0;
    packet[5] += extensions.len() as u8;
    packet.splice(40..40, extensions);
    assert_eq!(segment(229, &packet).unwrap().payload, b"hello");
}

#[test]
fn what_the_capture_cut_is_counted() {
    for v6 in [false, true] {
        let whole = sent(v6).ip();
        let found = segment(101, &whole[..whole.len() - 3]).unwrap();
        assert_eq!((found.payload, found.cut), (&b"he"[..], 3));
        assert_eq!(segment(101, &whole[..whole.len() - 20]), Err(Skipped::Cut));
    }
}

#[test]
fn what_is_left_out_says_why() {
    let mut fragment = sent(false).ip();
    fragment[6] = 0x20;
    assert_eq!(segment(101, &fragment), Err(Skipped::Fragment));
    let mut udp = Vec::new();
    let builder = etherparse::PacketBuilder::ipv4([1; 4], [2; 4], 9).udp(1, 2);
    builder.write(&mut udp, b"x").unwrap();
    assert_eq!(segment(101, &udp), Err(Skipped::NotTcp));
    assert_eq!(segment(1, &[0; 5]), Err(Skipped::Cut));
    assert_eq!(segment(195, &sent(false).ip()), Err(Skipped::Link(195)));
    assert_eq!(segment(101, &[0xF0; 40]), Err(Skipped::Malformed));
    let arp = [&[0x11; 12][..], &[0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1], &[0; 20]].concat();
    assert_eq!(segment(1, &arp), Err(Skipped::NotTcp));
}

proptest! {
    #[test]
    fn any_packet_is_looked_at_without_panic(
        link in prop::sample::select(vec![0_u16, 1, 101, 108, 113, 228, 229, 276, 9]),
        data in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        if let Ok(found) = segment(link, &data) {
            prop_assert_eq!(&data[found.places.payload.clone()], found.payload);
        }
    }

    #[test]
    fn a_damaged_packet_is_looked_at_without_panic(v6: bool, at in 0_usize..80, byte: u8) {
        let mut data = sent(v6).ip();
        if let Some(place) = data.get_mut(at) {
            *place = byte;
        }
        let _ = segment(101, &data);
    }
}
