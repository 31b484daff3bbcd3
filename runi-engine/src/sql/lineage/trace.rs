//! What an expression reads: columns, those of the rows around a sub-query, and sub-queries.

use super::Lineage;
use super::col::{Col, Scopes, composed, find, merge};
use crate::sql::nulls::tells_values;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, Subquery, WindowFunctionDefinition};
use runi_lang::sql::{ColumnRef, Influence};
use std::collections::BTreeSet;

impl Lineage {
    /// Adds what `expr` reads to `into`.
    pub(super) fn trace(&mut self, expr: &Expr, scopes: Scopes<'_>, how: Influence, into: &mut Col) {
        match expr {
            Expr::Alias(alias) => self.trace(&alias.expr, scopes, how, into),
            Expr::Column(column) => read(find(column, scopes), &column.name, how, into),
            Expr::OuterReferenceColumn(_, column) => {
                let outer = self.outer.iter().rev().find_map(|(schema, columns)| find(column, &[(schema, columns)]));
                read(outer, &column.name, how, into);
            }
            Expr::AggregateFunction(function) => {
                let argument = if function.func.name() == "count" { Influence::Count } else { Influence::Aggregation };
                for arg in &function.params.args {
                    self.trace(arg, scopes, argument.then(how), into);
                }
                // What is counted can be told from a condition on it, so a condition is more than a count.
                for condition in function.params.filter.as_deref().into_iter().chain(function.params.order_by.iter().map(|by| &by.expr)) {
                    self.trace(condition, scopes, Influence::Aggregation, into);
                }
            }
            Expr::WindowFunction(function) => {
                let argument = match &function.fun {
                    WindowFunctionDefinition::AggregateUDF(udf) if udf.name() == "count" => Influence::Count,
                    WindowFunctionDefinition::AggregateUDF(_) => Influence::Aggregation,
                    WindowFunctionDefinition::WindowUDF(_) => Influence::Conditional,
                };
                let params = &function.params;
                for arg in &params.args {
                    self.trace(arg, scopes, argument.then(how), into);
                }
                let order = params.order_by.iter().map(|by| &by.expr);
                for part in params.partition_by.iter().chain(order).chain(params.filter.as_deref()) {
                    self.trace(part, scopes, Influence::Conditional, into);
                }
            }
            Expr::ScalarSubquery(subquery) => {
                let (columns, _) = self.subquery(subquery, scopes);
                for column in columns {
                    into.add(&column, Influence::Conditional.then(how));
                }
            }
            Expr::Exists(exists) => {
                let (_, rows) = self.subquery(&exists.subquery, scopes);
                merge(&mut into.from, decided(rows, how));
            }
            Expr::InSubquery(within) => {
                self.trace(&within.expr, scopes, Influence::Conditional.then(how), into);
                self.membership(&within.subquery, scopes, how, into);
            }
            Expr::SetComparison(comparison) => {
                self.trace(&comparison.expr, scopes, Influence::Conditional.then(how), into);
                self.membership(&comparison.subquery, scopes, how, into);
            }
            other => {
                let how = if tells_values(other) { Influence::Conditional } else { Influence::Transformation }.then(how);
                let mut children = Vec::new();
                let walked = other.apply_children(|child| {
                    children.push(child.clone());
                    Ok(TreeNodeRecursion::Continue)
                });
                if walked.is_err() {
                    into.opaque = Some("an expression is not traced".to_owned());
                }
                for child in &children {
                    self.trace(child, scopes, how, into);
                }
            }
        }
    }

    fn membership(&mut self, subquery: &Subquery, scopes: Scopes<'_>, how: Influence, into: &mut Col) {
        let (columns, rows) = self.subquery(subquery, scopes);
        for column in columns {
            into.add(&column, Influence::Conditional.then(how));
        }
        merge(&mut into.from, decided(rows, how));
    }

    /// The columns of a sub-query, and the columns that decide its rows.
    pub(super) fn subquery(&mut self, subquery: &Subquery, scopes: Scopes<'_>) -> (Vec<Col>, BTreeSet<ColumnRef>) {
        let depth = self.outer.len();
        self.outer.extend(scopes.iter().map(|(schema, columns)| ((*schema).clone(), columns.to_vec())));
        let before = std::mem::take(&mut self.rows);
        let columns = self.plan(&subquery.subquery, false);
        let rows = std::mem::replace(&mut self.rows, before);
        self.rows.extend(rows.iter().cloned());
        self.outer.truncate(depth);
        (columns, rows)
    }
}

fn read(found: Option<&Col>, name: &str, how: Influence, into: &mut Col) {
    match found {
        Some(found) => into.add(found, how),
        None => into.opaque = Some(format!("`{name}` is not traced")),
    }
}

/// What comes of columns that decide which rows a sub-query has.
fn decided(rows: BTreeSet<ColumnRef>, how: Influence) -> super::From {
    let rows = rows.into_iter().map(|column| (column, Influence::Conditional)).collect();
    composed(&rows, how)
}
