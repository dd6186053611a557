//! `voltapile mask` on AA F5: nothing that names somebody is left, and nothing else changes.

use serde_json::Value as Json;
use voltapile_capture::Side;

use super::sample::{
    ADDRESS, AES_KEY, ASSET, CARD, FTP_HOST, FTP_PASSWORD, HOST, LOGIN, ORDER, PASSWORD_MD5, PILE, PLATE, SECTORS,
    STOP, UID, USUAL_ORDER, VIN, capture, conversation, frames,
};
use crate::sample::{self, charge};
use crate::{file, json_lines, run, stderr};

/// Everything that the conversation names, as bytes and as hex text.
fn names() -> Vec<Vec<u8>> {
    let card = CARD.trim_start_matches('0');
    let texts = [
        PILE,
        ASSET,
        card,
        ORDER,
        USUAL_ORDER,
        VIN,
        PLATE,
        PASSWORD_MD5,
        SECTORS,
        FTP_PASSWORD,
        FTP_HOST,
        HOST,
        LOGIN,
        "LeftOverSecret",
        "li-wei-ftp",
        "firmware.bin",
    ];
    let mut names: Vec<Vec<u8>> = texts.map(|text| text.as_bytes().to_vec()).to_vec();
    names.extend([STOP.to_le_bytes().to_vec(), UID.to_le_bytes().to_vec(), ADDRESS.to_vec(), vec![0xC3; 8]]);
    names.extend(AES_KEY.chunks(8).map(<[u8]>::to_vec));
    for name in names.clone() {
        let hex: String = name.iter().map(|byte| format!("{byte:02X}")).collect();
        names.extend([hex.to_ascii_lowercase().into_bytes(), hex.into_bytes()]);
    }
    names
}

fn assert_clean(masked: &[u8]) {
    for name in names() {
        let found = masked.windows(name.len()).position(|window| window == name);
        assert_eq!(found, None, "{} is left", String::from_utf8_lossy(&name));
    }
}

/// Masks a file; gives back the masked bytes, their path, and what was said.
fn mask(folder: &std::path::Path, name: &str, bytes: &[u8], more: &[&str]) -> (Vec<u8>, String, String) {
    let input = file(folder, name, bytes);
    let output = folder.join(format!("masked-{name}")).to_str().unwrap().to_owned();
    let done = run(&[&["mask", &input, "-o", &output, "--key", "test"], more].concat());
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    (std::fs::read(&output).unwrap(), output, stderr(&done))
}

fn decoded(path: &str) -> Vec<Json> {
    let output = run(&["decode", "--json", path]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    json_lines(&output)
}

/// The value of a field of a frame; of a repeated one the first.
fn value(frame: &Json, name: &str) -> Json {
    let fields = frame["fields"].as_array().unwrap();
    let own = |field: &&Json| field["name"].as_str().unwrap().rsplit('.').next() == Some(name);
    fields.iter().find(own).map_or(Json::Null, |field| field["value"].clone())
}

#[test]
fn captures_lose_all_names_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for piece in [3, 1400] {
        let both = [frames(&conversation()), charge(sample::PILE, sample::ORDER)];
        let original = capture(&both, piece);
        let (masked, path, said) = mask(folder.path(), "both.pcapng", &original, &[]);
        assert_clean(&masked);
        assert!(said.contains(&format!("{} frames, masked: 2 pile codes", conversation().len() + 11)), "{said}");
        let before = decoded(&file(folder.path(), "both.pcapng", &original));
        let after = decoded(&path);
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after).filter(|(before, _)| before["protocol"] == "aaf5") {
            assert_same(before, after);
        }
    }
}

/// Both are the same frame but for what names somebody: those fields keep their length and their form.
fn assert_same(before: &Json, after: &Json) {
    for member in ["time", "connection", "type", "name", "length", "sequence", "information", "direction"] {
        assert_eq!(before[member], after[member], "{member} of {before}");
    }
    assert_eq!(after["checksum"]["ok"], true);
    let harmless = ["number", "null"];
    for (one, other) in before["fields"].as_array().unwrap().iter().zip(after["fields"].as_array().unwrap()) {
        assert_eq!(
            (&one["name"], &one["offset"], &one["length"]),
            (&other["name"], &other["offset"], &other["length"])
        );
        let kind = if one["value"].is_number() {
            "number"
        } else if one["value"].is_null() {
            "null"
        } else {
            "text"
        };
        let is_code = !one["code"].is_null();
        let named = ["card_serial", "rsa_exponent", "stop_password"].contains(&one["name"].as_str().unwrap())
            || one["name"].as_str().unwrap().starts_with("values[");
        if (harmless.contains(&kind) && !named) || is_code {
            assert_eq!(one["raw"], other["raw"], "{one}");
        } else if let (Some(one), Some(other)) = (one["value"].as_str(), other["value"].as_str()) {
            assert_eq!(one.is_empty(), other.is_empty(), "{one} {other}");
        }
    }
}

