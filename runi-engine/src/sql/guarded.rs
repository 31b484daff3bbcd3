//! Guards keep what they guard from being evaluated: `b <> 0 and a / b > 1` fails in no row.
//!
//! Two things would break that. The simplifier of DataFusion takes `a and (b and a)` for `b and a`, and drops the very part that keeps
//! `b` from failing: so a part that can fail is hidden from it ([`Simplifier`]). And a batch evaluates a part in every row unless all of
//! its rows are decided: so a chain with such a part is put behind a `case`, which looks at each row ([`guard`]).

use super::facts::Facts;
use chrono::{DateTime, Utc};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, Result, ScalarValue, internal_err};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{BinaryExpr, Case, Expr, ExprSchemable, Operator};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use std::sync::Arc;

/// Whether some row can make an expression fail.
pub(crate) fn can_fail(expr: &Expr, schema: &DFSchema) -> bool {
    let mut facts = Facts::default();
    facts.add(expr, schema);
    facts.fallible.is_some()
}

/// Folds constants and the like, and leaves alone when a part is evaluated.
pub(crate) struct Simplifier {
    schema: Arc<DFSchema>,
    options: Arc<ConfigOptions>,
    now: DateTime<Utc>,
    whole: ExprSimplifier,
}

impl Simplifier {
    /// For expressions over `schema`, in which `now()` is `now`.
    pub(crate) fn new(schema: &Arc<DFSchema>, options: &Arc<ConfigOptions>, now: DateTime<Utc>) -> Self {
        let whole = simplifier(Arc::clone(schema), options, now);
        Self { schema: Arc::clone(schema), options: Arc::clone(options), now, whole }
    }

    /// The expression, simpler: from below, and with each part that can fail hidden from the operator above it.
    pub(crate) fn simplify(&self, expr: Expr) -> Result<Expr> {
        if !can_fail(&expr, &self.schema) {
            return self.whole.simplify(expr);
        }
        let expr = expr.map_children(|part| Ok(Transformed::yes(self.part(part)?)))?.data;
        if !can_fail(&expr, &self.schema) {
            return self.whole.simplify(expr);
        }
        match &expr {
            // What these evaluate, and when, is what they say.
            Expr::Case(_) | Expr::HigherOrderFunction(_) | Expr::Lambda(_) => Ok(expr),
            Expr::BinaryExpr(binary) if matches!(binary.op, Operator::And | Operator::Or) => Ok(expr),
            _ => self.above_hidden(expr),
        }
    }

    /// A part of an expression, of the type that it had: `round(x, 1)` of a decimal has another one once its `1` is folded.
    fn part(&self, part: Expr) -> Result<Expr> {
        if matches!(part, Expr::Lambda(_)) {
            return self.simplify(part);
        }
        let ty = part.get_type(&self.schema)?;
        let simpler = self.simplify(part)?;
        if simpler.get_type(&self.schema)? == ty { Ok(simpler) } else { simpler.cast_to(&ty, &self.schema) }
    }

    /// Simplifies an operator over parts that are simple already. Those that can fail are columns meanwhile.
    fn above_hidden(&self, expr: Expr) -> Result<Expr> {
        let mut hidden: Vec<Expr> = Vec::new();
        let opaque = expr.map_children(|part| {
            if !can_fail(&part, &self.schema) {
                return Ok(Transformed::no(part));
            }
            let at = hidden.iter().position(|known| *known == part).unwrap_or(hidden.len());
            if at == hidden.len() {
                hidden.push(part);
            }
            Ok(Transformed::yes(Expr::Column(Column::new_unqualified(hidden_name(at)))))
        })?;
        if hidden.is_empty() {
            return self.whole.simplify(opaque.data);
        }
        let known = self.schema.iter().map(|(qualifier, field)| (qualifier.cloned(), Arc::clone(field)));
        let mut fields: Vec<_> = known.collect();
        for (at, part) in hidden.iter().enumerate() {
            let field = part.to_field(&self.schema)?.1.as_ref().clone().with_name(hidden_name(at)).with_nullable(true);
            fields.push((None, Arc::new(field)));
        }
        let schema = DFSchema::new_with_metadata(fields, self.schema.metadata().clone())?;
        let simpler = simplifier(Arc::new(schema), &self.options, self.now).simplify(opaque.data)?;
        let shown = simpler.transform_up(|expr| {
            let Expr::Column(column) = &expr else { return Ok(Transformed::no(expr)) };
            match hidden.iter().enumerate().find(|(at, _)| column.name == hidden_name(*at)) {
                Some((_, part)) => Ok(Transformed::yes(part.clone())),
                None => Ok(Transformed::no(expr)),
            }
        })?;
        Ok(shown.data)
    }
}

fn simplifier(schema: Arc<DFSchema>, options: &Arc<ConfigOptions>, now: DateTime<Utc>) -> ExprSimplifier {
    let context = SimplifyContext::builder()
        .with_schema(schema)
        .with_config_options(Arc::clone(options))
        .with_query_execution_start_time(Some(now))
        .build();
    ExprSimplifier::new(context)
}

/// A name that no file can give a column.
fn hidden_name(at: usize) -> String {
    format!("\u{1f}hidden {at}")
}

/// Makes `b <> 0 and a / b > 1` safe in every row. DataFusion skips the right side only when a whole batch lets it,
/// so a chain with a part that can fail is put behind a `case`, which looks at each row: a part is evaluated where no
/// part before it decides. A chain is taken as a whole, for its parts would double at each link otherwise.
pub(crate) fn guard(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    let Some((op, parts)) = chain(&expr) else {
        return Ok(expr.map_children(|part| Ok(Transformed::yes(guard(part, schema)?)))?.data);
    };
    let parts = parts.into_iter().map(|part| guard(part, schema)).collect::<Result<Vec<_>>>()?;
    let fallible = parts.iter().skip(1).any(|part| can_fail(part, schema));
    let decides = op == Operator::Or;
    let answer = || Box::new(Expr::Literal(ScalarValue::Boolean(Some(decides)), None));
    let decided = |part: Expr| if decides { Expr::IsTrue(Box::new(part)) } else { Expr::IsFalse(Box::new(part)) };
    let before = parts.len().saturating_sub(1);
    let cases: Vec<_> = parts.iter().take(before).map(|part| (Box::new(decided(part.clone())), answer())).collect();
    let chain = joined(parts, op)?;
    Ok(if fallible { Expr::Case(Case::new(None, cases, Some(Box::new(chain)))) } else { chain })
}

/// The parts of a chain of `and` or of `or`.
fn chain(expr: &Expr) -> Option<(Operator, Vec<Expr>)> {
    let Expr::BinaryExpr(binary) = expr else { return None };
    let mut parts = Vec::new();
    if !matches!(binary.op, Operator::And | Operator::Or) {
        return None;
    }
    links(expr.clone(), binary.op, &mut parts);
    Some((binary.op, parts))
}

fn joined(parts: Vec<Expr>, op: Operator) -> Result<Expr> {
    let chain = parts.into_iter().reduce(|left, right| Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right))));
    chain.map_or_else(|| internal_err!("a chain has parts"), Ok)
}

/// The parts of `a and b and c`, however it is bracketed.
fn links(expr: Expr, op: Operator, parts: &mut Vec<Expr>) {
    match expr {
        Expr::BinaryExpr(binary) if binary.op == op => {
            links(*binary.left, op, parts);
            links(*binary.right, op, parts);
        }
        part => parts.push(part),
    }
}
