//! What an expression does besides having a type: whether it can fail, reads the clock, is random, which functions it calls.

use super::checked::is_nonzero_literal;
use super::functions::{can_fail, reads_clock};
use super::types::{from_arrow, widens};
use arrow::datatypes::DataType as ArrowType;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, Volatility};
use runi_lang::types::DataType;
use std::collections::BTreeSet;

/// The facts of one or more expressions.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The first part that some value can make fail.
    pub(crate) fallible: Option<String>,
    /// Whether a function other than the clock's gives different values for the same row.
    pub(crate) volatile: bool,
    /// Whether the clock is read.
    pub(crate) reads_clock: bool,
    /// Functions called, lower case.
    pub(crate) functions: BTreeSet<String>,
}

impl Facts {
    /// Adds the facts of an expression whose types are settled.
    pub(crate) fn add(&mut self, expr: &Expr, schema: &DFSchema) {
        // The closure never fails, so neither does the walk.
        let _ = expr.apply(|expr| {
            self.add_node(expr, schema);
            Ok(TreeNodeRecursion::Continue)
        });
    }

    fn add_node(&mut self, expr: &Expr, schema: &DFSchema) {
        match expr {
            Expr::ScalarFunction(function) => {
                let name = function.name();
                self.functions.insert(name.to_owned());
                if reads_clock(name) {
                    self.reads_clock = true;
                } else if function.func.signature().volatility == Volatility::Volatile {
                    self.volatile = true;
                }
                if can_fail(name) {
                    self.fail(expr);
                }
            }
            Expr::HigherOrderFunction(function) => {
                self.functions.insert(function.name().to_owned());
                self.fail(expr);
            }
            Expr::AggregateFunction(function) => {
                self.functions.insert(function.func.name().to_owned());
            }
            Expr::WindowFunction(function) => {
                self.functions.insert(function.fun.name().to_owned());
            }
            Expr::Cast(cast) if !cast_is_safe(&cast.expr, cast.field.data_type(), schema) => self.fail(expr),
            Expr::BinaryExpr(binary) if arithmetic_can_fail(binary, schema) => self.fail(expr),
            Expr::Negative(inner) if inner.get_type(schema).is_ok_and(|ty| ty.is_integer()) && !is_nonzero_literal(inner) => {
                self.fail(expr)
            }
            _ => {}
        }
    }

    fn fail(&mut self, expr: &Expr) {
        if self.fallible.is_none() {
            self.fallible = Some(display(expr));
        }
    }
}

/// An expression as a reader would write it.
pub(crate) fn display(expr: &Expr) -> String {
    match expr {
        Expr::Cast(cast) => {
            let ty = from_arrow(cast.field.data_type()).map_or_else(|| cast.field.data_type().to_string(), |ty| ty.to_string());
            format!("cast({} as {ty})", display(&cast.expr))
        }
        Expr::BinaryExpr(binary) => format!("{} {} {}", display(&binary.left), binary.op, display(&binary.right)),
        Expr::Literal(value, _) => match value.try_as_str().flatten() {
            Some(text) => format!("'{text}'"),
            None => value.to_string(),
        },
        Expr::Column(column) => column.flat_name(),
        Expr::ScalarFunction(function) => {
            format!("{}({})", function.name(), function.args.iter().map(display).collect::<Vec<_>>().join(", "))
        }
        other => other.human_display().to_string(),
    }
}

fn cast_is_safe(inner: &Expr, to: &ArrowType, schema: &DFSchema) -> bool {
    if let Expr::Literal(value, _) = inner {
        return value.cast_to(to).is_ok();
    }
    let Ok(from) = inner.get_type(schema) else { return false };
    let (Some(from), Some(to)) = (from_arrow(&from), from_arrow(to)) else { return false };
    widens(&from, &to)
        || match (&from, &to) {
            (_, DataType::String) => !matches!(from, DataType::Binary),
            (DataType::Boolean, to) => to.is_numeric(),
            (from, DataType::Float32 | DataType::Float64) => from.is_numeric(),
            (DataType::Date | DataType::Timestamp { .. }, DataType::Date) => true,
            (DataType::Timestamp { unit: from, .. }, DataType::Timestamp { unit: to, .. }) => to <= from,
            (DataType::Date, DataType::Timestamp { unit, .. }) => *unit <= runi_lang::types::TimeUnit::Microsecond,
            _ => false,
        }
}

fn arithmetic_can_fail(binary: &BinaryExpr, schema: &DFSchema) -> bool {
    let (Ok(left), Ok(right)) = (binary.left.get_type(schema), binary.right.get_type(schema)) else { return false };
    if !left.is_numeric() || !right.is_numeric() {
        return false;
    }
    match binary.op {
        Operator::Divide | Operator::Modulo => !is_nonzero_literal(&binary.right),
        Operator::Plus | Operator::Minus | Operator::Multiply => {
            let result = BinaryTypeCoercer::new(&left, &binary.op, &right).get_result_type();
            result.is_ok_and(|ty| ty.is_integer() || matches!(ty, ArrowType::Decimal128(38, _)))
        }
        _ => false,
    }
}
