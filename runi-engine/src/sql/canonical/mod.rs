//! The normal form of expressions and `select`s: what may be written in several ways is written in one.
//!
//! The planner has resolved names and settled types; here, alternatives are brought together:
//!
//! * `not` moves inwards, comparisons point one way, `between` becomes its two comparisons;
//! * the sides of `=`, `<>`, `+`, `*` and the parts of `and`, `or` and `in (…)` are sorted;
//! * casts to the type that a value has already go, constants are folded as a run would fold them;
//! * aliases, names of CTEs and sub-queries go, because columns are written as what they are made of.
//!
//! `and` and `or` evaluate their parts from left to right, and a part that can fail (`a / b > 1`) is not evaluated in
//! rows that a part before it decides. So parts are sorted only between those that can fail.
//!
//! Whatever this module does not know has no normal form: it never guesses.
//!
//! ```text
//! junction   chains of `and` and `or`: flattened, and sorted as far as nothing can fail
//! demand     what the parts of a condition ask for, so that more and less can be told
//! value      constants, and limits in the type of what they are compared with
//! plan       whole `select`s
//! ```

mod demand;
mod junction;
mod plan;
mod value;

pub(crate) use plan::canonical_query;

use super::engine::DataFusionEngine;
use super::text::SqlText;
use datafusion::common::DFSchema;
use datafusion::logical_expr::expr::{AggregateFunctionParams, Sort};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, Volatility, WindowFunctionDefinition};
use plan::Node;
use runi_lang::sql::Canonical;
use std::collections::{BTreeMap, BTreeSet};
use value::{literal, ty};

/// How long a form may become; inlining can double it at every level.
const FORM_MAX: usize = 256 * 1024;

/// Writes expressions over one schema in their normal form.
pub(crate) struct Writer<'a> {
    pub(crate) engine: &'a DataFusionEngine,
    pub(crate) schema: &'a DFSchema,
    /// What each column of the schema is written as.
    pub(crate) columns: &'a [String],
    /// Whether conditions are sorted even where one can fail.
    pub(crate) unordered: bool,
}

/// The normal form of a row expression; `None` when it has none. `called` are the names that the form has for columns, where they are
/// others than the schema's.
pub(crate) fn canonical_expr(
    engine: &DataFusionEngine,
    text: &SqlText<'_>,
    schema: &DFSchema,
    called: &BTreeMap<String, String>,
) -> Option<Canonical> {
    let ast = text.parse_expr().ok()?;
    let expr = super::expr::plan_expr(ast, schema, &engine.functions, &engine.options).ok()?;
    let columns: Vec<String> = schema.fields().iter().map(|field| quoted(called.get(field.name()).unwrap_or(field.name()))).collect();
    // Two columns of one name could not be told apart.
    if columns.iter().collect::<BTreeSet<_>>().len() != columns.len() {
        return None;
    }
    let ordered = Writer { engine, schema, columns: &columns, unordered: false };
    let unordered = Writer { unordered: true, ..ordered };
    Some(Canonical { form: ordered.write(&expr)?, unordered: unordered.write(&expr)?, parts: unordered.parts(&expr)? })
}

/// A name or a text between quotes that cannot end inside it.
pub(crate) fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// An operator and what it is applied to.
pub(crate) fn call(name: &str, arguments: &[String]) -> Option<String> {
    let len: usize = name.len() + 2 + arguments.iter().map(|argument| argument.len() + 1).sum::<usize>();
    (len <= FORM_MAX).then(|| {
        let mut out = String::with_capacity(len);
        out.push('(');
        out.push_str(name);
        for argument in arguments {
            out.push(' ');
            out.push_str(argument);
        }
        out.push(')');
        out
    })
}

