//! Captures with AA F5 in them, alone and beside YKC.

mod decode;
mod mask;
mod replay;
pub(crate) mod sample;
