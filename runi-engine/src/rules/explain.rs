//! Why a row broke a rule, for the few rows that did.

use super::ContractRules;
use crate::mask::canonical;
use arrow::array::RecordBatch;

/// Characters of a value that an explanation shows.
const SHOWN: usize = 80;

impl ContractRules {
    /// What is wrong with a row, as one line: the rule's columns with their values, cut at 80 characters. A value of a
    /// `sensitive` column is never part of it, and neither is any value that a `@rule` reads.
    #[must_use]
    pub fn explain(&self, rule: usize, batch: &RecordBatch, row: usize, sensitive: &[String]) -> String {
        let Some(info) = self.rules.get(rule) else { return "an unknown rule is broken".to_owned() };
        if info.columns.iter().any(|column| sensitive.contains(column)) {
            return match info.id {
                "required" => format!("`{}` is null", info.columns.join("`, `")),
                _ => format!("`{}` breaks this rule; what is sensitive is not shown", info.columns.join("`, `")),
            };
        }
        let values =
            || info.columns.iter().map(|column| format!("`{column}` is {}", value(batch, column, row))).collect::<Vec<_>>().join(", ");
        match info.id {
            "type" => format!("`{}` cannot be read as its type", info.columns.join("`, `")),
            "rule" => "the condition is not true".to_owned(),
            "key" | "unique" => format!("another row is the same: {}", values()),
            "references" => format!("{}, which is not there", values()),
            _ => values(),
        }
    }
}

fn value(batch: &RecordBatch, column: &str, row: usize) -> String {
    match batch.column_by_name(column).filter(|array| row < array.len()).map(|array| canonical::text(array, row)) {
        Some(Ok(Some(text))) => quoted(&text),
        Some(Ok(None)) => "null".to_owned(),
        _ => "not known".to_owned(),
    }
}

/// A value in back quotes, cut at 80 characters.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}
