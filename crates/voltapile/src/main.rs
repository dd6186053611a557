//! voltapile
fn main() {}
