//! AES of data areas (V4.9 and later).
