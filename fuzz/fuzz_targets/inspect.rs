//! Whatever is pasted into the inspector is explained, and the explanation makes the same frame again.
//!
//! Input: a byte that says how the rest is to be taken (as bytes, as text with hex in it, or as the type and body of a
//! sound frame), then the rest.
#![no_main]

use libfuzzer_sys::fuzz_target;
use voltapile_protocol::aaf5;
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::scan::Framing;
use voltapile_protocol::inspect::text::{Style, render};
use voltapile_protocol::inspect::{Chunk, Lang, Options, Report, compose, inspect_chunks, read_input};
use voltapile_protocol::ykc::frame::{Envelope, MAX_BODY, write_frame};
use voltapile_protocol::ykc::{Dialect, Frame};

fuzz_target!(|data: &[u8]| {
    let Some((&how, rest)) = data.split_first() else { return };
    let dialect = [Dialect::V16, Dialect::Guochong, Dialect::Gongniu][usize::from(how) / 4 % 3];
    let options = Options { protocol: None, dialect, fault_base: how >> 7 };
    let chunk = |bytes: Vec<u8>| vec![Chunk::binary(&bytes)];
    let chunks = match (how % 4, rest) {
        (0, bytes) => chunk(bytes.to_vec()),
        (1, text) => match read_input(text) {
            Ok(chunks) => chunks,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                return;
            }
        },
        (_, [frame_type, body @ ..]) if body.len() <= MAX_BODY => {
            let mut frame = Vec::new();
            write_frame(&mut frame, Envelope::default(), *frame_type, |writer| writer.put(body)).expect("fits a frame");
            chunk(frame)
        }
        _ => return,
    };

    let bytes: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.bytes.iter().copied()).collect();
    let inspection = inspect_chunks(&chunks, options);
    let mut end = 0;
    for (at, report) in inspection.reports.iter().enumerate() {
        assert!(report.offset >= end, "frames overlap");
        end = report.offset + report.raw.len();
        assert_eq!(report.raw, bytes[report.offset..end]);
        assert_explained(report, at + 1, options);
    }
    for stray in &inspection.strays {
        assert_eq!(stray.bytes, bytes[stray.offset..stray.offset + stray.bytes.len()]);
    }
});

fn assert_explained(report: &Report, number: usize, options: Options) {
    for lang in [Lang::Zh, Lang::En] {
        assert!(!render(report, number, Style { lang, colour: lang == Lang::Zh }).is_empty());
        let json = serde_json::to_value(FrameJson::new(report, lang)).expect("an explanation is JSON");
        if matches!(report.framing, Framing::Sound(_) | Framing::BadCheck | Framing::WrongLength(_)) {
            assert_eq!(compose(&json, options).as_ref(), Ok(&report.raw), "{json}");
        }
    }
    if let Some(corrected) = &report.corrected {
        let frame = if corrected.starts_with(&aaf5::frame::START) {
            aaf5::Frame::parse(corrected).map(|frame| frame.raw).ok()
        } else {
            Frame::parse(corrected).map(|frame| frame.raw).ok()
        };
        assert_eq!(frame, Some(&corrected[..]), "a corrected frame is sound");
        assert_ne!(*corrected, report.raw);
    }
}
