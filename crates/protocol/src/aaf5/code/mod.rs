//! Code tables of AA F5, each value with a Chinese and an English text. Values beyond them are kept as numbers.
