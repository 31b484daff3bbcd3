//! Floats and decimals side by side.
//!
//! `0.05` is an exact decimal. DataFusion compares a float with a decimal by casting the *float* to
//! `decimal(30, 15)`, which fails for large values and cuts small ones. Here the decimal becomes a
//! float wherever the two meet without arithmetic (arithmetic does so already).

use arrow::datatypes::DataType as ArrowType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Operator, cast};

/// Functions whose arguments have one type.
const UNIFORM: &[&str] = &["coalesce", "nullif", "greatest", "least", "nvl", "nvl2"];

/// Casts decimals to floats where they meet floats. Runs before types are coerced.
pub(crate) fn prefer_floats(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    expr.transform_up(|mut expr| {
        let changed = match &mut expr {
            Expr::BinaryExpr(binary) if compares(binary.op) => unify(vec![&mut *binary.left, &mut *binary.right], schema)?,
            Expr::Between(between) => unify(vec![&mut *between.expr, &mut *between.low, &mut *between.high], schema)?,
            Expr::InList(list) => unify(std::iter::once(&mut *list.expr).chain(&mut list.list).collect(), schema)?,
            Expr::Case(case) => {
                let results = case.when_then_expr.iter_mut().map(|(_, then)| &mut **then);
                unify(results.chain(case.else_expr.as_deref_mut()).collect(), schema)?
            }
            Expr::ScalarFunction(function) if UNIFORM.contains(&function.name()) => unify(function.args.iter_mut().collect(), schema)?,
            _ => false,
        };
        Ok(if changed { Transformed::yes(expr) } else { Transformed::no(expr) })
    })
}

/// [`prefer_floats`] for whole plans.
pub(crate) fn prefer_floats_in(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|plan| {
        let schema = merge_schema(&plan.inputs());
        let names = NamePreserver::new(&plan);
        let plan = plan.map_expressions(|expr| {
            let name = names.save(&expr);
            prefer_floats(expr, &schema).map(|changed| changed.update_data(|expr| name.restore(expr)))
        })?;
        if plan.transformed { plan.map_data(LogicalPlan::recompute_schema) } else { Ok(plan) }
    })?;
    Ok(plan.data)
}

pub(crate) fn compares(op: Operator) -> bool {
    use Operator::{Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom)
}

fn unify(mut exprs: Vec<&mut Expr>, schema: &DFSchema) -> Result<bool> {
    let types = exprs.iter().map(|expr| expr.get_type(schema)).collect::<Result<Vec<_>>>()?;
    let mixed = types.iter().any(ArrowType::is_floating) && types.iter().any(ArrowType::is_decimal);
    if mixed {
        for (expr, _) in exprs.iter_mut().zip(&types).filter(|(_, ty)| ty.is_decimal()) {
            let decimal = std::mem::take(&mut **expr);
            **expr = match decimal {
                Expr::Literal(value, metadata) => Expr::Literal(value.cast_to(&ArrowType::Float64)?, metadata),
                other => cast(other, ArrowType::Float64),
            };
        }
    }
    Ok(mixed)
}
