//! What is known about nulls: whether an expression can be null, and what it says about columns that are.
//!
//! DataFusion takes most functions to be nullable whatever they are given, and does not narrow
//! behind conditions. Contracts need more: `lower(x)` of a required `x` is not null.
//!
//! Columns are indices into the schema of the [`Scope`]. Every answer errs on the side of "can be null".

use super::bounded::CONCAT;
use super::checked::is_checked;
use super::functions::{null_from_any_argument, null_only_from_arguments};
use datafusion::common::{Column, DFSchema, ScalarValue};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Case, Expr, ExprSchemable, Operator};
use std::collections::BTreeSet;

/// Indices of columns.
pub(crate) type Set = BTreeSet<usize>;

/// The columns that an expression is read against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// Their names and types.
    pub(crate) schema: &'a DFSchema,
    /// Whether each can be null.
    pub(crate) nullable: &'a [bool],
}

impl Scope<'_> {
    /// Whether the expression can be null, in rows where the `known` columns are not.
    pub(crate) fn nullable(&self, expr: &Expr, known: &Set) -> bool {
        match expr {
            Expr::Alias(alias) => self.nullable(&alias.expr, known),
            Expr::Column(column) => match self.index(column) {
                Some(index) => !known.contains(&index) && self.nullable.get(index).copied().unwrap_or(true),
                None => true,
            },
            Expr::Literal(value, _) => value.is_null(),
            Expr::BinaryExpr(binary) => match binary.op {
                Operator::IsDistinctFrom | Operator::IsNotDistinctFrom => false,
                _ => self.nullable(&binary.left, known) || self.nullable(&binary.right, known),
            },
            Expr::Like(like) | Expr::SimilarTo(like) => self.nullable(&like.expr, known) || self.nullable(&like.pattern, known),
            Expr::Not(inner) | Expr::Negative(inner) => self.nullable(inner, known),
            Expr::Cast(cast) => self.nullable(&cast.expr, known),
            Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotTrue(_)
            | Expr::IsNotFalse(_)
            | Expr::IsNotUnknown(_)
            | Expr::Exists(_) => false,
            Expr::Between(between) => [&between.expr, &between.low, &between.high].into_iter().any(|part| self.nullable(part, known)),
            Expr::InList(list) => self.nullable(&list.expr, known) || list.list.iter().any(|item| self.nullable(item, known)),
            Expr::Case(case) => self.case_nullable(case, known),
            Expr::ScalarFunction(function) => {
                self.function_nullable(function, known).unwrap_or_else(|| expr.nullable(self.schema).unwrap_or(true))
            }
            Expr::AggregateFunction(_) | Expr::WindowFunction(_) => expr.nullable(self.schema).unwrap_or(true),
            _ => true,
        }
    }

    fn case_nullable(&self, case: &Case, known: &Set) -> bool {
        let Some(otherwise) = &case.else_expr else { return true };
        let mut known = known.clone();
        for (when, then) in &case.when_then_expr {
            let mut here = known.clone();
            if case.expr.is_none() {
                here.extend(self.non_null_if(when, true));
            }
            if self.nullable(then, &here) {
                return true;
            }
            if case.expr.is_none() {
                known.extend(self.decided_by_null(when, true));
            }
        }
        self.nullable(otherwise, &known)
    }

    fn function_nullable(&self, function: &ScalarFunction, known: &Set) -> Option<bool> {
        let mut args = function.args.iter();
        match function.name() {
            "coalesce" | "greatest" | "least" | "nvl" => Some(args.all(|arg| self.nullable(arg, known))),
            "concat" | "now" | "current_date" | "current_time" | "random" | "uuid" => Some(false),
            name if null_only_from_arguments(name) => Some(args.any(|arg| self.nullable(arg, known))),
            _ => None,
        }
    }

    /// Columns that are not null wherever the expression is `want`.
    pub(crate) fn non_null_if(&self, expr: &Expr, want: bool) -> Set {
        match expr {
            Expr::Alias(alias) => self.non_null_if(&alias.expr, want),
            Expr::BinaryExpr(binary) if matches!(binary.op, Operator::And | Operator::Or) => {
                let (left, right) = (self.non_null_if(&binary.left, want), self.non_null_if(&binary.right, want));
                // `and` is true when both sides are; false when one is.
                if (binary.op == Operator::And) == want { &left | &right } else { &left & &right }
            }
            Expr::BinaryExpr(binary) if binary.op == Operator::IsNotDistinctFrom && want => {
                if is_value(&binary.right) {
                    self.strict(&binary.left)
                } else if is_value(&binary.left) {
                    self.strict(&binary.right)
                } else {
                    Set::new()
                }
            }
            Expr::Not(inner) => self.non_null_if(inner, !want),
            Expr::IsNotNull(inner) | Expr::IsNotUnknown(inner) if want => self.strict(inner),
            Expr::IsNull(inner) | Expr::IsUnknown(inner) if !want => self.strict(inner),
            Expr::IsTrue(inner) if want => self.non_null_if(inner, true),
            Expr::IsNotTrue(inner) if !want => self.non_null_if(inner, true),
            Expr::IsFalse(inner) if want => self.non_null_if(inner, false),
            Expr::IsNotFalse(inner) if !want => self.non_null_if(inner, false),
            Expr::Between(between) => {
                let bounds = &self.strict(&between.low) | &self.strict(&between.high);
                // A null bound can still be decided by the other one, but only against the row.
                if want != between.negated { &self.strict(&between.expr) | &bounds } else { self.strict(&between.expr) }
            }
            other => &self.strict(other) | &self.decided_by_null(other, !want),
        }
    }

    /// Columns that make the expression null when they are.
    fn strict(&self, expr: &Expr) -> Set {
        match expr {
            Expr::Alias(alias) => self.strict(&alias.expr),
            Expr::Column(column) => self.index(column).into_iter().collect(),
            Expr::BinaryExpr(binary) => match binary.op {
                Operator::And | Operator::Or => &self.strict(&binary.left) & &self.strict(&binary.right),
                Operator::IsDistinctFrom | Operator::IsNotDistinctFrom => Set::new(),
                _ => &self.strict(&binary.left) | &self.strict(&binary.right),
            },
            Expr::Like(like) | Expr::SimilarTo(like) => &self.strict(&like.expr) | &self.strict(&like.pattern),
            Expr::Not(inner) | Expr::Negative(inner) => self.strict(inner),
            Expr::Cast(cast) => self.strict(&cast.expr),
            Expr::TryCast(cast) => self.strict(&cast.expr),
            Expr::Between(between) => self.strict(&between.expr),
            Expr::InList(list) => self.strict(&list.expr),
            Expr::ScalarFunction(function) if null_from_any_argument(&function.func) => {
                function.args.iter().flat_map(|arg| self.strict(arg)).collect()
            }
            _ => Set::new(),
        }
    }

    /// Columns that make the expression exactly `value`, never null, when they are null.
    pub(crate) fn decided_by_null(&self, expr: &Expr, value: bool) -> Set {
        match expr {
            Expr::Alias(alias) => self.decided_by_null(&alias.expr, value),
            Expr::BinaryExpr(binary) => match binary.op {
                Operator::And | Operator::Or => {
                    let (left, right) = (self.decided_by_null(&binary.left, value), self.decided_by_null(&binary.right, value));
                    // One false side decides `and`; one true side decides `or`.
                    if (binary.op == Operator::And) != value { &left | &right } else { &left & &right }
                }
                Operator::IsNotDistinctFrom if !value && is_value(&binary.right) => self.strict(&binary.left),
                Operator::IsDistinctFrom if value && is_value(&binary.right) => self.strict(&binary.left),
                _ => Set::new(),
            },
            Expr::Not(inner) => self.decided_by_null(inner, !value),
            Expr::IsNotNull(inner) | Expr::IsNotUnknown(inner) if !value => self.strict(inner),
            Expr::IsNull(inner) | Expr::IsUnknown(inner) if value => self.strict(inner),
            Expr::IsTrue(inner) if !value => &self.strict(inner) | &self.decided_by_null(inner, false),
            Expr::IsNotTrue(inner) if value => &self.strict(inner) | &self.decided_by_null(inner, false),
            Expr::IsFalse(inner) if !value => &self.strict(inner) | &self.decided_by_null(inner, true),
            Expr::IsNotFalse(inner) if value => &self.strict(inner) | &self.decided_by_null(inner, true),
            // `coalesce(x > 1, false)` says what null means.
            Expr::ScalarFunction(function) if function.name() == "coalesce" => match function.args.as_slice() {
                [inner, Expr::Literal(ScalarValue::Boolean(Some(default)), _)] if *default == value => {
                    &self.strict(inner) | &self.decided_by_null(inner, value)
                }
                _ => Set::new(),
            },
            _ => Set::new(),
        }
    }

    fn index(&self, column: &Column) -> Option<usize> {
        self.schema.maybe_index_of_column(column)
    }
}

