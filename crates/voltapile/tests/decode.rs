//! `decode`, `encode` and `frames` as a test engineer uses them: the real binary, its output and its exit codes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;
use voltapile_protocol::aaf5::cipher::BodyCipher;
use voltapile_protocol::aaf5::frame::{ENCRYPTED, Envelope, write_frame};

const HEARTBEAT: &str = "680D25D30003202312120000100100ACD1";
const EXCHANGE: &str = include_str!("../../protocol/tests/golden/exchange.hex");
const LAYOUTS: &str = include_str!("../../protocol/tests/golden/layouts.jsonl");

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltapile"));
    command.args(arguments).env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", "C").env_remove("NO_COLOR");
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).stdin(Stdio::null()).output().unwrap()
}

fn run_with(arguments: &[&str], input: &[u8]) -> Output {
    let mut child =
        command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = feeder.join().unwrap();
    output
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json_lines(output: &Output) -> Vec<Json> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().as_chunks::<2>().0;
    pairs.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn a_sound_frame_is_explained_and_exits_with_0() {
    let output = run(&["decode", HEARTBEAT]);
    assert_eq!(output.status.code(), Some(0));
    let text = stdout(&output);
    for expected in ["0x03 heartbeat", "pile → platform", "20231212000010", "connector number  1", "normal (0x00)"] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(!text.contains('\u{1B}'), "no colours into a pipe");
}

#[test]
fn a_damaged_frame_is_diagnosed_and_exits_with_1() {
    let output = run(&["decode", "68", "0d", "25", "D3", "00", "03", "20231212000010", "01", "00", "AC", "D2"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("[crc-wrong]"), "{text}");
    assert!(text.contains("corrected: 68 0D 25 D3 00 03 20 23 12 12 00 00 10 01 00 AC D1"), "{text}");
}

#[test]
fn the_language_is_asked_for_or_the_environments() {
    assert!(stdout(&run(&["decode", "--lang", "zh", HEARTBEAT])).contains("充电桩心跳包"));
    let chinese = command(&["decode", HEARTBEAT]).env("LANG", "zh_CN.UTF-8").stdin(Stdio::null()).output().unwrap();
    assert!(stdout(&chinese).contains("枪状态"));
    let overruled = command(&["decode", HEARTBEAT]).env("LANG", "zh_CN.UTF-8").env("LC_ALL", "C").output().unwrap();
    assert!(stdout(&overruled).contains("connector health"));
}

#[test]
fn colours_come_when_asked_for() {
    let coloured = stdout(&run(&["decode", "--color", "always", HEARTBEAT]));
    assert!(coloured.contains("\u{1B}[36m20\u{1B}[0m"), "{coloured}");
}

#[test]
fn standard_input_files_and_binary_are_taken() {
    let log = format!("2026-01-02 10:00:00.123 [INFO] recv: {HEARTBEAT}\n2026-01-02 10:00:01 nothing\n");
    for arguments in [&["decode", "--json"][..], &["decode", "--json", "-"]] {
        let frames = json_lines(&run_with(arguments, log.as_bytes()));
        assert_eq!((frames.len(), &frames[0]["line"]), (1, &Json::from(1)));
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&[bytes(HEARTBEAT), bytes(HEARTBEAT)].concat()).unwrap();
    let frames = json_lines(&run(&["decode", "--json", file.path().to_str().unwrap()]));
    assert_eq!(frames.iter().map(|frame| frame["offset"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 17]);
    assert!(frames[0].get("line").is_none());
}

#[test]
fn json_has_the_documented_keys_in_order() {
    let output = run(&["decode", "--json", HEARTBEAT]);
    let line = stdout(&output);
    let keys = ["offset", "length", "protocol", "type", "name", "direction", "sequence", "crc", "fields", "findings"];
    let places: Vec<usize> = keys.iter().map(|key| line.find(&format!("\"{key}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{line}");
    let frame = &json_lines(&output)[0];
    assert_eq!((&frame["type"], &frame["sequence"]), (&Json::from("0x03"), &Json::from("25D3")));
    assert_eq!((&frame["crc"]["ok"], &frame["crc"]["order"]), (&Json::from(true), &Json::from("low_first")));
    let field = frame["fields"][0].as_object().unwrap();
    for key in ["name", "label_zh", "label_en", "offset", "length", "raw", "value", "unit"] {
        assert!(field.contains_key(key), "{key}");
    }
}

#[test]
fn misuse_exits_with_2_and_says_what_to_do() {
    let cases: [(&[&str], &str); 8] = [
        (&["decode", "no-such-file.log"], "neither a file nor hex"),
        (&["decode", "one.log", "two.log"], "one file at a time"),
        (&["decode", ""], "empty"),
        (&["decode", "22 00 19"], "begins with 68"),
        (&["decode", "--lang", "fr", HEARTBEAT], "possible values"),
        (&["encode", "{\"type\":"], "not JSON"),
        (&["encode", "no-such-file.json"], "neither a file nor JSON"),
        (&["frames", "realtime_reprt"], "did you mean \"realtime_report\"?"),
    ];
    for (arguments, expected) in cases {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
    assert_eq!(run_with(&["decode"], b"no frames in here").status.code(), Some(2));
    let decimals = run_with(&["decode"], b"bytes = [104, -45, 300]");
    assert!(stderr(&decimals).contains("lists of decimal bytes"), "{}", stderr(&decimals));
    assert_eq!(run(&["decode", env!("CARGO_MANIFEST_DIR")]).status.code(), Some(2), "a directory is no file");
}

#[test]
fn a_reader_that_leaves_early_breaks_nothing() {
    let many = EXCHANGE.repeat(200);
    let mut child = command(&["decode", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 1];
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(many.as_bytes()).unwrap();
    drop(stdin);
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(1), ""));
}

#[test]
fn what_was_decoded_encodes_to_the_same_bytes() {
    let decoded = run_with(&["decode", "--json", "-"], EXCHANGE.as_bytes());
    assert_eq!(decoded.status.code(), Some(1), "four of them are wrong");
    let encoded = run_with(&["encode"], &decoded.stdout);
    assert_eq!(encoded.status.code(), Some(0), "{}", stderr(&encoded));
    let frames = EXCHANGE.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once(": ").unwrap().1);
    assert_eq!(stdout(&encoded).lines().collect::<Vec<_>>(), frames.collect::<Vec<_>>());
}

#[test]
fn every_layout_goes_through_both_commands() {
    let descriptions: Vec<Json> = LAYOUTS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for dialect in ["v16", "guochong", "gongniu"] {
        let own = |json: &&Json| json["dialect"].as_str().unwrap_or("v16") == dialect;
        let names: Vec<&Json> = descriptions.iter().filter(own).map(|json| &json["name"]).collect();
        let lines: Vec<String> = descriptions
            .iter()
            .filter(own)
            .map(|json| {
                let mut json = json.clone();
                json.as_object_mut().unwrap().remove("dialect");
                json.to_string()
            })
            .collect();
        let hex = run_with(&["encode", "--dialect", dialect], lines.join("\n").as_bytes());
        assert_eq!(hex.status.code(), Some(0), "{}", stderr(&hex));
        let decoded = run_with(&["decode", "--json", "--dialect", dialect], &hex.stdout);
        assert_eq!(decoded.status.code(), Some(0), "{}", stdout(&decoded));
        assert_eq!(json_lines(&decoded).iter().map(|frame| &frame["name"]).collect::<Vec<_>>(), names);
        let again = run_with(&["encode", "--dialect", dialect, "-"], &decoded.stdout);
        assert_eq!(stdout(&again), stdout(&hex));
    }
}

#[test]
fn encode_takes_what_differs_and_writes_as_asked() {
    let json = r#"{"type":"0x03","sequence":"25D3","fields":{"pile_code":"20231212000010","connector_number":1}}"#;
    assert_eq!(stdout(&run(&["encode", json])), format!("{}\n", HEARTBEAT.to_lowercase()));
    assert_eq!(stdout(&run(&["encode", "--upper", json])), format!("{HEARTBEAT}\n"));
    assert_eq!(run(&["encode", "--binary", json]).stdout, bytes(HEARTBEAT));
    let named = r#"{"name":"heartbeat_request","sequence":"25D3","crc_order":"high_first","fields":[{"name":"pile_code","value":"20231212000010"},{"name":"connector_number","value":1}]}"#;
    assert_eq!(stdout(&run_with(&["encode", "--upper"], named.as_bytes())), "680D25D30003202312120000100100D1AC\n");
    let list = format!("[{json},{json}]\n{json}");
    assert_eq!(stdout(&run_with(&["encode", "-"], list.as_bytes())).lines().count(), 3);
}

#[test]
fn encode_says_what_was_expected() {
    let cases = [
        (r#"{"type":"0x13","fields":{"pile_cod":"1"}}"#, "did you mean \"pile_code\"?"),
        (
            r#"{"type":"0x13","fields":{"output_voltage":300.25}}"#,
            "output_voltage: expected a number of at most 1 decimals",
        ),
        (r#"{"type":"0x13","fields":{"connector_state":"busy"}}"#, "expected one of offline, fault, idle, charging"),
        (r#"{"type":"0x3B","fields":{"start_time":"yesterday"}}"#, "\"2026-01-31T08:15:00\""),
        (r#"{"seqence":"0001","type":"0x13"}"#, "did you mean \"sequence\"?"),
        (r#"{"name":"heartbeat_request","type":"0x13"}"#, "heartbeat_request has type 0x03, not 0x13"),
        (r#"{"fields":{}}"#, "no \"type\""),
        ("[1]", "expected a JSON object"),
    ];
    for (json, expected) in cases {
        let output = run(&["encode", json]);
        assert_eq!(output.status.code(), Some(2), "{json}");
        assert!(stderr(&output).contains(expected), "{json}: {}", stderr(&output));
    }
}

#[test]
fn everything_is_said_in_chinese_when_asked() {
    let cases: [(&[&str], &str); 10] = [
        (
            &["encode", r#"{"type":"0x13","fields":{"pile_cod":"1"}}"#],
            "realtime_report 没有字段“pile_cod”，是否为“pile_code”？",
        ),
        (
            &["encode", r#"{"type":"0x13","fields":{"amount":-1}}"#],
            "amount：应为 0.0000 到 429496.7295 元 之间的数值，最多 4 位小数，例如",
        ),
        (
            &["encode", r#"{"type":"0x13","fields":{"connector_state":"busy"}}"#],
            "应为 offline, fault, idle, charging 之一，或 0 到 255 的数字",
        ),
        (&["encode", r#"{"seqence":"0001","type":"0x13"}"#], "未知的键“seqence”，是否为“sequence”？"),
        (&["encode", r#"{"name":"heartbeat_request","type":"0x13"}"#], "heartbeat_request 的帧类型是 0x03，不是 0x13"),
        (&["encode", "{}"], "缺少“type”"),
        (&["encode", "[1]"], "应为 JSON 对象"),
        (&["encode", "{\"type\":"], "不是 JSON"),
        (&["encode", "no-such-file.json"], "没有文件 no-such-file.json，也不是帧的 JSON 描述"),
        (&["frames", "realtime_reprt"], "没有帧“realtime_reprt”，是否为“realtime_report”？"),
    ];
    for (arguments, expected) in cases {
        let output = run(&[arguments, &["--lang", "zh"]].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn the_protocol_is_printed() {
    let all = stdout(&run(&["frames"]));
    assert!(all.lines().count() > 60 && all.contains("realtime_report"), "{all}");
    let one = stdout(&run(&["frames", "0x92", "--lang", "zh"]));
    assert!(one.contains("执行控制") && one.contains("0x01 立即执行"), "{one}");
    assert!(stdout(&run(&["frames", "login_request", "--markdown"])).contains("| 35 | 1 | carrier |"));
    let json = json_lines(&run(&["frames", "--json", "0x13"]));
    assert_eq!((json.len(), &json[0]["length_byte"]), (1, &Json::Null));
}

#[test]
fn aaf5_is_decoded_encoded_and_printed() {
    let stop = "AAF51900100605000000000001020000000104005500000062";
    let text = stdout(&run(&["decode", stop]));
    assert!(text.contains("CMD 5 control command") && text.contains("stop charging"), "{text}");
    let json = json_lines(&run(&["decode", "--json", stop])).remove(0);
    assert_eq!((&json["protocol"], &json["type"]), (&"aaf5".into(), &"5".into()));
    let again = run_with(&["encode", "--upper"], json.to_string().as_bytes());
    assert_eq!(stdout(&again).trim(), stop);
    let made =
        stdout(&run(&["encode", "--protocol", "aaf5", r#"{"name":"heartbeat_response","fields":{"counter":1}}"#]));
    assert_eq!(made.trim(), "aaf50f001000650000000000010066");

    let all = stdout(&run(&["frames", "--protocol", "aaf5"]));
    assert!(all.lines().count() > 70 && all.contains("status_report"), "{all}");
    let one = stdout(&run(&["frames", "106", "--lang", "zh"]));
    assert!(one.starts_with("CMD 106 充电桩签到信息上报 (sign_in_request)"), "{one}");
    let both = stdout(&run(&["frames", "start_request"]));
    assert!(both.contains("0x31 ") && both.contains("CMD 7 "), "{both}");
    let output = run(&["frames", "--protocol", "ocpp"]);
    assert!(stderr(&output).contains("neither ykc nor aaf5"), "{}", stderr(&output));
}

/// The commands of a document with the output that it shows for each.
fn shown_commands(document: &str) -> Vec<(&str, String)> {
    let mut commands: Vec<(&str, String)> = Vec::new();
    let mut inside = false;
    for line in document.lines() {
        match (inside, line.strip_prefix("$ ")) {
            _ if line.starts_with("```") => inside = line == "```console",
            (true, Some(command)) => commands.push((command, String::new())),
            (true, None) => commands.last_mut().unwrap().1.push_str(&format!("{line}\n")),
            (false, _) => {}
        }
    }
    commands
}

#[test]
fn the_guides_show_what_is_printed() {
    let guides = [
        include_str!("../../../README.md"),
        include_str!("../../../README.zh-CN.md"),
        include_str!("../../../docs/captures.md"),
        include_str!("../../../docs/captures.zh-CN.md"),
        include_str!("../../../docs/configuration.md"),
        include_str!("../../../docs/configuration.zh-CN.md"),
        include_str!("../../../docs/inspector.md"),
        include_str!("../../../docs/inspector.zh-CN.md"),
        include_str!("../../../docs/simulator.md"),
        include_str!("../../../docs/simulator.zh-CN.md"),
    ];
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_voltapile")).parent().unwrap();
    for (command, expected) in guides.iter().flat_map(|guide| shown_commands(guide)) {
        if expected.is_empty() {
            continue; // an example with a file of the reader's
        }
        let output = Command::new("sh")
            .args(["-c", &format!("{command} 2>&1")])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .env("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()))
            .env("LC_ALL", "C")
            .output()
            .unwrap();
        assert_eq!(stdout(&output), expected, "{command}");
    }
}

#[test]
fn many_lines_without_a_frame_are_summed_up() {
    let output = run_with(&["decode", "-"], format!("{}{HEARTBEAT}\n", "0102030405060708\n".repeat(20)).as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).starts_with("#1 0x03"));
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 9, "{said}");
    assert!(said.ends_with("no frame in 12 more runs of 96 bytes in all\n"), "{said}");
}

#[test]
fn encrypted_bodies_are_read_with_their_key() {
    let key = [7; 32];
    let envelope = Envelope { info: 0x02 | ENCRYPTED, sequence: 9 };
    let mut frame = Vec::new();
    write_frame(&mut frame, envelope, 103, |writer| writer.put(&BodyCipher::new(key).encrypt(&[0, 0, 0, 0, 1, 1])))
        .unwrap();
    let frame: String = frame.iter().map(|byte| format!("{byte:02X}")).collect();
    let locked = stdout(&run(&["decode", "--brief", &frame]));
    assert_eq!(locked, "←  CMD 103 status answer  !encrypted\n");
    let opened = run(&["decode", "--key", &"07".repeat(32), &frame]);
    assert_eq!(opened.status.code(), Some(0), "{}", stderr(&opened));
    let text = stdout(&opened);
    assert!(text.contains("information byte 0x02") && text.contains("send 104 at once  yes (0x01)"), "{text}");
    let other = run(&["decode", "--brief", "--key", &"08".repeat(32), &frame]);
    assert_eq!(stdout(&other), locked);
    assert!(stderr(&other).contains("#1: not its key"), "{}", stderr(&other));
    for wrong in ["07", &"0x".repeat(32), &"07".repeat(33)] {
        assert!(stderr(&run(&["decode", "--key", wrong, &frame])).contains("expected 64 hex digits"), "{wrong}");
    }
}

#[test]
fn frames_of_the_other_protocol_are_told() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/samples/charge-aaf5.pcapng");
    for (arguments, expected) in [
        (["--protocol", "aaf5", HEARTBEAT], "there is no frame of AA F5, but 1 of YKC"),
        (["--protocol", "ykc", "AAF50F000202650000000000010066"], "there is no frame of YKC, but 1 of AA F5"),
        (["--protocol", "ykc", sample], "there is no frame of YKC, but 20 of AA F5"),
    ] {
        let output = run(&[&["decode"][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}

#[test]
fn the_begin_of_a_frame_says_what_is_known_of_it() {
    for (bytes, expected) in [
        ("AA F5 34 00 02 06", "·  the begin of a frame of AA F5  ✗incomplete\n"),
        ("68 0D 25 D3", "·  the begin of a frame of YKC  ✗incomplete\n"),
        // A head of eleven bytes, and a command of nobody whose check sum does not hold.
        ("AAF512000201000000650000000000000019", "·  CMD 0 unknown type  ✗relative\n"),
        ("AAF50C00100099990102030A", "·  CMD 39321 unknown type  ✗checksum-wrong  !unknown-type\n"),
    ] {
        assert_eq!(stdout(&run(&["decode", "--brief", bytes])), expected, "{bytes}");
    }
    let text = stdout(&run(&["decode", "AA F5 34 00 02 06"]));
    assert!(text.contains("it has 6 bytes, 46 more are missing; it ends before its command"), "{text}");
    assert!(stdout(&run(&["decode", "AA F5 34"])).contains("at least 6 more are missing"));
}
