//! Bits and bytes.
