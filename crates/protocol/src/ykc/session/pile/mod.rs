//! The pile role.
