//! Which columns a condition says to be equal: one has the other's values then, whatever it is made of.

use super::Lineage;
use super::col::{Col, Scopes};
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, Operator};
use runi_lang::sql::Influence;
use std::collections::BTreeSet;

/// Two expressions that are equal in every row that stays.
pub(super) struct Equal<'e> {
    left: &'e Expr,
    right: Right<'e>,
}

enum Right<'e> {
    Expr(&'e Expr),
    /// The columns of a sub-query.
    Known(Vec<Col>),
}

impl<'e> Equal<'e> {
    pub(super) fn pair(left: &'e Expr, right: &'e Expr) -> Self {
        Self { left, right: Right::Expr(right) }
    }
}

impl Lineage {
    /// The equalities that hold wherever a condition does.
    pub(super) fn equalities<'e>(&mut self, condition: &'e Expr, scopes: Scopes<'_>) -> Vec<Equal<'e>> {
        let mut found = Vec::new();
        for part in split_conjunction(condition) {
            match part {
                Expr::BinaryExpr(binary) if matches!(binary.op, Operator::Eq | Operator::IsNotDistinctFrom) => {
                    found.push(Equal::pair(&binary.left, &binary.right));
                }
                Expr::InSubquery(within) if !within.negated => {
                    let (columns, _) = self.subquery(&within.subquery, scopes);
                    found.push(Equal { left: &within.expr, right: Right::Known(columns) });
                }
                _ => {}
            }
        }
        found
    }

    /// Tells the columns on both sides of each equality of each other.
    pub(super) fn equate(&mut self, equals: &[Equal<'_>], inputs: &mut [(&DFSchema, &mut Vec<Col>)]) {
        for equal in equals {
            let sides: [Col; 2] = {
                let scopes: Vec<(&DFSchema, &[Col])> = inputs.iter().map(|(schema, columns)| (*schema, columns.as_slice())).collect();
                let mut traced = |expr: &Expr| {
                    let mut side = Col::default();
                    self.trace(expr, &scopes, Influence::Transformation, &mut side);
                    side
                };
                let left = traced(equal.left);
                let right = match &equal.right {
                    Right::Expr(right) => traced(right),
                    Right::Known(columns) => {
                        let mut side = Col::default();
                        columns.iter().for_each(|column| side.add(column, Influence::Transformation));
                        side
                    }
                };
                [left, right]
            };
            let [left, right] = sides;
            tell(equal.left, &right, inputs);
            if let Right::Expr(expr) = equal.right {
                tell(expr, &left, inputs);
            }
        }
    }
}

/// The columns of an expression have the values of the other side.
fn tell(expr: &Expr, other: &Col, inputs: &mut [(&DFSchema, &mut Vec<Col>)]) {
    let mut named = BTreeSet::new();
    // The closure never fails, so neither does the walk.
    let _ = expr.apply(|expr| {
        if let Expr::Column(column) = expr {
            named.insert(column.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    for column in &named {
        for (schema, columns) in &mut *inputs {
            if let Some(known) = schema.maybe_index_of_column(column).and_then(|index| columns.get_mut(index)) {
                known.equate(other);
                break;
            }
        }
    }
}
