//! Reads back what was written, packet by packet.

use std::net::{IpAddr, SocketAddr};

use etherparse::{NetSlice, SlicedPacket, TcpSlice, TransportSlice};
use pcap_file::pcapng::{Block, PcapNgReader};
use proptest::prelude::*;

use super::*;
use crate::Ends;
use crate::read::{Assembler, Content, Event, Limits, Records};

const AT: Timestamp = Timestamp(1_795_224_600_123_456);

/// What matters of a packet.
#[derive(Debug, PartialEq)]
struct Seen {
    at: u64,
    from: String,
    to: String,
    /// Relative to the side's first.
    sequence: u32,
    acknowledged: u32,
    flags: String,
    payload: Vec<u8>,
    comment: Option<String>,
}

fn ends(client: &str, server: &str) -> Ends {
    Ends { client: client.parse().unwrap(), server: server.parse().unwrap() }
}

fn flags(tcp: &TcpSlice) -> String {
    let all = [(tcp.syn(), "S"), (tcp.fin(), "F"), (tcp.rst(), "R"), (tcp.psh(), "P"), (tcp.ack(), ".")];
    all.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name).collect()
}

/// Addresses of a packet whose checksums hold.
fn addresses(net: &NetSlice, tcp: &TcpSlice) -> (SocketAddr, SocketAddr) {
    let (from, to): (IpAddr, IpAddr) = match net {
        NetSlice::Ipv4(ip) => {
            let header = ip.header();
            assert_eq!(header.header_checksum(), header.to_header().calc_header_checksum());
            let expected = tcp.calc_checksum_ipv4(header.source(), header.destination()).unwrap();
            assert_eq!(tcp.checksum(), expected);
            (header.source_addr().into(), header.destination_addr().into())
        }
        NetSlice::Ipv6(ip) => {
            let header = ip.header();
            let expected = tcp.calc_checksum_ipv6(header.source(), header.destination()).unwrap();
            assert_eq!(tcp.checksum(), expected);
            (header.source_addr().into(), header.destination_addr().into())
        }
        other => panic!("{other:?}"),
    };
    (SocketAddr::new(from, tcp.source_port()), SocketAddr::new(to, tcp.destination_port()))
}

fn read(file: &[u8]) -> Vec<Seen> {
    let mut reader = PcapNgReader::new(file).unwrap();
    let mut seen = Vec::new();
    while let Some(block) = reader.next_block() {
        let block = match block.unwrap() {
            Block::InterfaceDescription(interface) => {
                assert_eq!(interface.linktype, DataLink::RAW);
                assert!(interface.options.contains(&InterfaceDescriptionOption::IfTsResol(6)));
                continue;
            }
            Block::EnhancedPacket(block) => block,
            other => panic!("{other:?}"),
        };
        let packet = SlicedPacket::from_ip(&block.data).unwrap();
        let Some(TransportSlice::Tcp(tcp)) = packet.transport else { panic!("{packet:?}") };
        let (from, to) = addresses(packet.net.as_ref().unwrap(), &tcp);
        let comment = block.options.iter().find_map(|option| match option {
            EnhancedPacketOption::Comment(text) => Some(text.to_string()),
            _ => None,
        });
        seen.push(Seen {
            at: u64::try_from(block.timestamp.as_nanos()).unwrap(),
            from: from.to_string(),
            to: to.to_string(),
            sequence: tcp.sequence_number(),
            acknowledged: tcp.acknowledgment_number(),
            flags: flags(&tcp),
            payload: tcp.payload().to_vec(),
            comment,
        });
    }
    seen
}

/// Flags and relative numbers, as tcpdump prints them.
fn outline(seen: &[Seen]) -> Vec<String> {
    let client = seen[0].from.clone();
    let first = |is_client: bool| seen.iter().find(|packet| (packet.from == client) == is_client).unwrap().sequence;
    let (client_first, server_first) = (first(true), first(false));
    let line = |packet: &Seen| {
        let is_client = packet.from == client;
        let (own, others) = if is_client { (client_first, server_first) } else { (server_first, client_first) };
        let ack = if packet.flags.contains('.') { packet.acknowledged.wrapping_sub(others) } else { 0 };
        let sequence = packet.sequence.wrapping_sub(own);
        format!("{} {} {sequence}+{} ack {ack}", if is_client { ">" } else { "<" }, packet.flags, packet.payload.len())
    };
    seen.iter().map(line).collect()
}

#[test]
fn a_conversation_is_packets_with_right_numbers_and_checksums() {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut stream = Stream::new(ends("10.0.0.7:40000", "192.0.2.1:8768"));
    stream.note("pile 32010600213533");
    let opened = writer.open(&mut stream, AT).unwrap();
    assert!(opened > 0);
    writer.bytes(&mut stream, Side::Client, Timestamp(AT.0 + 1), b"login").unwrap();
    writer.bytes(&mut stream, Side::Server, Timestamp(AT.0 + 2), b"yes").unwrap();
    stream.note("slow_reader");
    writer.close(&mut stream, Side::Server, Timestamp(AT.0 + 3)).unwrap();
    assert_eq!(writer.written(), writer.get_mut().len() as u64);
    let seen = read(&writer.into_inner());
    let expected = [
        "> S 0+0 ack 0",
        "< S. 0+0 ack 1",
        "> . 1+0 ack 1",
        "> P. 1+5 ack 1",
        "< P. 1+3 ack 6",
        "< F. 4+0 ack 6",
        "> F. 6+0 ack 5",
        "< . 5+0 ack 7",
    ];
    assert_eq!(outline(&seen), expected);
    assert_eq!(seen[0].comment.as_deref(), Some("pile 32010600213533"));
    assert_eq!(seen[5].comment.as_deref(), Some("slow_reader"));
    assert_eq!((seen[3].at, seen[3].payload.as_slice()), (AT.0 + 1, b"login".as_slice()));
    assert_eq!((seen[3].from.as_str(), seen[3].to.as_str()), ("10.0.0.7:40000", "192.0.2.1:8768"));
}