impl Writer<'_> {
    /// The form of an expression.
    pub(crate) fn write(&self, expr: &Expr) -> Option<String> {
        if let Some(folded) = self.folded(expr) {
            return literal(&folded);
        }
        match expr {
            Expr::Alias(alias) => self.write(&alias.expr),
            Expr::Column(column) => self.columns.get(self.schema.maybe_index_of_column(column)?).cloned(),
            Expr::Literal(value, _) => literal(value),
            Expr::BinaryExpr(binary) => self.binary(binary, false),
            Expr::Not(inner) => self.negated(inner),
            Expr::Between(between) => {
                let (low, high) = self.bounds(between, between.negated);
                // A limit that can fail is evaluated whatever the other one says.
                if self.can_fail(&between.low) || self.can_fail(&between.high) {
                    let tag = if between.negated { "not-between" } else { "between" };
                    return call(tag, &self.all([between.expr.as_ref(), &between.low, &between.high])?);
                }
                self.junction(if between.negated { Operator::Or } else { Operator::And }, vec![(&low, false), (&high, false)])
            }
            Expr::IsNull(inner) => call("is-null", &[self.write(inner)?]),
            Expr::IsNotNull(inner) => call("is-not-null", &[self.write(inner)?]),
            Expr::IsTrue(inner) => call("is-true", &[self.write(inner)?]),
            Expr::IsFalse(inner) => call("is-false", &[self.write(inner)?]),
            Expr::IsUnknown(inner) => call("is-null", &[self.write(inner)?]),
            Expr::IsNotTrue(inner) => call("is-not-true", &[self.write(inner)?]),
            Expr::IsNotFalse(inner) => call("is-not-false", &[self.write(inner)?]),
            Expr::IsNotUnknown(inner) => call("is-not-null", &[self.write(inner)?]),
            Expr::Negative(inner) => call("negative", &[self.write(inner)?]),
            Expr::Like(like) => self.like("like", like, false),
            Expr::SimilarTo(like) => self.like("similar", like, false),
            Expr::Case(case) => {
                let mut parts = Vec::new();
                match &case.expr {
                    Some(operand) => parts.push(call("of", &[self.write(operand)?])?),
                    None => parts.push("(of)".to_owned()),
                }
                for (when, then) in &case.when_then_expr {
                    parts.push(call("when", &[self.write(when)?, self.write(then)?])?);
                }
                if let Some(otherwise) = &case.else_expr
                    && !self.folded(otherwise).is_some_and(|value| value.is_null())
                {
                    parts.push(call("else", &[self.write(otherwise)?])?);
                }
                // The types of the branches decide the type of the whole, and a bare `null` has none of its own.
                call("case", &[parts, vec![ty(&expr.get_type(self.schema).ok()?)]].concat())
            }
            Expr::Cast(cast) => {
                if cast.expr.get_type(self.schema).ok()? == *cast.field.data_type() {
                    return self.write(&cast.expr);
                }
                call("cast", &[self.write(&cast.expr)?, ty(cast.field.data_type())])
            }
            Expr::TryCast(cast) => {
                if cast.expr.get_type(self.schema).ok()? == *cast.field.data_type() {
                    return self.write(&cast.expr);
                }
                call("try-cast", &[self.write(&cast.expr)?, ty(cast.field.data_type())])
            }
            Expr::ScalarFunction(function) if function.func.signature().volatility != Volatility::Volatile => {
                call(&format!("call {}", quoted(function.func.name())), &self.all(&function.args)?)
            }
            Expr::InList(list) => self.in_list(list, list.negated),
            Expr::AggregateFunction(function) if function.func.signature().volatility != Volatility::Volatile => {
                let AggregateFunctionParams { args, distinct, filter, order_by, null_treatment } = &function.params;
                let parts = [
                    call("args", &self.all(args)?)?,
                    distinct.to_string(),
                    call("filter", &self.all(filter.as_deref())?)?,
                    call("order", &self.sorts(order_by)?)?,
                    format!("{null_treatment:?}"),
                ];
                call(&format!("aggregate {}", quoted(function.func.name())), &parts)
            }
            Expr::WindowFunction(window) => {
                let name = match &window.fun {
                    WindowFunctionDefinition::AggregateUDF(function) => function.name().to_owned(),
                    WindowFunctionDefinition::WindowUDF(function) => function.name().to_owned(),
                };
                let params = &window.params;
                let mut partitions = self.all(&params.partition_by)?;
                partitions.sort_unstable();
                partitions.dedup();
                let parts = [
                    call("args", &self.all(&params.args)?)?,
                    params.distinct.to_string(),
                    call("filter", &self.all(params.filter.as_deref())?)?,
                    call("partition", &partitions)?,
                    call("order", &self.sorts(&params.order_by)?)?,
                    quoted(&params.window_frame.to_string()),
                    format!("{:?}", params.null_treatment),
                ];
                call(&format!("window {}", quoted(&name)), &parts)
            }
            Expr::ScalarSubquery(subquery) => call("scalar", &[self.subquery(subquery)?]),
            Expr::Exists(exists) => call(if exists.negated { "not-exists" } else { "exists" }, &[self.subquery(&exists.subquery)?]),
            Expr::InSubquery(within) => {
                let tag = if within.negated { "not-in-rows" } else { "in-rows" };
                call(tag, &[self.write(&within.expr)?, self.subquery(&within.subquery)?])
            }
            _ => None,
        }
    }

    /// The forms of several expressions, in order.
    pub(crate) fn all<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> Option<Vec<String>> {
        exprs.into_iter().map(|expr| self.write(expr)).collect()
    }

    /// The forms of a sort order.
    pub(crate) fn sorts(&self, sorts: &[Sort]) -> Option<Vec<String>> {
        sorts.iter().map(|sort| call("by", &[self.write(&sort.expr)?, sort.asc.to_string(), sort.nulls_first.to_string()])).collect()
    }

    /// A sub-query that reads nothing of the rows around it.
    fn subquery(&self, subquery: &datafusion::logical_expr::Subquery) -> Option<String> {
        if !subquery.outer_ref_columns.is_empty() {
            return None;
        }
        Node::of(self.engine, &subquery.subquery, self.unordered)?.whole()
    }

    /// The form of `not expr`. SQL's `not` keeps null as null, so it may move inwards.
    fn negated(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Alias(alias) => self.negated(&alias.expr),
            Expr::Not(inner) => self.write(inner),
            Expr::BinaryExpr(binary) => self.binary(binary, true),
            Expr::IsNull(inner) | Expr::IsUnknown(inner) => call("is-not-null", &[self.write(inner)?]),
            Expr::IsNotNull(inner) | Expr::IsNotUnknown(inner) => call("is-null", &[self.write(inner)?]),
            Expr::IsTrue(inner) => call("is-not-true", &[self.write(inner)?]),
            Expr::IsNotTrue(inner) => call("is-true", &[self.write(inner)?]),
            Expr::IsFalse(inner) => call("is-not-false", &[self.write(inner)?]),
            Expr::IsNotFalse(inner) => call("is-false", &[self.write(inner)?]),
            Expr::Like(like) => self.like("like", like, true),
            Expr::SimilarTo(like) => self.like("similar", like, true),
            Expr::InList(list) => self.in_list(list, !list.negated),
            Expr::Between(between) => {
                let flipped = datafusion::logical_expr::Between { negated: !between.negated, ..between.clone() };
                self.write(&Expr::Between(flipped))
            }
            other => call("not", &[self.write(other)?]),
        }
    }

    fn like(&self, name: &str, like: &datafusion::logical_expr::Like, flip: bool) -> Option<String> {
        let parts = [
            self.write(&like.expr)?,
            self.write(&like.pattern)?,
            (like.negated != flip).to_string(),
            format!("{:?}", like.escape_char),
            like.case_insensitive.to_string(),
        ];
        call(name, &parts)
    }

    fn in_list(&self, list: &datafusion::logical_expr::expr::InList, negated: bool) -> Option<String> {
        let mut values = self.all(&list.list)?;
        // A value that can fail is not asked for once another one was found to be equal.
        if self.unordered || !list.list.iter().any(|value| self.can_fail(value)) {
            values.sort_unstable();
            values.dedup();
        }
        values.insert(0, self.write(&list.expr)?);
        call(if negated { "not-in" } else { "in" }, &values)
    }

    fn binary(&self, binary: &BinaryExpr, negate: bool) -> Option<String> {
        let BinaryExpr { left, op, right } = binary;
        match op {
            Operator::And | Operator::Or => {
                let op = if negate { dual(*op) } else { *op };
                self.junction(op, vec![(left.as_ref(), negate), (right.as_ref(), negate)])
            }
            _ if negate => match opposite(*op) {
                Some(op) => self.binary(&BinaryExpr { left: left.clone(), op, right: right.clone() }, false),
                None => call("not", &[self.binary(binary, false)?]),
            },
            _ => {
                let (mut left, mut right) = match self.settled(left, *op, right) {
                    Some((left, right)) => (self.write(&left)?, self.write(&right)?),
                    None => (self.write(left)?, self.write(right)?),
                };
                let mut op = *op;
                if matches!(op, Operator::Gt | Operator::GtEq) {
                    op = if op == Operator::Gt { Operator::Lt } else { Operator::LtEq };
                    std::mem::swap(&mut left, &mut right);
                }
                if commutes(op) && right < left {
                    std::mem::swap(&mut left, &mut right);
                }
                call(&op.to_string(), &[left, right])
            }
        }
    }

    /// Whether some row can make an expression fail.
    pub(crate) fn can_fail(&self, expr: &Expr) -> bool {
        super::guarded::can_fail(expr, self.schema)
    }
}

fn dual(op: Operator) -> Operator {
    if op == Operator::And { Operator::Or } else { Operator::And }
}

/// The comparison that is true where `op` is false, and null where it is null.
fn opposite(op: Operator) -> Option<Operator> {
    Some(match op {
        Operator::Eq => Operator::NotEq,
        Operator::NotEq => Operator::Eq,
        Operator::Lt => Operator::GtEq,
        Operator::LtEq => Operator::Gt,
        Operator::Gt => Operator::LtEq,
        Operator::GtEq => Operator::Lt,
        Operator::IsDistinctFrom => Operator::IsNotDistinctFrom,
        Operator::IsNotDistinctFrom => Operator::IsDistinctFrom,
        _ => return None,
    })
}

fn commutes(op: Operator) -> bool {
    matches!(
        op,
        Operator::Eq
            | Operator::NotEq
            | Operator::Plus
            | Operator::Multiply
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
            | Operator::BitwiseAnd
            | Operator::BitwiseOr
            | Operator::BitwiseXor
    )
}
