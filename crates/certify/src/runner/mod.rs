//! Gives exams sockets, a clock and a person.
