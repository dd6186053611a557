//! Gives models sockets and a clock.
