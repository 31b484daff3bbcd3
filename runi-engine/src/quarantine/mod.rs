//! The quarantine: what is kept of a row that was set aside.
//!
//! One record says which run, stage and rules set a row aside, where it was read, and the row itself: as it was read
//! wherever every stage before kept rows apart, else as it stood at that stage.
//!
//! Sensitive cells are `***` unless the herd lets raw rows in. What a source's records may show is decided by the
//! *source's* labels ([`SourcePrivacy`]), not by those of the stage that set the row aside: a stage may have renamed or
//! dropped the column, the record still holds it. A source that nobody registered shows no cell at all. Error texts never
//! hold a sensitive value, raw rows allowed or not.

mod builder;
mod flatten;
pub(crate) mod json;
mod privacy;

pub use builder::QuarantineBuilder;
pub use flatten::flatten;
pub use privacy::SourcePrivacy;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

/// Why a row was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The rule's name: `range:price`.
    pub rule: String,
    /// The sentence that the row made false.
    pub title: String,
    /// What was found instead, without sensitive values.
    pub error: String,
}

/// The columns of the quarantine: name, type, whether it may be null, and what it says.
pub const COLUMNS: &[(&str, &str, bool, &str)] = &[
    ("run_id", "string", false, "the run that set the row aside"),
    ("scenario", "string", false, "its scenario"),
    ("stage", "string", false, "the source, step or sink whose rule was broken"),
    ("rules", "list<string>", false, "the broken rules, such as `range:price`"),
    ("titles", "list<string>", false, "what should have been true, one sentence per rule"),
    ("errors", "list<string>", false, "what was found, one line per rule"),
    ("contract", "string", true, "the contract and its digest, `TradeRaw@blake3:…`"),
    ("source", "string", true, "the source that the row came from"),
    ("file", "string", true, "its file"),
    ("row", "int64", true, "the record's number in that file, from 1"),
    ("line", "int64", true, "the line on which it starts, from 1"),
    ("record", "string", false, "the row as JSON"),
];

/// The schema of the quarantine.
#[must_use]
pub fn schema() -> SchemaRef {
    let fields = COLUMNS.iter().map(|(name, ty, nullable, _)| {
        let ty = match *ty {
            "list<string>" => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8View, true))),
            "int64" => DataType::Int64,
            _ => DataType::Utf8View,
        };
        Field::new(*name, ty, *nullable)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