#[test]
fn what_is_long_is_cut_and_acknowledged_in_time() {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut stream = Stream::new(ends("[2001:db8::7]:40000", "[2001:db8::1]:8768"));
    let said: Vec<u8> = (0..100_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    writer.open(&mut stream, AT).unwrap();
    writer.bytes(&mut stream, Side::Client, AT, &said).unwrap();
    writer.reset(&mut stream, Side::Client, AT).unwrap();
    let seen = read(&writer.into_inner());
    assert!(seen.iter().all(|packet| packet.payload.len() <= SEGMENT_BYTES));
    let from_client = seen.iter().filter(|packet| packet.from == "[2001:db8::7]:40000");
    let heard: Vec<u8> = from_client.flat_map(|packet| packet.payload.clone()).collect();
    assert_eq!(heard, said);
    let acknowledgements = seen.iter().filter(|packet| packet.from != "[2001:db8::7]:40000").count();
    assert_eq!(acknowledgements, 1 + 3, "the handshake's and one each 32 KiB");
    assert_eq!(seen.last().unwrap().flags, "R.");
}

#[test]
fn what_was_lost_is_a_gap_and_the_middle_may_come_first() {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut stream = Stream::new(ends("10.0.0.7:40000", "[2001:db8::1]:8768"));
    writer.bytes(&mut stream, Side::Client, AT, b"abc").unwrap();
    stream.skip(Side::Client, AT, 10);
    writer.bytes(&mut stream, Side::Client, AT, b"def").unwrap();
    writer.bytes(&mut stream, Side::Server, AT, b"x").unwrap();
    let seen = read(&writer.into_inner());
    assert_eq!(outline(&seen), ["> P. 0+3 ack 0", "> P. 13+3 ack 0", "< P. 0+1 ack 16"]);
    assert_eq!(seen[0].from, "[::ffff:10.0.0.7]:40000");
}

#[test]
fn a_conversation_goes_on_in_the_next_file() {
    let mut stream = Stream::new(ends("10.0.0.7:40000", "192.0.2.1:8768"));
    let mut first = Writer::new(Vec::new()).unwrap();
    first.open(&mut stream, AT).unwrap();
    first.bytes(&mut stream, Side::Client, AT, b"abc").unwrap();
    let mut second = Writer::new(Vec::new()).unwrap();
    second.bytes(&mut stream, Side::Client, AT, b"def").unwrap();
    let (before, after) = (read(&first.into_inner()), read(&second.into_inner()));
    assert_eq!(after[0].sequence, before[3].sequence.wrapping_add(3));
}

#[test]
fn a_comment_is_cut_where_a_character_ends() {
    let long = "桩".repeat(COMMENT_BYTES);
    let cut = cut(long);
    assert!(cut.len() <= COMMENT_BYTES && cut.len() > COMMENT_BYTES - 3);
}

proptest! {
    /// Whatever both sides say, with whatever is missing: the reader hears the same.
    #[test]
    fn what_is_written_is_read(
        said in prop::collection::vec((any::<bool>(), 0_usize..5000, prop::bool::weighted(0.2)), 0..40),
        begins in any::<bool>(),
        first in any::<u32>(),
    ) {
        let at = Timestamp(u64::from(first) * 4);
        let mut writer = Writer::new(Vec::new()).unwrap();
        let mut stream = Stream::new(ends("10.0.0.7:40000", "192.0.2.1:8768"));
        if begins {
            writer.open(&mut stream, at).unwrap();
        }
        let (mut expected, mut missing) = ([Vec::new(), Vec::new()], 0);
        for (number, (by_client, length, is_lost)) in said.into_iter().enumerate() {
            let side = if by_client { Side::Client } else { Side::Server };
            let bytes: Vec<u8> = (0..length).map(|place| (place + number).to_le_bytes()[0]).collect();
            // Before the first packet nobody can tell that something is missing.
            if is_lost && begins {
                stream.skip(side, at, bytes.len() as u64);
                missing += bytes.len() as u64;
            } else {
                writer.bytes(&mut stream, side, at, &bytes).unwrap();
                expected[usize::from(by_client)].extend(bytes);
            }
        }
        writer.close(&mut stream, Side::Client, at).unwrap();
        let file = writer.into_inner();
        let (mut heard, mut gaps) = ([Vec::new(), Vec::new()], 0);
        let mut assembler = Assembler::new(Limits { early_bytes: 0, ..Limits::default() });
        let mut on_event = |event: Event<'_>| {
            if let Event::Flight(flight) = event {
                gaps += flight.gap;
                heard[usize::from(flight.side == Side::Client)].extend_from_slice(flight.bytes);
            }
        };
        for record in Records::new(&file) {
            if let Content::Packet(packet) = record.unwrap().content {
                assembler.packet(&packet, &mut on_event);
            }
        }
        assembler.finish(&mut on_event);
        prop_assert_eq!((heard, gaps), (expected, missing));
    }
}
