//! The shape of rows during the walk: a column, its labels and its origins.

use super::labels::LabelSet;
use crate::schema::{Column, Schema};
use crate::sql::{Certainty, ColumnRef, Influence};
use std::collections::BTreeMap;

/// A column at one point of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Col {
    /// Name, type, nullability.
    pub(crate) column: Column,
    /// Why it is sensitive.
    pub(crate) labels: LabelSet,
    /// The source columns that it is made of.
    pub(crate) from: BTreeMap<ColumnRef, Influence>,
    /// How sure that is.
    pub(crate) certainty: Certainty,
    /// Whether a value decides if there is one, so that counting it tells the value.
    pub(crate) decided: bool,
}

impl Col {
    /// A column of nowhere.
    pub(crate) fn new(column: Column) -> Self {
        Self { column, labels: LabelSet::default(), from: BTreeMap::new(), certainty: Certainty::Exact, decided: false }
    }

    /// Takes the origins of `other` over, seen through `influence`.
    pub(crate) fn derive(&mut self, other: &Self, influence: Influence) {
        for (column, before) in &other.from {
            let through = before.then(influence);
            self.from.entry(column.clone()).and_modify(|old| *old = old.or(through)).or_insert(through);
        }
        self.certainty = weaker(&self.certainty, &other.certainty);
        if influence != Influence::Count || other.decided {
            self.labels.merge(&other.labels);
        }
        self.decided |= other.decided || influence == Influence::Conditional;
    }
}

/// The less sure of two.
pub(crate) fn weaker(a: &Certainty, b: &Certainty) -> Certainty {
    match (a, b) {
        (Certainty::Opaque(_), _) => a.clone(),
        (_, Certainty::Opaque(_)) => b.clone(),
        (Certainty::Approximate, _) | (_, Certainty::Approximate) => Certainty::Approximate,
        _ => Certainty::Exact,
    }
}

/// The columns without their history.
pub(crate) fn schema(cols: &[Col]) -> Schema {
    Schema { columns: cols.iter().map(|col| col.column.clone()).collect() }
}

/// The column of this name.
pub(crate) fn find<'a>(cols: &'a [Col], name: &str) -> Option<&'a Col> {
    cols.iter().find(|col| col.column.name == name)
}

/// Every name, for "did you mean".
pub(crate) fn names(cols: &[Col]) -> Vec<String> {
    cols.iter().map(|col| col.column.name.clone()).collect()
}
