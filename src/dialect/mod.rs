//! MSP and its kin: messages of each protocol, to and from bytes.
pub mod msp;
