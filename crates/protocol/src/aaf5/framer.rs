//! Finds frames in a stream of bytes, however the network cut or glued them.
