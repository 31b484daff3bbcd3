//! The formats of others become contracts.

pub mod avro;
pub mod sql;
