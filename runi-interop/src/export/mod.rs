//! Contracts become the formats of others.

pub mod avro;
pub mod sql;

use crate::loss::Loss;

/// What an export gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exported {
    /// The text.
    pub text: String,
    /// What it does not say.
    pub losses: Vec<Loss>,
}
