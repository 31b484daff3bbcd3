//! A column of a plan: what it is made of, what it equals, whether it can be null.

use crate::sql::nulls::Set;
use datafusion::common::{Column, DFSchema};
use datafusion::logical_expr::Expr;
use runi_lang::sql::{ColumnRef, Influence};
use std::collections::BTreeMap;

/// What a value is made of.
pub(crate) type From = BTreeMap<ColumnRef, Influence>;

/// An output column of some node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Col {
    pub(crate) from: From,
    /// Columns whose values it has without being made of them: a condition says that they are equal.
    pub(crate) equals: From,
    pub(crate) nullable: bool,
    /// Why nothing is known of it.
    pub(crate) opaque: Option<String>,
}

/// Columns that an expression can name.
pub(super) type Scopes<'a> = &'a [(&'a DFSchema, &'a [Col])];

impl Col {
    /// A column of which nothing is known.
    pub(super) fn opaque(reason: &str) -> Self {
        Self { nullable: true, opaque: Some(reason.to_owned()), ..Self::default() }
    }

    /// Takes over what `other` depends on, with something done to it.
    pub(super) fn add(&mut self, other: &Self, how: Influence) {
        merge(&mut self.from, composed(&other.from, how));
        merge(&mut self.equals, composed(&other.equals, how));
        self.opaque = self.opaque.take().or_else(|| other.opaque.clone());
    }

    /// Takes over that it has the values of `other`.
    pub(super) fn equate(&mut self, other: &Self) {
        for from in [&other.from, &other.equals] {
            merge(&mut self.equals, composed(from, Influence::Transformation));
        }
    }
}

pub(super) fn find<'a>(column: &Column, scopes: &[(&'a DFSchema, &'a [Col])]) -> Option<&'a Col> {
    scopes.iter().find_map(|(schema, columns)| columns.get(schema.maybe_index_of_column(column)?))
}

pub(super) fn nullability(columns: &[Col]) -> Vec<bool> {
    columns.iter().map(|column| column.nullable).collect()
}

pub(super) fn forget_nulls(columns: &mut [Col], known: &Set) {
    for index in known {
        if let Some(column) = columns.get_mut(*index) {
            column.nullable = false;
        }
    }
}

pub(super) fn forget_null_column(expr: &Expr, schema: &DFSchema, columns: &mut [Col]) {
    if let Expr::Column(column) = expr {
        forget_nulls(columns, &schema.maybe_index_of_column(column).into_iter().collect());
    }
}

/// What a value is made of when something is done to it.
pub(super) fn composed(from: &From, how: Influence) -> From {
    from.iter().map(|(column, inner)| (column.clone(), inner.then(how))).collect()
}

/// Keeps the strongest influence of each column.
pub(super) fn merge(into: &mut From, other: From) {
    for (column, influence) in other {
        into.entry(column).and_modify(|known| *known = known.or(influence)).or_insert(influence);
    }
}
