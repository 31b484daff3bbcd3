//! The shape of rows at one point of a pipeline.

use crate::types::DataType;
use serde::{Deserialize, Serialize};

/// One column of a [`Schema`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Column {
    /// Its name; names are case-sensitive.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: DataType,
    /// Whether a row may have no value here.
    pub nullable: bool,
}

/// Columns in order; names are unique.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schema {
    /// The columns.
    pub columns: Vec<Column>,
}

impl Schema {
    /// The column of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Every column's name, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }
}
