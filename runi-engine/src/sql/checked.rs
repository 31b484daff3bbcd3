//! Arithmetic that fails instead of lying.
//!
//! DataFusion's `+`, `-` and `*` wrap around on integers, and its `/` on floats gives infinities. The
//! language says that an overflow or a division by zero is an error of its row. So, once types
//! are settled, these operators are replaced by functions over Arrow's checked kernels.

use super::bounded::concatenation;
use arrow::array::{ArrayRef, AsArray, Datum};
use arrow::compute::kernels::numeric;
use arrow::datatypes::{DataType as ArrowType, Decimal128Type, Field, FieldRef, Float32Type, Float64Type};
use arrow::error::ArrowError;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue, internal_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};
use datafusion::optimizer::AnalyzerRule;
use datafusion::physical_expr_common::datum::apply;
use std::sync::{Arc, LazyLock};

/// The largest precision of a 128-bit decimal; a result type that reaches it may have been cut.
const PRECISION_MAX: u8 = 38;

/// Replaces arithmetic that could wrap or give an infinity, and `||`, which has a bound. Types must be settled.
pub(crate) fn check_arithmetic(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    // From above: the type of a chain of functions costs far more to find than that of a chain of operators.
    expr.transform_down(|expr| match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::StringConcat, right }) => {
            Ok(match concatenation(&left.get_type(schema)?, &right.get_type(schema)?) {
                Some(function) => Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![*left, *right]))),
                None => Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op: Operator::StringConcat, right })),
            })
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            if let Some(function) = function_for(op, &left.get_type(schema)?, &right.get_type(schema)?, &right)? {
                Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![*left, *right]))))
            } else {
                Ok(Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right })))
            }
        }
        Expr::Negative(inner) => {
            let ty = inner.get_type(schema)?;
            if ty.is_signed_integer() {
                let zero = Expr::Literal(ScalarValue::new_zero(&ty)?, None);
                Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(Arc::clone(&SUBTRACT), vec![zero, *inner]))))
            } else {
                Ok(Transformed::no(Expr::Negative(inner)))
            }
        }
        Expr::ScalarFunction(function) if function.name() == "get_field" => {
            let (args, changed) = typed_keys(function.args, schema)?;
            let expr = Expr::ScalarFunction(ScalarFunction::new_udf(function.func, args));
            Ok(if changed { Transformed::yes(expr) } else { Transformed::no(expr) })
        }
        other => Ok(Transformed::no(other)),
    })
}

/// The arguments of `map['key']` with each key in the map's own type: the engine compares them without a cast. Says whether one
/// was another.
fn typed_keys(mut args: Vec<Expr>, schema: &DFSchema) -> Result<(Vec<Expr>, bool)> {
    let Some((base, keys)) = args.split_first_mut() else { return Ok((args, false)) };
    let (mut ty, mut changed) = (base.get_type(schema)?, false);
    for key in keys {
        let Expr::Literal(value, _) = key else { break };
        ty = match &ty {
            ArrowType::Map(entries, _) => {
                let ArrowType::Struct(parts) = entries.data_type() else { break };
                let [name, held] = parts.iter().as_slice() else { break };
                if value.data_type() != *name.data_type()
                    && let Ok(typed) = value.cast_to(name.data_type())
                    && !typed.is_null()
                {
                    (*value, changed) = (typed, true);
                }
                held.data_type().clone()
            }
            ArrowType::Struct(parts) => {
                let field = value.try_as_str().flatten().and_then(|name| parts.iter().find(|part| part.name() == name));
                let Some(field) = field else { break };
                field.data_type().clone()
            }
            _ => break,
        };
    }
    Ok((args, changed))
}

/// The checked function for an operator, where it needs one.
fn function_for(op: Operator, left: &ArrowType, right: &ArrowType, divisor: &Expr) -> Result<Option<Arc<ScalarUDF>>> {
    let integers = left.is_integer() && right.is_integer();
    let floats = left.is_floating() && right.is_floating();
    let cut = || -> Result<bool> {
        let result = BinaryTypeCoercer::new(left, &op, right).get_result_type()?;
        Ok(left.is_decimal() && right.is_decimal() && matches!(result, ArrowType::Decimal128(PRECISION_MAX, _)))
    };
    Ok(match op {
        Operator::Plus if integers || cut()? => Some(Arc::clone(&ADD)),
        Operator::Minus if integers || cut()? => Some(Arc::clone(&SUBTRACT)),
        Operator::Multiply if integers || cut()? => Some(Arc::clone(&MULTIPLY)),
        Operator::Divide if floats && !is_nonzero_literal(divisor) => Some(Arc::clone(&DIVIDE)),
        Operator::Modulo if floats && !is_nonzero_literal(divisor) => Some(Arc::clone(&REMAINDER)),
        _ => None,
    })
}

