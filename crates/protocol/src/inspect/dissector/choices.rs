//! Which layout a frame type has: the answers of [`layout`] for every length there is, written as runs. So the conditions
//! of the declarations are nowhere a second time.

use std::fmt::Write;

use crate::layout::Layout;
use crate::ykc::Dialect;
use crate::ykc::frame::MAX_BODY;
use crate::ykc::message::layout;

/// Lengths up to and including one, from the end of the run before, and their layout.
#[derive(Debug, Clone, Copy)]
struct Run {
    last: usize,
    layout: Option<&'static Layout>,
}

impl PartialEq for Run {
    fn eq(&self, other: &Self) -> bool {
        self.last == other.last && self.name() == other.name()
    }
}

impl Run {
    fn name(&self) -> Option<&'static str> {
        self.layout.map(|layout| layout.name)
    }
}

/// The layouts of a frame type by length of the body.
fn runs(frame_type: u8, dialect: Dialect) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for length in 0..=MAX_BODY {
        let next = Run { last: length, layout: layout(frame_type, length, dialect) };
        match runs.last_mut() {
            Some(run) if run.name() == next.name() => run.last = length,
            _ => runs.push(next),
        }
    }
    runs
}

/// A line for each frame type that has a layout: its runs by the place of the dialect, those of the first dialect where
/// another does not differ.
pub(super) fn write(out: &mut String) {
    for frame_type in 0..=u8::MAX {
        let by_dialect = Dialect::ALL.map(|dialect| runs(frame_type, dialect));
        if by_dialect.iter().flatten().all(|run| run.layout.is_none()) {
            continue;
        }
        let _ = write!(out, "choices[0x{frame_type:02X}] = {{");
        for (at, runs) in by_dialect.iter().enumerate() {
            if at == 0 || by_dialect.first() != Some(runs) {
                let _ = write!(out, " [{}] = {{ {} }},", at + 1, written(runs));
            }
        }
        out.push_str(" }\n");
    }
}

fn written(runs: &[Run]) -> String {
    let mut parts = Vec::new();
    for run in runs {
        let layout = run.name().map_or_else(|| "nil".to_owned(), |name| format!("L.{name}"));
        parts.push(format!("{{ {}, {layout} }}", run.last));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runs_answer_as_the_declarations_do() {
        for (frame_type, dialect) in
            (0..=u8::MAX).flat_map(|frame_type| Dialect::ALL.map(|dialect| (frame_type, dialect)))
        {
            let runs = runs(frame_type, dialect);
            assert_eq!(runs.last().unwrap().last, MAX_BODY);
            for length in 0..=MAX_BODY {
                let found = runs.iter().find(|run| length <= run.last).unwrap();
                let declared = layout(frame_type, length, dialect).map(|layout| layout.name);
                assert_eq!(found.name(), declared, "0x{frame_type:02X}, {length} bytes, {dialect:?}");
            }
        }
    }
}