/// Whether a *value* of a part, not only that there is none, can decide whether the expression is null.
///
/// The parts of its parts are not looked at. What is not known is taken to tell.
pub(crate) fn tells_values(expr: &Expr) -> bool {
    match expr {
        // `false and null` is false, `true and null` is null.
        Expr::BinaryExpr(binary) => matches!(binary.op, Operator::And | Operator::Or),
        Expr::ScalarFunction(function) => match function.name() {
            // Null where all are, or never.
            "coalesce" | "greatest" | "least" | "nvl" | "concat" | "concat_ws" | "make_array" | "named_struct" | "struct" | "get_field" => {
                false
            }
            name => !null_only_from_arguments(name) && !is_checked(name) && name != CONCAT,
        },
        Expr::Column(_)
        | Expr::Literal(..)
        | Expr::Alias(_)
        | Expr::Cast(_)
        | Expr::Not(_)
        | Expr::Negative(_)
        | Expr::Like(_)
        | Expr::SimilarTo(_)
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNotFalse(_)
        | Expr::IsNotUnknown(_) => false,
        _ => true,
    }
}

/// Whether an expression is written out and not null.
fn is_value(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(value, _) => !value.is_null(),
        Expr::Cast(cast) => is_value(&cast.expr),
        _ => false,
    }
}
