//! Changes of state, safe from callers that hang up.

use std::future::Future;

use super::problem::{Kind, Problem};
use crate::store::StoreError;

/// Runs a change in a task of its own: when the caller hangs up or the time is over it still goes on to its end, so
/// that store and memory stay together.
pub(super) async fn to_its_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(change).await.unwrap_or_else(|error| Err(StoreError::Backend(std::sync::Arc::new(error))))
}

/// The answer to a change whose body names a tariff that does not exist; other errors as usual.
pub(super) fn tariff_in_body(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound { what: "tariff", key } => {
            let detail = format!("there is no tariff {key}: make it with PUT /api/v1/tariffs/{key} first");
            Problem::new(Kind::UnknownReference, &detail).at_pointer("/tariff", detail)
        }
        other => other.into(),
    }
}
