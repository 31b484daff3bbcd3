//! How a source's columns differ from its contract, and whether that matters.

use crate::error::EngineError;
use runi_lang::model::{Contract, OnFail};
use std::fmt;

/// One difference between the columns of a source and the fields of its contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drift {
    /// A field that the source does not have; every row has null there.
    Missing {
        /// The field.
        field: String,
        /// Whether the contract wants a value; then no policy lets it pass.
        required: bool,
    },
    /// A column that the contract does not know; it is left out.
    Extra {
        /// The column.
        column: String,
    },
    /// A typed column of another type than the field; its values are cast.
    Retyped {
        /// The field.
        field: String,
        /// The contract's type.
        declared: String,
        /// The source's type.
        actual: String,
    },
    /// The same columns in another order.
    Reordered {
        /// The contract's order.
        expected: Vec<String>,
        /// The source's order.
        actual: Vec<String>,
    },
    /// A column under its earlier name, which `@renamed_from` still allows.
    Renamed {
        /// The name in the source.
        from: String,
        /// The field that it serves.
        to: String,
    },
    /// A difference of one file among several.
    InFile {
        /// The file.
        file: String,
        /// The difference.
        drift: Box<Drift>,
    },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { field, required: true } => write!(f, "required field `{field}` is missing"),
            Self::Missing { field, required: false } => write!(f, "field `{field}` is missing"),
            Self::Extra { column } => write!(f, "column `{column}` is not in the contract"),
            Self::Retyped { field, declared, actual } => write!(f, "field `{field}` is {actual} where the contract says {declared}"),
            Self::Reordered { expected, actual } => {
                write!(f, "the columns stand in the order {} where the contract says {}", actual.join(", "), expected.join(", "))
            }
            Self::Renamed { from, to } => write!(f, "column `{from}` is the earlier name of field `{to}`"),
            Self::InFile { file, drift } => write!(f, "in `{file}` {drift}"),
        }
    }
}

impl Drift {
    /// Whether the contract's policy lets it pass.
    #[must_use]
    pub fn is_allowed(&self, contract: &Contract) -> bool {
        let policy = match self {
            Self::Missing { required: true, .. } => OnFail::Fail,
            Self::Missing { .. } => contract.drift.missing,
            Self::Extra { .. } => contract.drift.extra,
            Self::Retyped { .. } => contract.drift.retyped,
            Self::Reordered { .. } => contract.drift.reordered,
            Self::Renamed { .. } => OnFail::Warn,
            Self::InFile { drift, .. } => return drift.is_allowed(contract),
        };
        policy != OnFail::Fail
    }
}

/// Lets the differences pass that the policy allows.
///
/// # Errors
/// [`EngineError::Drift`] with every difference, when one of them is forbidden.
pub(super) fn enforce(source: &str, contract: &Contract, drift: Vec<Drift>) -> Result<Vec<Drift>, EngineError> {
    if drift.iter().all(|one| one.is_allowed(contract)) {
        return Ok(drift);
    }
    let details = drift.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    Err(EngineError::Drift { source_name: source.to_owned(), contract: contract.name.clone(), details })
}
