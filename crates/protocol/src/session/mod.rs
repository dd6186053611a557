//! What the sessions of all protocols share: times and bounds, requests that wait for answers, records that wait for
//! the platform's word, and why connections are closed.

mod close_reason;
mod pending;
mod record;
mod settings;

pub use close_reason::CloseReason;
pub(crate) use pending::{Pending, PendingRequests, Subject, agree};
pub(crate) use record::RecordStore;
pub use record::{RECORDS_MAX, RecordSchedule, RecordsFull};
pub use settings::Settings;
