//! DataFusion behind the compiler's `SqlEngine`: types, lineage, and expressions to evaluate.

pub mod types;
