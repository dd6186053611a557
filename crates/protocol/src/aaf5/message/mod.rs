//! Every message of AA F5, one table each.
