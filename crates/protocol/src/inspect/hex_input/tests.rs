use super::*;

const HEARTBEAT: &[u8] =
    &[0x68, 0x0D, 0x25, 0xD3, 0x00, 0x03, 0x20, 0x23, 0x12, 0x12, 0x00, 0x00, 0x10, 0x01, 0x00, 0xD1, 0xAC];
const REBOOT_ANSWER: &[u8] =
    &[0x68, 0x0C, 0x00, 0x11, 0x00, 0x91, 0x20, 0x23, 0x12, 0x12, 0x00, 0x00, 0x10, 0x01, 0xF2, 0x03];

fn bytes_of(text: &str) -> Vec<Vec<u8>> {
    read_input(text.as_bytes()).unwrap().into_iter().map(|chunk| chunk.bytes).collect()
}

#[test]
fn hex_in_any_dress() {
    let dresses = [
        "68 0d 25 d3 00 03 20 23 12 12 00 00 10 01 00 D1 AC",
        "680D25D300032023121200001001 00D1AC",
        "680d 25d3 0003 2023 1212 0000 1001 00D1 AC",
        "0x68, 0x0D, 0x25, 0xD3, 0x0, 0x3, 0x20, 0x23, 0x12, 0x12, 0x00, 0x00, 0x10, 0x01, 0x00, 0xD1, 0xAC",
        "0x680D25D30003202312120000100100D1AC",
        "0x680x0D0x250xD30x000x030x200x230x120x120x000x000x100x010x000xD10xAC",
        r"\x68\x0D\x25\xD3\x00\x03\x20\x23\x12\x12\x00\x00\x10\x01\x00\xD1\xAC",
        "68-0D-25-D3-00-03-20-23-12-12-00-00-10-01-00-D1-AC",
        "68:0D:25:D3:00:03:20:23:12:12:00:00:10:01:00:D1:AC",
        "[68 0D 25 D3 00 03 20 23 12 12 00 00 10 01 00 D1 AC]",
        "68H 0DH 25H D3H 00H 03H 20H 23H 12H 12H 00H 00H 10H 01H 00H D1H ACH",
        "68 D 25 D3 0 3 20 23 12 12 0 0 10 1 0 D1 AC",
        "\"680D25D30003202312120000100100D1AC\"",
        "{\"dir\":\"up\",\"data\":\"680D25D30003202312120000100100D1AC\",\"len\":17}",
        "`68 0d 25 d3 00 03 20 23 12 12 00 00 10 01 00 D1 AC` ",
        "68，0D，25，D3，00，03，20，23，12，12，00，00，10，01，00，D1，AC",
        "uint8_t frame[] = {0x68u, 0x0Du, 0x25u, 0xD3u, 0x00u, 0x03u, 0x20u, 0x23u, 0x12u, 0x12u, 0x00u, 0x00u, 0x10u, 0x01u, 0x00u, 0xD1u, 0xACu};",
    ];
    for dress in dresses {
        assert_eq!(bytes_of(dress), [HEARTBEAT], "{dress}");
    }
}

#[test]
fn log_lines_give_only_their_frames() {
    let hex = "680D25D30003202312120000100100D1AC";
    let lines = [
        format!("2024-01-02 10:00:00.123 [INFO] recv: {hex}"),
        format!("[2024-01-02T10:00:00.123+08:00] DEBUG c.y.Decoder - add 68 bytes from 192.168.1.10:50123 RX<-{hex}"),
        format!("Jan  2 10:00:00 ykc[6822]: face be dead 20231212000010 up len=17 data={hex} ok"),
        format!("2024/01/02 10:00:00,123 收到桩 20231212000010 报文：{hex}（心跳）"),
        format!("\u{1B}[32m10:00:00\u{1B}[0m hex {hex}"),
        format!("0x03 上行心跳 {hex}"),
        format!("12: {hex}"),
        format!("The pile sent {hex}."),
    ];
    for line in lines {
        assert_eq!(bytes_of(&line), [HEARTBEAT], "{line}");
    }
}

#[test]
fn lines_and_entries_stay_apart() {
    let text = "10:00:01 RX 680D25D30003202312120000100100D1AC TX 680C001100912023121200001001F203\n\
                10:00:02 RX 680D25D30003202312120000100100D1AC\n";
    assert_eq!(bytes_of(text), [HEARTBEAT, REBOOT_ANSWER, HEARTBEAT]);
    let lines = read_input(text.as_bytes()).unwrap().into_iter().map(|chunk| chunk.line).collect::<Vec<_>>();
    assert_eq!(lines, [Some(1), Some(1), Some(2)]);
}

