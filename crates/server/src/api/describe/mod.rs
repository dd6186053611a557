//! The API describes itself: what a handler takes and answers is read from its types, so that the document can't say
//! anything else than the code does.
//!
//! An extractor says what it adds to an operation ([`Input`]), an answer what comes back ([`Output`]); a route is
//! declared once, with its summary ([`Routes`]).

mod document;
mod draft;
mod routes;
pub(super) mod schema;

use std::future::Future;

use axum::extract::State;
use axum::http::HeaderMap;

pub(super) use document::text;
pub(super) use draft::Draft;
pub(super) use routes::Routes;

use super::problem::Problem;

/// Something that a handler takes.
pub(super) trait Input {
    /// Adds what it means for callers.
    fn describe(draft: &mut Draft);
}

/// Something that a handler answers.
pub(super) trait Output {
    /// Adds what it looks like.
    fn describe(draft: &mut Draft);
}

/// A handler whose types describe it. `T` is what axum calls its arguments.
pub(super) trait Described<T> {
    /// Describes it.
    fn describe(draft: &mut Draft);
}

macro_rules! described {
    ($($input:ident)*) => {
        impl<F, Answer, Answered, M, $($input,)*> Described<(M, $($input,)*)> for F
        where
            F: FnOnce($($input,)*) -> Answer,
            Answer: Future<Output = Answered>,
            Answered: Output,
            $($input: Input,)*
        {
            fn describe(draft: &mut Draft) {
                $($input::describe(draft);)*
                Answered::describe(draft);
            }
        }
    };
}

described!(A);
described!(A B);
described!(A B C);
described!(A B C D);
described!(A B C D E);
described!(A B C D E G);

/// The server's own state is nothing that callers see.
impl<S> Input for State<S> {
    fn describe(_draft: &mut Draft) {}
}

/// Headers that are only looked at.
impl Input for HeaderMap {
    fn describe(_draft: &mut Draft) {}
}

/// Problems are described where they come from.
impl<T: Output> Output for Result<T, Problem> {
    fn describe(draft: &mut Draft) {
        T::describe(draft);
    }
}
