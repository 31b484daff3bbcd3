//! Literals that type coercion has wrapped in casts, as literals again.
//!
//! The type of `round(x, 1)` depends on its `1`. Coercion turns that into `cast(1 as int)`, which is no literal any
//! more, and the optimiser folds it later: without this, what was typed is not what comes out.

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

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
