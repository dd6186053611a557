//! Asks a server how fast it is.
