//! Reading captures: the bytes of a file become records ([`Records`]), a record's packet becomes a segment of TCP
//! ([`segment`](segment())), segments become conversations ([`Assembler`]).
//!
//! The containers are read here rather than by a library because a capture from the field is often damaged (cut in the
//! middle, packets longer than its own limit) and everything before the damage still counts, and because masking a
//! capture needs to know where in the file each byte of a conversation stands.

mod assembler;
mod event;
mod pcap;
mod pcapng;
mod record;
mod segment;

pub use assembler::{Assembler, Limits};
pub use event::{End, Event, Flight, Known, Opened, Problem, Repeated, Statistics};
pub use pcapng::{OptionAt, options};
pub use record::{ByteOrder, Content, FileProblem, Format, Packet, Record, Records};
pub use segment::{Segment, Skipped, segment};
