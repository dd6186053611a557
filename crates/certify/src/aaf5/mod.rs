//! AA F5: the exams of piles and of platforms. What happened is seen through one view, and rules are functions over
//! it, for either side; the two exams only differ in who leads and who answers.

pub mod pile;
pub mod platform;
mod rule;
mod view;