#[test]
fn the_same_is_the_same_in_all_frames() {
    let folder = tempfile::tempdir().unwrap();
    let original = capture(&[frames(&conversation())], 1400);
    let (_, path, _) = mask(folder.path(), "a.pcapng", &original, &[]);
    let found = decoded(&path);
    let of = |frame_type: &str, name: &str| {
        value(found.iter().find(|frame| frame["type"] == frame_type).unwrap(), name).as_str().unwrap().to_owned()
    };
    let pile = of("106", "pile_code");
    assert!(["102", "204", "8", "104", "222"].iter().all(|frame_type| of(frame_type, "pile_code") == pile));
    assert!(
        ["104", "222"].iter().all(|frame_type| of(frame_type, "transaction_number") == of("203", "transaction_number"))
    );
    assert_eq!(of("7", "transaction_number"), of("8", "transaction_number"));
    // What stands behind a pile's code says nothing more than the frames do.
    assert_eq!(of("7", "transaction_number"), format!("{pile}{}", &USUAL_ORDER[PILE.len()..]));
    assert!(
        ["204", "7", "104", "222", "221", "1301"].iter().all(|one| of(one, "card_number") == of("204", "card_number"))
    );
    assert!(of("204", "card_number").starts_with("0000") && of("204", "card_number").len() == CARD.len());
    // A vehicle in a list of cards is the vehicle of the record.
    let list = found.iter().find(|frame| frame["type"] == "1301").unwrap();
    let entries: Vec<&Json> = list["fields"].as_array().unwrap().iter().map(|field| &field["value"]).collect();
    assert!(entries.contains(&&of("222", "vin").into()), "{list}");
    // The heartbeat period is no secret, and neither is the clock.
    let values: Vec<&Json> = found.iter().filter(|frame| frame["type"] == "1").collect();
    assert_eq!(value(values[2], "value"), 15);
    let texts: Vec<Json> =
        found.iter().filter(|frame| frame["type"] == "3").map(|frame| value(frame, "value")).collect();
    assert_eq!(texts[3], "20260131081500FF");
    let own: String = pile.bytes().map(|byte| format!("{byte:02X}")).collect();
    assert!(texts[2].as_str().unwrap().starts_with(&own), "the pile's own code is a setting, too");
}

#[test]
fn codes_are_kept_where_asked_and_logs_keep_their_words() {
    let folder = tempfile::tempdir().unwrap();
    let original = capture(&[frames(&conversation())], 1400);
    let (_, path, _) = mask(folder.path(), "a.pcapng", &original, &["--keep-pile-codes"]);
    assert!(decoded(&path).iter().any(|frame| value(frame, "pile_code") == PILE));
    let mut log = String::new();
    for (side, _, raw) in frames(&conversation()) {
        let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
        let way = if side == Side::Client { "recv" } else { "send" };
        log.push_str(&format!(
            "2026-01-31 08:15:00.000 {way} pile={PILE} card={CARD} order={ORDER} vin={VIN}: {hex}\n"
        ));
    }
    let (masked, ..) = mask(folder.path(), "pile.log", log.as_bytes(), &[]);
    assert_clean(&masked);
    let masked = String::from_utf8(masked).unwrap();
    assert!(log.lines().zip(masked.lines()).all(|(before, after)| before.len() == after.len()));
}

#[test]
fn what_nobody_can_read_is_blanked() {
    let folder = tempfile::tempdir().unwrap();
    let said = frames(&conversation());
    let sign_in = &said[0].2;
    // Encrypted, says the frame; of an unknown command; cut off.
    let mut encrypted = said[4].2.clone();
    encrypted[4] |= 0x80;
    let mut unknown = said[4].2.clone();
    (unknown[6], unknown[7]) = (0x77, 0x77);
    let last = unknown.len() - 1;
    unknown[last] = voltapile_protocol::aaf5::checksum::checksum(&unknown[6..last]);
    let stream = [&sign_in[..], &encrypted, &unknown, PILE.as_bytes(), &said[4].2[..60]].concat();
    let (masked, _, told) = mask(folder.path(), "frames.bin", &stream, &[]);
    assert_clean(&masked);
    assert_eq!(masked.len(), stream.len());
    assert!(told.contains("1 frames") && told.contains("were blanked"), "{told}");
}
