//! Settings: defaults, then a TOML file, then `VOLTAPILE_*` variables, then the command line; later ones win.

mod business;
mod capture;
mod error;
mod listen;
mod load;
mod settings;

pub use business::{Charging, Retention, Settlement};
pub use error::ConfigError;
pub use listen::Listen;
pub use load::{PREFIX, Sources, load};
pub use settings::{Encryption, Limits, Settings, Timing};
