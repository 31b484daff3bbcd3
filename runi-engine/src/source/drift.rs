//! How a source's columns differ from its contract, and whether that matters.

use super::SourceSpec;
use crate::error::EngineError;
use chrono::Datelike;
use runi_lang::check::sensitive_fields;
use runi_lang::model::{Contract, Date, Field, OnFail};
use std::fmt;

/// What stands for a column's name that may be a value.
pub(super) const HIDDEN: &str = "***";

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
    /// A file that should begin with a header and has nothing in it: the file of a day without rows, or one that was cut off.
    NoHeader,
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
            Self::NoHeader => write!(f, "there is no header: the file is empty"),
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
            // Without rows no value is missing, also where one is required.
            Self::Missing { .. } | Self::NoHeader => contract.drift.missing,
            Self::Extra { .. } => contract.drift.extra,
            Self::Retyped { .. } => contract.drift.retyped,
            Self::Reordered { .. } => contract.drift.reordered,
            Self::Renamed { .. } => OnFail::Warn,
            Self::InFile { drift, .. } => return drift.is_allowed(contract),
        };
        policy != OnFail::Fail
    }
}

impl Drift {
    /// The same difference under a contract that may require what the one it was found under did not.
    pub(crate) fn redeclared(self, contract: &Contract) -> Self {
        match self {
            Self::Missing { field, .. } => {
                let keyed = contract.keys.iter().any(|key| key.primary && key.columns.contains(&field));
                let required = keyed || contract.field(&field).is_some_and(Field::is_required);
                Self::Missing { field, required }
            }
            Self::InFile { file, drift } => Self::InFile { file, drift: Box::new(drift.redeclared(contract)) },
            other => other,
        }
    }

    /// The same difference, with the file's name when the source has several.
    pub(super) fn of_file(self, several: bool, file: &str) -> Self {
        if several { Self::InFile { file: file.to_owned(), drift: Box::new(self) } } else { self }
    }
}

/// Lets the differences pass that the policy allows.
///
/// # Errors
/// [`EngineError::Drift`] with every difference, when one of them is forbidden.
pub(super) fn settle(spec: &SourceSpec<'_>, drift: Vec<Drift>) -> Result<Vec<Drift>, EngineError> {
    let Some(contract) = spec.contract else { return Ok(Vec::new()) };
    if drift.iter().all(|one| one.is_allowed(contract)) {
        return Ok(drift);
    }
    let details = drift.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    Err(EngineError::Drift { source_name: spec.name.to_owned(), contract: contract.name.clone(), details })
}

/// Which field each column of a source serves.
#[derive(Debug, Default)]
pub(super) struct Match {
    /// For each column, in the source's order, the index of its field.
    pub(super) fields: Vec<Option<usize>>,
    /// What does not fit.
    pub(super) drift: Vec<Drift>,
    /// Whether the names of columns that serve no field may be values: a sensitive field is not there.
    pub(super) names_are_data: bool,
}

impl Match {
    /// Matches columns by name; an earlier name serves while `@renamed_from` says so and the new one is not there.
    pub(super) fn by_name(contract: &Contract, columns: &[String]) -> Self {
        let mut matched = Self::default();
        for column in columns {
            let same = contract.fields.iter().position(|field| field.name == *column);
            let field = same.or_else(|| {
                renamed(contract, column).filter(|new| !contract.fields.get(*new).is_some_and(|field| columns.contains(&field.name)))
            });
            match field {
                Some(field) if matched.fields.contains(&Some(field)) => {
                    matched.fields.push(None);
                    matched.drift.push(Drift::Extra { column: column.clone() });
                }
                Some(field) => {
                    matched.fields.push(Some(field));
                    if same.is_none() {
                        let to = contract.fields.get(field).map(|field| field.name.clone()).unwrap_or_default();
                        matched.drift.push(Drift::Renamed { from: column.clone(), to });
                    }
                }
                None => {
                    matched.fields.push(None);
                    matched.drift.push(Drift::Extra { column: column.clone() });
                }
            }
        }
        for (index, field) in contract.fields.iter().enumerate() {
            if !matched.fields.contains(&Some(index)) {
                matched.drift.push(Drift::Missing { field: field.name.clone(), required: field.is_required() });
            }
        }
        // Where a sensitive field is not found, a column's name may be a value: a file without its header.
        let sensitive = sensitive_fields(contract);
        let lost = |(index, field): (usize, &Field)| sensitive.contains(&field.name) && !matched.fields.contains(&Some(index));
        matched.names_are_data = contract.fields.iter().enumerate().any(lost);
        if matched.names_are_data {
            for drift in &mut matched.drift {
                if let Drift::Extra { column } = drift {
                    HIDDEN.clone_into(column);
                }
            }
        }
        let actual: Vec<usize> = matched.fields.iter().copied().flatten().collect();
        if !actual.is_sorted() {
            let name = |index: &usize| contract.fields.get(*index).map(|field| field.name.clone()).unwrap_or_default();
            let mut expected = actual.clone();
            expected.sort_unstable();
            let drift = Drift::Reordered { expected: expected.iter().map(name).collect(), actual: actual.iter().map(name).collect() };
            matched.drift.push(drift);
        }
        matched
    }
}

/// The field whose earlier name this is, while that is still understood.
pub(super) fn renamed(contract: &Contract, column: &str) -> Option<usize> {
    let now = chrono::Utc::now().date_naive();
    let today = (now.year(), now.month(), now.day());
    let until = |date: Date| (i32::from(date.year), u32::from(date.month), u32::from(date.day));
    let rule = contract.renamed.iter().find(|rule| rule.from == column && rule.until.is_none_or(|date| today <= until(date)))?;
    contract.fields.iter().position(|field| field.name == rule.to)
}
