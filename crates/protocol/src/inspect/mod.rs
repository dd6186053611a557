//! The inspector: explains whatever bytes came. Text becomes bytes ([`hex_input`]), bytes become frames ([`mod@scan`]), frames
//! become reports ([`report`]) with a value for each field and findings about what is wrong. The same declarations make
//! a frame from a JSON description ([`mod@compose`]), print the protocol's tables ([`mod@reference`]) and make a dissector
//! for Wireshark ([`mod@dissector`]).
//!
//! Everything follows from the layouts of the messages; no message is described here a second time.

pub mod compose;
pub mod decimal;
pub mod declared;
pub mod dissector;
pub mod explain;
pub mod finding;
pub mod hex_input;
pub mod json;
pub mod lang;
pub mod meaning;
pub mod reference;
pub mod report;
mod rules;
pub mod scan;
mod shape;
pub mod suggest;
pub mod text;
pub mod value;

pub use compose::{ComposeError, compose};
pub use finding::{Finding, Severity};
pub use hex_input::{Chunk, InputError, OddDigits, read_input};
pub use lang::Lang;
pub use report::{Options, Report};

use scan::{Piece, scan};

/// What was found in an input.
#[derive(Debug, Clone, Default)]
pub struct Inspection {
    /// The frames, in order.
    pub reports: Vec<Report>,
    /// Runs of bytes in which no frame was found.
    pub strays: Vec<Stray>,
}

/// Bytes in which no frame was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// Where they begin in the input's bytes.
    pub offset: usize,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Explains all frames in bytes.
#[must_use]
pub fn inspect(bytes: &[u8], options: Options) -> Inspection {
    inspect_chunks(&[Chunk::binary(bytes)], options)
}

/// Explains all frames of an input's chunks; a frame never goes from one chunk to the next.
#[must_use]
pub fn inspect_chunks(chunks: &[Chunk], options: Options) -> Inspection {
    let mut inspection = Inspection::default();
    inspect_each(chunks, options, |item| match item {
        Item::Frame(report) => inspection.reports.push(report),
        Item::Stray(stray) => inspection.strays.push(stray),
    });
    inspection
}

/// What an inspection comes upon.
#[derive(Debug, Clone)]
pub enum Item {
    /// A frame.
    Frame(Report),
    /// Bytes of a chunk in which no frame was found.
    Stray(Stray),
}

/// Explains the frames of chunks one after the other, so that a long capture does not have to be kept in memory: a
/// report takes a hundred times the bytes it explains.
pub fn inspect_each(chunks: &[Chunk], options: Options, mut on_item: impl FnMut(Item)) {
    let mut offset = 0;
    for chunk in chunks {
        inspect_chunk(chunk, offset, options, &mut on_item);
        offset += chunk.bytes.len();
    }
}

fn inspect_chunk(chunk: &Chunk, offset: usize, options: Options, on_item: &mut impl FnMut(Item)) {
    let mut last: Option<Report> = None;
    let mut skipped: Option<Stray> = None;
    let mut odd = chunk.odd.as_slice();
    for piece in scan(&chunk.bytes, options) {
        match piece {
            Piece::Skipped { offset: at, bytes } => {
                skipped = Some(Stray { offset: offset + at, bytes: bytes.to_vec() });
            }
            Piece::Found(found) => {
                let mut report = Report::new(&found, options);
                report.offset += offset;
                report.line = chunk.line;
                if let Some(stray) = skipped.take() {
                    report.add(stray_before(&stray));
                }
                let end = found.offset + found.raw.len();
                while let Some((first, rest)) = odd.split_first().filter(|(first, _)| first.at <= end) {
                    report.add(odd_digits(first, first.at.saturating_sub(found.offset)));
                    odd = rest;
                }
                last.replace(report).into_iter().for_each(|report| on_item(Item::Frame(report)));
            }
        }
    }
    if let (Some(report), Some(stray)) = (&mut last, &skipped) {
        report.add(stray_after(stray, report.raw.len()));
        odd.iter().for_each(|odd| report.add(odd_digits(odd, report.raw.len())));
    }
    match (last, skipped) {
        (Some(report), _) => on_item(Item::Frame(report)),
        (None, Some(stray)) => on_item(Item::Stray(stray)),
        (None, None) => {}
    }
}

impl Inspection {
    /// Whether a frame has an error.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.reports.iter().any(Report::has_error)
    }
}

fn stray_before(stray: &Stray) -> Finding {
    let (count, bytes) = (stray.bytes.len(), stray.preview());
    let counted = finding::counted_bytes(count);
    Finding::new(
        Severity::Warning,
        "skipped-bytes",
        0,
        format!("帧前有 {count} 字节不属于任何帧：{bytes}"),
        format!("before the frame stood {counted} of no frame: {bytes}"),
    )
}

fn stray_after(stray: &Stray, length: usize) -> Finding {
    let (count, bytes) = (stray.bytes.len(), stray.preview());
    let counted = finding::counted_bytes(count);
    Finding::new(
        Severity::Warning,
        "skipped-bytes",
        length,
        format!("帧后有 {count} 字节不属于任何帧：{bytes}"),
        format!("behind the frame stood {counted} of no frame: {bytes}"),
    )
}

fn odd_digits(odd: &OddDigits, offset: usize) -> Finding {
    let (digits, dropped) = (odd.digits, odd.dropped);
    Finding::new(
        Severity::Warning,
        "odd-digits",
        offset,
        format!("这段十六进制有 {digits} 位，是奇数：丢弃了末位“{dropped:X}”，可能多了或漏了一位"),
        format!(
            "the hex has {digits} digits, an odd number: the last, {dropped:X}, was dropped; one is missing or too many"
        ),
    )
}

impl Stray {
    /// The first bytes in hex.
    #[must_use]
    pub fn preview(&self) -> String {
        const SHOWN: usize = 16;
        let head = value::hex(self.bytes.get(..SHOWN).unwrap_or(&self.bytes));
        if self.bytes.len() > SHOWN { format!("{head}…") } else { head }
    }
}
