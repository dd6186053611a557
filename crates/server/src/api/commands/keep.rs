//! How long a command may wait for its pile, and an answer for the command.

use std::time::Duration;

use voltapile_platform::timestamp::Timestamp;

use crate::api::describe::schema;
use crate::api::extract::{FromQuery, Parameter, Parameters, Span, Wait};
use crate::api::filter::MOMENT;
use crate::api::problem::Problem;

/// The longest that a command is kept for a pile that is away.
const KEEP_MAX: Duration = Duration::from_secs(30 * 24 * 3600);

/// Until when a command waits for its pile to come back.
#[derive(Debug, Clone, Copy)]
pub(in crate::api) enum Keep {
    /// It is refused when the pile is away.
    Not,
    /// For so long.
    For(Duration),
    /// Until then.
    Until(Timestamp),
}

impl Keep {
    /// The moment, from now.
    pub(in crate::api) fn until(self, now: Timestamp) -> Option<Timestamp> {
        let after = |span: Duration| now.plus_seconds(i64::try_from(span.as_secs()).unwrap_or(i64::MAX));
        match self {
            Self::Not => None,
            Self::For(span) => Some(after(span.min(KEEP_MAX))),
            Self::Until(moment) => Some(moment.min(after(KEEP_MAX))),
        }
    }
}

/// How long the answer waits for the command, and the command for its pile.
#[derive(Debug)]
pub(in crate::api) struct Patience {
    /// For the outcome.
    pub(in crate::api) wait: Option<Duration>,
    /// For the pile.
    pub(in crate::api) keep: Keep,
}

impl FromQuery for Patience {
    fn parameters() -> Vec<Parameter> {
        let about = "Let the command wait so long for a pile that is away; at most 720h.";
        let keep = Parameter { name: "keep", about, schema: schema::span };
        let about = "The same, until a moment.";
        let keep_until = Parameter { name: "keep_until", about, schema: schema::of::<Timestamp> };
        vec![Wait::PARAMETER, keep, keep_until]
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let Wait(wait) = Wait::read(parameters)?;
        let span: Option<Span> = parameters.parse("keep", Span::TAKES)?;
        let moment: Option<Timestamp> = parameters.parse("keep_until", MOMENT)?;
        let keep = match (span.filter(|span| !span.0.is_zero()), moment) {
            (None, None) => Keep::Not,
            (Some(span), None) => Keep::For(span.0),
            (None, Some(moment)) => Keep::Until(moment),
            (Some(_), Some(_)) => return Err(Problem::parameter("keep", "give either keep or keep_until")),
        };
        Ok(Self { wait, keep })
    }
}
