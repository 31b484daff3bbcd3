//! Contracts from and to the formats of others.
//!
//! ```text
//! import   ODCS, JSON Schema, Avro, Protobuf, SQL DDL, Go and Rust sources, samples of data → contracts
//! export   contracts → ODCS, JSON Schema, Avro, Protobuf, SQL DDL, Arrow, Markdown
//! ```
//!
//! No direction loses anything in silence: what a format cannot say, or we cannot read, is a [`Loss`] with its place.

mod annotate;
mod build;
mod check;
mod compare;
mod dialect;
mod document;
mod error;
pub mod export;
pub mod generate;
pub mod import;
mod loss;
mod parts;
mod pattern;
mod settle;
mod text;

pub use annotate::annotate;
pub use dialect::Dialect;
pub use error::{ExportError, ImportError};
pub use loss::{Imported, Loss, Note};
