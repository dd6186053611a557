//! Which layout a frame type has: the protocol's answers for every length there is, written as runs. So the conditions
//! of the declarations are nowhere a second time.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::book::Book;
use crate::layout::Layout;

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
fn runs(book: &Book, frame_type: u16, dialect: usize) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for length in 0..=book.longest_body {
        let next = Run { last: length, layout: book.choice(frame_type, length, dialect) };
        match runs.last_mut() {
            Some(run) if run.name() == next.name() => run.last = length,
            _ => runs.push(next),
        }
    }
    runs
}

/// A line for each frame type that has a layout: its runs by the place of the dialect, those of the first dialect where
/// another does not differ.
pub(super) fn write(book: &Book, out: &mut String) {
    let frame_types: BTreeSet<u16> = book.layouts.iter().map(|layout| layout.code).collect();
    for frame_type in frame_types {
        let by_dialect: Vec<Vec<Run>> = (0..book.dialects).map(|dialect| runs(book, frame_type, dialect)).collect();
        let _ = write!(out, "choices[{}] = {{", book.protocol.written(frame_type));
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
    use crate::family::Protocol;

    #[test]
    fn the_runs_answer_as_the_declarations_do() {
        for book in Protocol::ALL.map(Book::of) {
            for (layout, dialect) in
                book.layouts.iter().flat_map(|layout| (0..book.dialects).map(move |dialect| (layout, dialect)))
            {
                let runs = runs(book, layout.code, dialect);
                assert_eq!(runs.last().unwrap().last, book.longest_body);
                for length in 0..=book.longest_body {
                    let found = runs.iter().find(|run| length <= run.last).unwrap();
                    let declared = book.choice(layout.code, length, dialect).map(|layout| layout.name);
                    assert_eq!(found.name(), declared, "{}, {length} bytes, dialect {dialect}", layout.code);
                }
            }
        }
    }

    #[test]
    fn no_other_type_has_a_layout() {
        for book in Protocol::ALL.map(Book::of) {
            let declared = |frame_type| book.layouts.iter().any(|layout| layout.code == frame_type);
            for frame_type in (0..=u16::MAX).filter(|frame_type| !declared(*frame_type)) {
                assert!(book.choice(frame_type, book.longest_body, 0).is_none(), "{frame_type}");
            }
        }
    }
}
