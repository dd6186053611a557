//! Both formats, both byte orders, and files that are damaged.

use proptest::prelude::*;
use voltapile_capture::read::{Content, Format, Records, options};

use super::builder::{block, enhanced, interface, packets, pcap, section};

#[test]
fn the_classic_format_has_two_orders_and_two_resolutions() {
    let cases = [
        ([0xD4, 0xC3, 0xB2, 0xA1], 250_000),
        ([0xA1, 0xB2, 0xC3, 0xD4], 250_000),
        ([0x4D, 0x3C, 0xB2, 0xA1], 250_000_123),
        ([0xA1, 0xB2, 0x3C, 0x4D], 250_000_123),
    ];
    for (magic, fraction) in cases {
        let file = pcap(magic, 1, &[(1_700_000_000, fraction, &[1, 2, 3]), (1_700_000_001, 0, &[4])]);
        assert_eq!(Format::recognise(&file), Some(Format::Pcap));
        let expected = vec![(1, 1_700_000_000_250_000, 1, 3), (2, 1_700_000_001_000_000, 1, 1)];
        assert_eq!(packets(&file), (expected, Vec::new()), "{magic:02X?}");
    }
}

#[test]
fn interfaces_have_their_own_resolution_offset_and_link_type() {
    for big in [false, true] {
        let short = |number: u16| if big { number.to_be_bytes() } else { number.to_le_bytes() };
        let option = |code: u16, value: &[u8]| {
            let mut option = [short(code), short(value.len() as u16)].concat();
            option.extend(value);
            option.resize(option.len().next_multiple_of(4), 0);
            option
        };
        let hour = if big { 3600_i64.to_be_bytes() } else { 3600_i64.to_le_bytes() };
        let file = [
            section(big),
            interface(big, 1, &[]),
            interface(big, 101, &[option(2, b"ppp0"), option(9, &[9]), option(0, &[])].concat()),
            interface(big, 113, &[option(9, &[0x80 | 10]), option(14, &hour)].concat()),
            block(big, 0x0BAD, b"a vendor's own"),
            enhanced(big, 1, 1_700_000_000_000_001_000, &[1]),
            enhanced(big, 0, 1_700_000_000_000_002, &[1, 2]),
            enhanced(big, 2, 1024 * 100 + 512, &[1, 2, 3]),
            enhanced(big, 7, 0, &[9]),
            block(big, 3, &if big { [0, 0, 0, 2, 8, 9] } else { [2, 0, 0, 0, 8, 9] }),
            section(!big),
            interface(!big, 276, &[]),
            enhanced(!big, 0, 5, &[1]),
        ]
        .concat();
        assert_eq!(Format::recognise(&file), Some(Format::PcapNg));
        let (found, problems) = packets(&file);
        let expected = vec![
            (1, 1_700_000_000_000_001, 101, 1),
            (2, 1_700_000_000_000_002, 1, 2),
            (3, 3_700_500_000, 113, 3),
            (5, 3_700_500_000, 1, 2),
            (6, 5, 276, 1),
        ];
        assert_eq!(found, expected, "big: {big}");
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("interface 7"), "{problems:?}");
    }
}

#[test]
fn options_can_be_found_in_the_file() {
    let file =
        [section(false), interface(false, 1, b"\x02\x00\x04\x00eth0\x03\x00\x02\x00ab\0\0\x00\x00\x00\x00")].concat();
    let record = Records::new(&file).nth(1).unwrap().unwrap();
    assert_eq!(record.content, Content::Interface);
    let values: Vec<(u16, &[u8])> =
        options(&file, record.options, record.order).into_iter().map(|at| (at.code, &file[at.value])).collect();
    assert_eq!(values, [(2, &b"eth0"[..]), (3, b"ab")]);
}

#[test]
fn a_file_that_is_cut_is_read_up_to_there() {
    let whole = pcap([0xD4, 0xC3, 0xB2, 0xA1], 1, &[(1, 0, &[1; 60]), (2, 0, &[2; 60])]);
    for left in 101..whole.len() {
        let (found, problems) = packets(&whole[..left]);
        assert_eq!((found.len(), problems.len()), (1, 1), "{left}");
        assert!(problems[0].starts_with("offset 100: the file ends inside a record"), "{problems:?}");
    }
    let whole =
        [section(false), interface(false, 1, &[]), enhanced(false, 0, 1, &[1; 40]), enhanced(false, 0, 2, &[2; 40])];
    let begin = whole[..3].iter().map(Vec::len).sum::<usize>();
    let whole = whole.concat();
    for left in begin + 1..whole.len() {
        let (found, problems) = packets(&whole[..left]);
        assert_eq!((found.len(), problems.len()), (1, 1), "{left}");
    }
}

#[test]
fn impossible_lengths_are_told_and_not_believed() {
    let mut file = pcap([0xD4, 0xC3, 0xB2, 0xA1], 1, &[(1, 0, &[1; 60])]);
    file.extend([0; 8]);
    file.extend([0xFF; 8]);
    let (found, problems) = packets(&file);
    assert_eq!(found.len(), 1);
    assert!(problems[0].contains("cannot have a length of 4294967295 bytes"), "{problems:?}");
    assert!(packets(b"not a capture").1[0].contains("neither pcap nor pcapng"));
    assert_eq!(Format::recognise(b"68 0D"), None);
}

#[test]
fn what_a_library_writes_is_read() {
    use pcap_file::pcap::{PcapPacket, PcapWriter};
    let mut writer = PcapWriter::new(Vec::new()).unwrap();
    for at in 0..3_u64 {
        let when = std::time::Duration::from_micros(1_700_000_000_000_000 + at);
        writer.write_packet(&PcapPacket::new(when, 70, &[7; 60])).unwrap();
    }
    let file = writer.into_writer();
    let (found, problems) = packets(&file);
    assert_eq!((found.len(), problems.len()), (3, 0));
    assert_eq!(found[2].1, 1_700_000_000_000_002);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(
        magic in prop::sample::select(vec![
            vec![0xD4, 0xC3, 0xB2, 0xA1], vec![0xA1, 0xB2, 0x3C, 0x4D], section(false), section(true),
            [section(false), interface(false, 1, &[])].concat(),
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let file = [magic, rest].concat();
        let read: usize = Records::new(&file).take(1000).count();
        prop_assert!(read < 1000);
    }

    #[test]
    fn a_damaged_byte_is_read_without_panic(at in 0_usize..220, byte: u8) {
        let mut file = [section(true), interface(true, 1, &[0, 9, 0, 1, 6, 0, 0, 0]), enhanced(true, 0, 1, &[1; 40]),
            enhanced(true, 0, 2, &[2; 40])].concat();
        if let Some(place) = file.get_mut(at) {
            *place = byte;
        }
        prop_assert!(Records::new(&file).take(1000).count() < 1000);
    }
}
