//! Constants: folded as a run would fold them, and brought into the type of what they are compared with.

use super::{Writer, call, quoted};
use crate::sql::checked::check_arithmetic;
use crate::sql::numbers::compares;
use crate::sql::types::{from_arrow, widens};
use arrow::datatypes::DataType as ArrowType;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, ExprSchemable, Operator, Volatility};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use runi_lang::types::DataType;
use std::sync::Arc;

/// Every whole number below this is a double of its own, and so are its neighbours.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

impl Writer<'_> {
    /// The sides of a comparison of a widened value with a constant, without the widening: `cast(a as double) > 1.0` as `a > 1`.
    pub(super) fn settled(&self, left: &Expr, op: Operator, right: &Expr) -> Option<(Expr, Expr)> {
        if !compares(op) {
            return None;
        }
        let constant = |value| Expr::Literal(value, None);
        if let Some(limit) = self.folded(right) {
            return self.narrowed(left, &limit).map(|(inner, value)| (inner.clone(), constant(value)));
        }
        let limit = self.folded(left)?;
        self.narrowed(right, &limit).map(|(inner, value)| (constant(value), inner.clone()))
    }

    /// What is widened in order to be compared with a limit, and the limit in its type; `None` where the comparison could come out
    /// differently.
    pub(super) fn narrowed<'e>(&self, widened: &'e Expr, limit: &ScalarValue) -> Option<(&'e Expr, ScalarValue)> {
        let (inner, from) = self.widening(widened)?;
        let value = limit.cast_to(&from).ok().filter(|value| !value.is_null())?;
        let to = limit.data_type();
        let doubled = || match value.cast_to(&ArrowType::Float64) {
            Ok(ScalarValue::Float64(Some(number))) => to == ArrowType::Float64 && from.is_integer() && number.abs() < WHOLE_MAX,
            _ => false,
        };
        let exact = widens(&from_arrow(&from)?, &from_arrow(&to)?) || doubled();
        (exact && value.cast_to(&to).ok()? == *limit).then_some((inner, value))
    }

    /// What stands below a cast of a number that never fails and keeps the order, and its type.
    pub(super) fn widening<'e>(&self, expr: &'e Expr) -> Option<(&'e Expr, ArrowType)> {
        let Expr::Cast(cast) = expr else { return None };
        let from = cast.expr.get_type(self.schema).ok()?;
        let (source, target) = (from_arrow(&from)?, from_arrow(cast.field.data_type())?);
        let numbers = source.is_numeric() && target.is_numeric();
        (numbers && (target == DataType::Float64 || widens(&source, &target))).then_some((&*cast.expr, from))
    }

    /// The value of an expression that is the same in every row and every run.
    pub(super) fn folded(&self, expr: &Expr) -> Option<ScalarValue> {
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

/// A value with its type. Values whose text does not say all of them have no form.
pub(super) fn literal(value: &ScalarValue) -> Option<String> {
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

/// A type, in full.
pub(super) fn ty(ty: &ArrowType) -> String {
    quoted(&format!("{ty:?}"))
}
