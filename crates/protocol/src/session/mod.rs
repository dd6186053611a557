//! What the sessions of all protocols share: a platform's connection, times and bounds, requests that wait for answers, records that wait for
//! the platform's word, and why connections are closed.

mod close_reason;
mod connection;
mod event;
mod pending;
mod record;
mod reply;
mod settings;

pub use close_reason::CloseReason;
pub use connection::{Connection, FrameOf, PlatformSession, RelativeOf};
pub use event::{DeadlineEvent, RecordBody};
pub(crate) use pending::{Pending, PendingRequests, Subject, agree};
pub(crate) use record::RecordStore;
pub use record::{RECORDS_MAX, RecordSchedule, RecordsFull};
pub(crate) use reply::PendingReplies;
pub use settings::Settings;