/// Whether an expression is a number that is written out and is not zero.
pub(crate) fn is_nonzero_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(value, _) => !value.is_null() && ScalarValue::new_zero(&value.data_type()).is_ok_and(|zero| zero != *value),
        Expr::Cast(cast) => is_nonzero_literal(&cast.expr),
        Expr::Negative(inner) => is_nonzero_literal(inner),
        _ => false,
    }
}

/// Whether a function is one of these operators; null only where a side is.
pub(crate) fn is_checked(name: &str) -> bool {
    [&ADD, &SUBTRACT, &MULTIPLY, &DIVIDE, &REMAINDER].into_iter().any(|function| function.name() == name)
}

static ADD: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Checked::udf("checked_add", Operator::Plus));
static SUBTRACT: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Checked::udf("checked_subtract", Operator::Minus));
static MULTIPLY: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Checked::udf("checked_multiply", Operator::Multiply));
static DIVIDE: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Checked::udf("checked_divide", Operator::Divide));
static REMAINDER: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Checked::udf("checked_remainder", Operator::Modulo));

/// One checked operator.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    name: &'static str,
    op: Operator,
    signature: Signature,
}

impl Checked {
    fn udf(name: &'static str, op: Operator) -> Arc<ScalarUDF> {
        Arc::new(ScalarUDF::new_from_impl(Self { name, op, signature: Signature::any(2, Volatility::Immutable) }))
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn return_type(&self, args: &[ArrowType]) -> Result<ArrowType> {
        let [left, right] = args else { return internal_err!("`{}` takes two arguments", self.name) };
        BinaryTypeCoercer::new(left, &self.op, right).get_result_type()
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<ArrowType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(self.name, self.return_type(&types)?, nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [left, right] = args.args.as_slice() else { return internal_err!("`{}` takes two arguments", self.name) };
        let op = self.op;
        apply(left, right, |left, right| match op {
            Operator::Plus => within_precision(numeric::add(left, right)?),
            Operator::Minus => within_precision(numeric::sub(left, right)?),
            Operator::Multiply => within_precision(numeric::mul(left, right)?),
            Operator::Divide => nonzero(left, right).and_then(|()| numeric::div(left, right)),
            _ => nonzero(left, right).and_then(|()| numeric::rem(left, right)),
        })
    }
}

/// A decimal that has more digits than its type is an overflow; Arrow checks only the 128 bits.
fn within_precision(values: ArrayRef) -> Result<ArrayRef, ArrowError> {
    if let Some(decimals) = values.as_primitive_opt::<Decimal128Type>() {
        decimals
            .validate_decimal_precision(decimals.precision())
            .map_err(|_| ArrowError::ArithmeticOverflow("a decimal has too many digits".to_owned()))?;
    }
    Ok(values)
}

/// Refuses a zero that divides something.
fn nonzero(left: &dyn Datum, right: &dyn Datum) -> Result<(), ArrowError> {
    let ((left, _), (right, one)) = (left.get(), right.get());
    let divides = |row: usize| if one { left.null_count() < left.len() } else { left.len() != right.len() || left.is_valid(row) };
    let zero = match right.data_type() {
        ArrowType::Float32 => right.as_primitive::<Float32Type>().iter().enumerate().any(|(row, value)| value == Some(0.0) && divides(row)),
        ArrowType::Float64 => right.as_primitive::<Float64Type>().iter().enumerate().any(|(row, value)| value == Some(0.0) && divides(row)),
        _ => false,
    };
    if zero { Err(ArrowError::DivideByZero) } else { Ok(()) }
}

/// [`check_arithmetic`] for whole plans; runs after types are coerced.
#[derive(Debug)]
pub(crate) struct CheckArithmetic;

impl AnalyzerRule for CheckArithmetic {
    fn name(&self) -> &str {
        "check_arithmetic"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let plan = plan.transform_up_with_subqueries(|plan| {
            let mut schema = merge_schema(&plan.inputs());
            if let LogicalPlan::TableScan(scan) = &plan {
                schema.merge(&DFSchema::try_from_qualified_schema(scan.table_name.clone(), &scan.source.schema())?);
            }
            let names = NamePreserver::new(&plan);
            let plan = plan.map_expressions(|expr| {
                let name = names.save(&expr);
                check_arithmetic(expr, &schema).map(|checked| checked.update_data(|expr| name.restore(expr)))
            })?;
            if plan.transformed { plan.map_data(LogicalPlan::recompute_schema) } else { Ok(plan) }
        })?;
        Ok(plan.data)
    }
}
