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

use super::canonical_plan::Node;
use super::checked::check_arithmetic;
use super::engine::DataFusionEngine;
use super::facts::Facts;
use super::text::SqlText;
use arrow::datatypes::DataType as ArrowType;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{AggregateFunctionParams, Sort};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, Volatility, WindowFunctionDefinition};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use runi_lang::sql::{Canonical, Demand, Part};
use std::sync::Arc;

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

/// The normal form of a row expression; `None` when it has none.
pub(crate) fn canonical_expr(engine: &DataFusionEngine, text: &SqlText<'_>, schema: &DFSchema) -> Option<Canonical> {
    let ast = text.parse_expr().ok()?;
    let expr = super::expr::plan_expr(ast, schema, &engine.functions, &engine.options).ok()?;
    let columns: Vec<String> = schema.fields().iter().map(|field| quoted(field.name())).collect();
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
                let (mut left, mut right) = (self.write(left)?, self.write(right)?);
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

    /// A chain of one junction, flattened; each part with whether it is negated.
    fn flatten<'e>(op: Operator, parts: Vec<(&'e Expr, bool)>, out: &mut Vec<(&'e Expr, bool)>) {
        for (part, negate) in parts {
            match part {
                Expr::Alias(alias) => Self::flatten(op, vec![(&alias.expr, negate)], out),
                Expr::Not(inner) => Self::flatten(op, vec![(inner, !negate)], out),
                Expr::BinaryExpr(binary) if matches!(binary.op, Operator::And | Operator::Or) => {
                    let own = if negate { dual(binary.op) } else { binary.op };
                    if own == op {
                        Self::flatten(op, vec![(&binary.left, negate), (&binary.right, negate)], out);
                    } else {
                        out.push((part, negate));
                    }
                }
                other => out.push((other, negate)),
            }
        }
    }

    fn junction(&self, op: Operator, parts: Vec<(&Expr, bool)>) -> Option<String> {
        let forms = self.junction_parts(op, parts)?;
        match forms.as_slice() {
            [one] => Some(one.clone()),
            _ => call(&op.to_string(), &forms),
        }
    }

    /// The sorted parts of a junction. A part that can fail keeps its place among the others.
    fn junction_parts(&self, op: Operator, parts: Vec<(&Expr, bool)>) -> Option<Vec<String>> {
        let mut flat = Vec::new();
        Self::flatten(op, parts, &mut flat);
        // `x between 1 and 2` inside a conjunction is two of its parts.
        let mut spread: Vec<(Expr, bool)> = Vec::new();
        for (part, negate) in flat {
            match part {
                Expr::Between(between)
                    if (op == Operator::Or) == (between.negated != negate)
                        && !self.can_fail(&between.low)
                        && !self.can_fail(&between.high) =>
                {
                    let (low, high) = self.bounds(between, between.negated != negate);
                    spread.extend([(low, false), (high, false)]);
                }
                other => spread.push((other.clone(), negate)),
            }
        }
        let mut forms: Vec<String> = Vec::with_capacity(spread.len());
        let mut run = 0;
        for (part, negate) in &spread {
            forms.push(if *negate { self.negated(part)? } else { self.write(part)? });
            if !self.unordered && self.can_fail(part) {
                let last = forms.len() - 1;
                tidy(&mut forms, run, last);
                run = forms.len();
            }
        }
        let end = forms.len();
        tidy(&mut forms, run, end);
        Some(forms)
    }

    /// `between` as comparisons: inside the limits, or outside when `negated`.
    fn bounds(&self, between: &datafusion::logical_expr::Between, negated: bool) -> (Expr, Expr) {
        let (low, high) = if negated { (Operator::Lt, Operator::Gt) } else { (Operator::GtEq, Operator::LtEq) };
        let compare = |op, limit: &Expr| Expr::BinaryExpr(BinaryExpr { left: between.expr.clone(), op, right: Box::new(limit.clone()) });
        (compare(low, &between.low), compare(high, &between.high))
    }

    /// The parts of a condition, with what each demands.
    fn parts(&self, expr: &Expr) -> Option<Vec<Part>> {
        let mut flat = Vec::new();
        Self::flatten(Operator::And, vec![(expr, false)], &mut flat);
        let mut parts = Vec::with_capacity(flat.len());
        for (part, negate) in flat {
            match part {
                Expr::Between(between) if between.negated == negate => {
                    let (low, high) = self.bounds(between, false);
                    for bound in [low, high] {
                        parts.push(Part { form: self.write(&bound)?, demand: self.demand(&bound, false) });
                    }
                }
                other => {
                    let form = if negate { self.negated(other)? } else { self.write(other)? };
                    parts.push(Part { form, demand: self.demand(other, negate) });
                }
            }
        }
        Some(parts)
    }

    fn demand(&self, expr: &Expr, negate: bool) -> Option<Demand> {
        match expr {
            Expr::BinaryExpr(binary) => {
                let op = if negate { opposite(binary.op)? } else { binary.op };
                let (subject, op, limit) = match (self.folded(&binary.left), self.folded(&binary.right)) {
                    (None, Some(limit)) => (&binary.left, op, limit),
                    (Some(limit), None) => (&binary.right, op.swap()?, limit),
                    _ => return None,
                };
                let (upper, inclusive) = match op {
                    Operator::Lt => (true, false),
                    Operator::LtEq => (true, true),
                    Operator::Gt => (false, false),
                    Operator::GtEq => (false, true),
                    _ => return None,
                };
                Some(Demand::Bound { subject: self.write(subject)?, ty: ty(&limit.data_type()), upper, inclusive, rank: rank(&limit)? })
            }
            Expr::InList(list) if list.negated == negate => {
                let values = list.list.iter().map(|value| self.folded(value).filter(|value| !value.is_null()).and_then(|v| literal(&v)));
                Some(Demand::Among { subject: self.write(&list.expr)?, values: values.collect::<Option<_>>()? })
            }
            _ => None,
        }
    }

    /// Whether some row can make an expression fail.
    pub(crate) fn can_fail(&self, expr: &Expr) -> bool {
        let mut facts = Facts::default();
        facts.add(expr, self.schema);
        facts.fallible.is_some()
    }

    /// The value of an expression that is the same in every row and every run.
    fn folded(&self, expr: &Expr) -> Option<ScalarValue> {
        if let Expr::Literal(value, _) = expr {
            return Some(value.clone());
        }
        let constant = |expr: &Expr| -> Result<bool> {
            Ok(match expr {
                Expr::Literal(..)
                | Expr::Alias(_)
                | Expr::BinaryExpr(_)
                | Expr::Cast(_)
                | Expr::Negative(_)
                | Expr::Not(_)
                | Expr::Between(_)
                | Expr::InList(_)
                | Expr::IsNull(_)
                | Expr::IsNotNull(_) => true,
                Expr::ScalarFunction(function) => function.func.signature().volatility == Volatility::Immutable,
                _ => false,
            })
        };
        if !matches!(expr, Expr::BinaryExpr(_) | Expr::Cast(_) | Expr::Negative(_) | Expr::ScalarFunction(_))
            || expr.exists(|expr| constant(expr).map(|constant| !constant)).unwrap_or(true)
        {
            return None;
        }
        let wanted = expr.get_type(self.schema).ok()?;
        let schema = DFSchema::empty();
        let checked = check_arithmetic(expr.clone(), &schema).ok()?.data;
        let context =
            SimplifyContext::builder().with_schema(Arc::new(schema)).with_config_options(Arc::clone(&self.engine.options)).build();
        match ExprSimplifier::new(context).simplify(checked).ok()? {
            Expr::Literal(value, _) if value.data_type() == wanted => Some(value),
            _ => None,
        }
    }
}

