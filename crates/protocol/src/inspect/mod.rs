//! Explains frames.
