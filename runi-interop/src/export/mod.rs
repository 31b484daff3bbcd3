//! Contracts to other formats.

pub mod odcs;
