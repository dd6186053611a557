//! One frame: start, length, information byte, sequence, command, data, check sum.