#[test]
fn a_frame_goes_on_over_lines_of_hex() {
    assert_eq!(bytes_of("68 0d 25 d3 00 03\n20 23 12 12 00 00\n\n10 01 00 D1 AC\n"), [HEARTBEAT]);
    assert_eq!(
        bytes_of(
            "static const uint8_t FRAME[] = {\n  0x68, 0x0D, 0x25,\n  0xD3, 0x00, 0x03, 0x20, 0x23, 0x12, 0x12,\n  0, 0, 0x10, 1, 0, 0xD1, 0xAC,\n};"
        ),
        [HEARTBEAT]
    );
    assert_eq!(bytes_of("RX: 68 0d 25 d3 00 03 20\n    23 12 12 00 00 10 01 00 D1 AC\nTX: done"), [HEARTBEAT]);
    // A line that is cut off does not swallow the sound frame behind it.
    assert_eq!(bytes_of("68 0d 25 d3 00 03 20 23\n680C001100912023121200001001F203").len(), 2);
}

#[test]
fn hex_dumps() {
    let xxd = "00000000: 680d 25d3 0003 2023 1212 0000 1001 00d1  h.%... #........\n00000010: ac                                       .\n";
    let hexdump = "00000000  68 0d 25 d3 00 03 20 23  12 12 00 00 10 01 00 d1  |h.%... #........|\n00000010  ac                                                |.|\n00000011\n";
    let wireshark = "0000   68 0d 25 d3 00 03 20 23 12 12 00 00 10 01 00 d1   h.%... #........\n0010   ac                                                .\n";
    for dump in [xxd, hexdump, wireshark] {
        assert_eq!(bytes_of(dump), [HEARTBEAT], "{dump}");
    }
}

#[test]
fn junk_before_a_frame_among_words_is_kept_with_it() {
    let text = "RX FF00680D25D30003202312120000100100D1AC ok";
    assert_eq!(bytes_of(text), [[&[0xFF, 0x00], HEARTBEAT].concat()]);
}

#[test]
fn the_bytes_of_a_binary_file_are_taken_as_they_are() {
    let chunks = read_input(&[HEARTBEAT, REBOOT_ANSWER].concat()).unwrap();
    assert_eq!(chunks, [Chunk::binary(&[HEARTBEAT, REBOOT_ANSWER].concat())]);
}

#[test]
fn pure_hex_is_kept_whole_even_without_a_start() {
    assert_eq!(bytes_of("0D 25 D3 00 03"), [[0x0D, 0x25, 0xD3, 0x00, 0x03]]);
    assert_eq!(bytes_of("FF FF 68 0D"), [[0xFF, 0xFF, 0x68, 0x0D]]);
}

#[test]
fn nothing_usable_is_said() {
    assert_eq!(read_input(b""), Err(InputError::Empty));
    assert_eq!(read_input(b" \n\t\n"), Err(InputError::Empty));
    assert_eq!(read_input(b"hello, world"), Err(InputError::NoHex));
    assert_eq!(read_input(b"2024-01-02 10:00:00.123 nothing here"), Err(InputError::NoHex));
    assert_eq!(read_input(b"added 6822 to the beef"), Err(InputError::NoStart));
}

#[test]
fn markdown_with_frames_gives_the_frames() {
    let text = "### 报文\n> 示例桩编号：20231212000010 (HEX:20231212000010)\n\n#### 0x03 上行心跳\n`68 0d 25 d3 00 03 20 23 12 12 00 00 10 01 00 D1 AC`\n#### 0x91 应答\n`68 0C 00 11 00 91 20 23 12 12 00 00 10 01 F2 03`\n---\n";
    assert_eq!(bytes_of(text), [HEARTBEAT, REBOOT_ANSWER]);
}

#[test]
fn hex_follows_chinese_without_a_space() {
    let hex = "680D25D30003202312120000100100D1AC";
    let lines = [format!("2024-01-02 10:00:00 收到{hex}成功"), format!("桩20231212000010上行报文{hex}，长度17字节")];
    for line in lines {
        assert_eq!(bytes_of(&line), [HEARTBEAT], "{line}");
    }
}

#[test]
fn columns_behind_a_whole_frame_are_not_its_bytes() {
    let hex = "680D25D30003202312120000100100D1AC";
    assert_eq!(bytes_of(&format!("1,2024-01-02 10:00:00,上行,{hex},0x03,17\n")), [HEARTBEAT]);
    let both = [HEARTBEAT, REBOOT_ANSWER].concat();
    assert_eq!(bytes_of(&format!("RX {hex} 680C001100912023121200001001F203 68")), [[&both[..], &[0x68]].concat()]);
}

#[test]
fn text_in_utf_16_is_text() {
    let text = "\u{FEFF}收到 680D25D30003202312120000100100D1AC\r\n";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for input in [little, big] {
        assert_eq!(read_input(&input).unwrap().first().unwrap().bytes, HEARTBEAT);
    }
}

