//! Other formats to contracts.

pub mod odcs;
