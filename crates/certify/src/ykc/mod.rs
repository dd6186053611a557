//! 云快充: the exams of piles and of platforms.

pub mod pile;
pub mod platform;