/// Sorts a run of forms and drops repeats.
fn tidy(forms: &mut Vec<String>, from: usize, to: usize) {
    let rest = forms.split_off(to);
    let mut run = forms.split_off(from);
    run.sort_unstable();
    run.dedup();
    forms.extend(run);
    forms.extend(rest);
}

/// A value with its type. Values whose text does not say all of them have no form.
fn literal(value: &ScalarValue) -> Option<String> {
    let text = match value {
        _ if value.is_null() => "null".to_owned(),
        ScalarValue::IntervalDayTime(Some(interval)) => format!("{interval:?}"),
        ScalarValue::IntervalMonthDayNano(Some(interval)) => format!("{interval:?}"),
        ScalarValue::Float64(Some(number)) => number.to_bits().to_string(),
        ScalarValue::Float32(Some(number)) => number.to_bits().to_string(),
        _ if value.data_type().is_nested() || value.data_type().is_binary() => return None,
        _ => quoted(&value.to_string()),
    };
    call("value", &[text, ty(&value.data_type())])
}

/// The place of a value in the order of its type.
fn rank(value: &ScalarValue) -> Option<i128> {
    Some(match value {
        ScalarValue::Int8(Some(number)) => i128::from(*number),
        ScalarValue::Int16(Some(number)) => i128::from(*number),
        ScalarValue::Int32(Some(number)) => i128::from(*number),
        ScalarValue::Int64(Some(number)) => i128::from(*number),
        ScalarValue::UInt8(Some(number)) => i128::from(*number),
        ScalarValue::UInt16(Some(number)) => i128::from(*number),
        ScalarValue::UInt32(Some(number)) => i128::from(*number),
        ScalarValue::UInt64(Some(number)) => i128::from(*number),
        ScalarValue::Decimal128(Some(number), _, _) => *number,
        ScalarValue::Date32(Some(days)) => i128::from(*days),
        ScalarValue::TimestampSecond(Some(at), _)
        | ScalarValue::TimestampMillisecond(Some(at), _)
        | ScalarValue::TimestampMicrosecond(Some(at), _)
        | ScalarValue::TimestampNanosecond(Some(at), _) => i128::from(*at),
        // The total order of IEEE 754, which is the order of comparisons.
        ScalarValue::Float64(Some(number)) => {
            let bits = number.to_bits() as i64;
            i128::from(bits ^ (((bits >> 63) as u64) >> 1) as i64)
        }
        _ => return None,
    })
}

/// A type, in full.
pub(crate) fn ty(ty: &ArrowType) -> String {
    quoted(&format!("{ty:?}"))
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
