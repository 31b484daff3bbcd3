//! Literals: those that coercion has wrapped in casts, those that can never be read, those that a column never holds.
//!
//! The type of `round(x, 1)` depends on its `1`. Coercion turns that into `cast(1 as int)`, which is no literal any
//! more, and the optimiser folds it later: without this, what was typed is not what comes out.

use super::text::SqlText;
use super::types::{ENUM_VALUES, from_arrow};
use arrow::compute::kernels::cast_utils::{IntervalParseConfig, IntervalUnit, parse_interval_month_day_nano_config};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ExprSchema, Result};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, LogicalPlan, Operator};
use datafusion::optimizer::AnalyzerRule;
use datafusion::sql::sqlparser::ast::{self, Spanned};
use runi_lang::sql::{NeverHeld, SqlError, SqlErrorKind};
use runi_lang::types::DataType;

/// Folds casts of integers that are written out.
pub(crate) fn fold_literals(expr: Expr) -> Result<Transformed<Expr>> {
    expr.transform_up(|expr| {
        if let Expr::Cast(cast) = &expr
            && let Expr::Literal(value, metadata) = cast.expr.as_ref()
            && value.data_type().is_integer()
            && cast.field.data_type().is_integer()
            && let Ok(folded) = value.cast_to(cast.field.data_type())
            && !folded.is_null()
        {
            return Ok(Transformed::yes(Expr::Literal(folded, metadata.clone())));
        }
        Ok(Transformed::no(expr))
    })
}

/// [`fold_literals`] for whole plans; runs after types are coerced.
#[derive(Debug)]
pub(crate) struct FoldLiterals;

impl AnalyzerRule for FoldLiterals {
    fn name(&self) -> &str {
        "fold_literals"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let folded = plan.transform_up_with_subqueries(|plan| {
            let names = NamePreserver::new(&plan);
            let plan = plan.map_expressions(|expr| {
                let name = names.save(&expr);
                Ok(fold_literals(expr)?.update_data(|expr| name.restore(expr)))
            })?;
            if plan.transformed { plan.map_data(LogicalPlan::recompute_schema) } else { Ok(plan) }
        })?;
        // A column's type may have changed below plans that had nothing to fold.
        folded.data.transform_up_with_subqueries(|plan| Ok(Transformed::yes(plan.recompute_schema()?))).map(|plan| plan.data)
    }
}

/// Casts of what is written out that fail for every row: `cast('abc' as int)`, `date '2020-13-01'`, `day > 'abc'`.
pub(crate) fn impossible(expr: &Expr, text: &SqlText<'_>, errors: &mut Vec<SqlError>) {
    // The closure never fails, so neither does the walk.
    let _ = expr.apply(|expr| {
        if let Expr::Cast(cast) = expr
            && let Expr::Literal(value, _) = cast.expr.as_ref()
            && !value.is_null()
            && value.cast_to(cast.field.data_type()).is_err()
        {
            let ty = from_arrow(cast.field.data_type()).unwrap_or(DataType::Unknown);
            let written = value.try_as_str().flatten().map_or_else(|| value.to_string(), str::to_owned);
            let error = SqlError {
                message: format!("`{written}` is not of type `{ty}`"),
                range: text.find_literal(&written),
                kind: SqlErrorKind::Value { text: written, ty },
                help: None,
            };
            if !errors.contains(&error) {
                errors.push(error);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    });
}

/// `interval 'x'`: what the planner would refuse without saying where it stands.
pub(crate) fn impossible_interval(expr: &ast::Expr, text: &SqlText<'_>) -> Option<SqlError> {
    let ast::Expr::Interval(interval) = expr else { return None };
    let ast::Expr::Value(value) = interval.value.as_ref() else { return None };
    let written = value.value.clone().into_string()?;
    let whole = interval.leading_field.as_ref().map_or_else(|| written.clone(), |unit| format!("{written} {unit}"));
    let config = IntervalParseConfig::new(IntervalUnit::Second);
    parse_interval_month_day_nano_config(&whole, config).is_err().then(|| SqlError {
        message: format!("`{written}` is not of type `{}`", DataType::Interval),
        range: text.known_range(value.span()),
        kind: SqlErrorKind::Value { text: written, ty: DataType::Interval },
        help: None,
    })
}

/// What a column is compared with and never holds: strings that are none of an enum's values, and a `null` that is written out.
pub(crate) fn never_held(expr: &Expr, schema: &DFSchema, text: &SqlText<'_>, found: &mut Vec<NeverHeld>) {
    let mut nulls: Vec<NeverHeld> = Vec::new();
    let mut pair = |column: &Expr, literal: &Expr| {
        if let (Expr::Column(column), Expr::Literal(value, _)) = (uncast(column), uncast(literal))
            && let Some(written) = value.try_as_str().flatten()
            && let Ok(field) = schema.field_from_column(column)
            && let Some(values) = field.metadata().get(ENUM_VALUES)
            && values.split('\n').all(|value| value != written)
        {
            let held = NeverHeld {
                column: column.name.clone(),
                text: written.to_owned(),
                values: values.split('\n').map(str::to_owned).collect(),
                range: text.find_literal(written),
            };
            if !found.contains(&held) {
                found.push(held);
            }
        }
    };
    let _ = expr.apply(|expr| {
        if let Expr::BinaryExpr(binary) = expr
            && matches!(binary.op, Operator::Eq | Operator::NotEq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq)
            && let (Expr::Column(column), Expr::Literal(value, _)) | (Expr::Literal(value, _), Expr::Column(column)) =
                (uncast(&binary.left), uncast(&binary.right))
            && value.is_null()
            && let Some(range) = text.find_word("null")
        {
            nulls.push(NeverHeld { column: column.name.clone(), text: "null".to_owned(), values: Vec::new(), range: Some(range) });
        }
        match expr {
            Expr::BinaryExpr(binary)
                if matches!(binary.op, Operator::Eq | Operator::NotEq | Operator::IsDistinctFrom | Operator::IsNotDistinctFrom) =>
            {
                pair(&binary.left, &binary.right);
                pair(&binary.right, &binary.left);
            }
            Expr::InList(list) => list.list.iter().for_each(|item| pair(&list.expr, item)),
            Expr::Case(case) => {
                if let Some(base) = &case.expr {
                    case.when_then_expr.iter().for_each(|(when, _)| pair(base, when));
                }
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    });
    nulls.retain(|held| !found.contains(held));
    found.append(&mut nulls);
}

fn uncast(expr: &Expr) -> &Expr {
    match expr {
        Expr::Cast(cast) => uncast(&cast.expr),
        other => other,
    }
}
