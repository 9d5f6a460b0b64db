//! MSP.
