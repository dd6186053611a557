//! The platform role.
