//! Field types of AA F5.
