//! Tests on virtual time.
