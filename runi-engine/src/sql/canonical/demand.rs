//! What the parts of a condition demand, where that can be more or less.

use super::value::{literal, ty};
use super::{Writer, opposite};
use arrow::datatypes::DataType as ArrowType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, Operator};
use runi_lang::sql::{Demand, Part};

impl Writer<'_> {
    /// The parts of a condition, with what each demands.
    pub(super) fn parts(&self, expr: &Expr) -> Option<Vec<Part>> {
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
                let (subject, limit) = match self.narrowed(subject, &limit) {
                    Some((inner, value)) => (inner, value),
                    None => (self.widening(subject).map_or(&**subject, |(inner, _)| inner), limit),
                };
                Some(Demand::Bound {
                    subject: self.write(subject)?,
                    ty: ty(&limit.data_type()),
                    upper,
                    inclusive,
                    rank: rank(&limit)?,
                    number: number(&limit),
                })
            }
            Expr::InList(list) if list.negated == negate => {
                let values = list.list.iter().map(|value| self.folded(value).filter(|value| !value.is_null()).and_then(|v| literal(&v)));
                Some(Demand::Among { subject: self.write(&list.expr)?, values: values.collect::<Option<_>>()? })
            }
            _ => None,
        }
    }
}

/// A number as a double, by its bits.
fn number(value: &ScalarValue) -> Option<u64> {
    match value.data_type().is_numeric().then(|| value.cast_to(&ArrowType::Float64).ok())?? {
        ScalarValue::Float64(Some(number)) if number.is_finite() => Some(number.to_bits()),
        _ => None,
    }
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