#[test]
fn dumps_with_other_offsets_and_one_after_the_other() {
    let tcpdump = "10:00:00.1 IP 10.0.0.2.5001 > 10.0.0.1.8768: Flags [P.], length 17\n\
                   \t0x0000:  680d 25d3 0003 2023 1212 0000 1001 00d1  h.%.............\n\
                   \t0x0010:  ac                                       .\n";
    assert_eq!(bytes_of(tcpdump), [HEARTBEAT]);
    let netty = "10:00:00.1 [nioEventLoopGroup-3-1] DEBUG LoggingHandler - [id: 0x1a2b3c4d] READ: 17B\n\
                 \x20        +-------------------------------------------------+\n\
                 \x20        |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |\n\
                 +--------+-------------------------------------------------+----------------+\n\
                 |00000000| 68 0d 25 d3 00 03 20 23 12 12 00 00 10 01 00 d1 |h.%... #........|\n\
                 |00000010| ac                                              |.               |\n\
                 +--------+-------------------------------------------------+----------------+\n";
    assert_eq!(bytes_of(&netty.repeat(2)), [HEARTBEAT, HEARTBEAT]);
    let canonical = "00000000  68 0d 25 d3 00 03 20 23  12 12 00 00 10 01 00 d1  |h.%... #........|\n\
                     00000010  ac                                                |.|\n00000011\n";
    assert_eq!(bytes_of(&canonical.repeat(2)), [HEARTBEAT, HEARTBEAT]);
}

#[test]
fn long_wrapped_hex_is_looked_through_once() {
    // Starts that always announce more than there is. Looking from the first again for each line took minutes.
    let text = format!("{}\n{}", "68".repeat(7), format!("{}\n", "68".repeat(16)).repeat(1 << 17));
    assert_eq!(read_input(text.as_bytes()).unwrap().len(), 1);
}

#[test]
fn dumps_of_od_count_in_octal_and_others_may() {
    let of = |first: &str, second: &str, end: &str| {
        format!("{first} 68 0d 25 d3 00 03 20 23 12 12 00 00 10 01 00 d1\n{second} ac\n{end}\n")
    };
    let dumps = [
        of("0000000", "0000020", "0000021"),
        of("000000", "000010", "000011"),
        of("0000000", "0000016", "0000017"),
        "0000000    68  0d  25  d3  00  03  20  23  12  12  00  00  10  01  00  d1\n\
         0000020    ac                                                            \n0000021\n"
            .to_owned(),
        "0000000 68 0d 25 d3 00 03 20 23 12 12 00 00 10 01 00 d1  >h.%... #........<\n\
         0000020 ac                                               >.<\n0000021\n"
            .to_owned(),
    ];
    for dump in dumps {
        assert_eq!(bytes_of(&dump), [HEARTBEAT], "{dump}");
    }
}

#[test]
fn lines_that_a_dump_leaves_out_are_put_back() {
    let expected = [&[0x68, 0x5E][..], &[0x20; 62], &[0xAC]].concat();
    let head = "68 5e 20 20 20 20 20 20  20 20 20 20 20 20 20 20";
    let same = "20 20 20 20 20 20 20 20  20 20 20 20 20 20 20 20";
    let hexdump = format!(
        "00000000  {head}  |h^              |\n00000010  {same}  |                |\n*\n00000040  ac\n00000041\n"
    );
    let od = format!("0000000 {head}\n0000020 {same}\n*\n0000100 ac\n0000101\n").replace("  ", " ");
    for dump in [hexdump, od] {
        assert_eq!(bytes_of(&dump), [&expected[..]], "{dump}");
    }
}

#[test]
fn lists_of_decimal_bytes_are_read() {
    let signed = "104, 13, 37, -45, 0, 3, 32, 35, 18, 18, 0, 0, 16, 1, 0, -47, -84";
    let unsigned = "104, 13, 37, 211, 0, 3, 32, 35, 18, 18, 0, 0, 16, 1, 0, 209, 172";
    let dresses = [
        format!("[{signed}]"),
        format!("[{unsigned}]"),
        unsigned.replace(", ", " "),
        format!("2024-01-02 10:00:00.123 recv 17 bytes: [{signed}] from 192.168.1.10:50123"),
        format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", unsigned.replace(' ', "")),
        format!("收到：{signed}"),
        format!("[\n  {}\n]", unsigned.replace(", ", ",\n  ")),
        format!("byte[] frame = {{\n    {}\n}};", signed.replace("35, ", "35,\n    ")),
    ];
    for dress in dresses {
        assert_eq!(bytes_of(&dress), [HEARTBEAT], "{dress}");
    }
    assert_eq!(read_input(b"104 piles, 13 online").unwrap_err(), InputError::NoStart);
}

#[test]
fn a_digit_left_over_is_told() {
    let odd = |text: &str| read_input(text.as_bytes()).unwrap().remove(0).odd;
    let hex = "680D25D30003202312120000100100D1AC";
    assert_eq!(odd(hex), []);
    assert_eq!(odd(&format!("RX {hex}7 ok")), [OddDigits { at: 17, digits: 35, dropped: 7 }]);
    let cut = hex.replacen("00D1", "0D1", 1);
    assert_eq!(odd(&cut), [OddDigits { at: 16, digits: 33, dropped: 0xC }]);
    assert_eq!(odd(&format!("68 {}", &hex[2..33])), [OddDigits { at: 16, digits: 31, dropped: 0xA }]);
}
