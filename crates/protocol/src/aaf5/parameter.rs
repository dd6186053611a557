//! The settings of a pile: integer and text parameters by name.
