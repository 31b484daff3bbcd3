//! Functions whose results can be far larger than their arguments, with a bound.
//!
//! `repeat(name, 1000000000)` would take the machine's memory in one call, before any pool could refuse
//! it. So these functions are wrapped: the size of each result is known, or bounded from above, before
//! the function runs. A value above the run's [`Bounds`] is an error of its row, as a failed cast is; values
//! that are above it together are an error of the run.

use super::bounds::Bounds;
use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::kernels::length::length;
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType as ArrowType, Field, FieldRef, Int64Type, IntervalMonthDayNanoType, IntervalUnit, TimeUnit};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::{DataFusionError, Result, ScalarValue, internal_err};
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{
    ColumnarValue, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{BinaryExpr, Column};
use std::sync::{Arc, LazyLock};

/// The function behind `||`.
pub(crate) const CONCAT: &str = "bounded_concat";

/// Why a function was not evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooLarge {
    /// One value.
    #[error("a value is larger than {} MiB", .0.value >> 20)]
    Value(Bounds),
    /// All values of a batch.
    #[error("the values of one batch are larger than {} MiB together", .0.batch >> 20)]
    Batch(Bounds),
}

impl From<TooLarge> for DataFusionError {
    fn from(error: TooLarge) -> Self {
        Self::External(Box::new(error))
    }
}

/// How large the results of a function are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Measure {
    /// Text times a number.
    Repeat,
    /// As many characters as a number says.
    Pad,
    /// From, to, by.
    Series { inclusive: bool },
    /// A value times a number.
    Fill,
    /// A list of as many items as a number says.
    Resize,
    /// All arguments, one after the other.
    Sum,
    /// Each occurrence of a text becomes another.
    Replace,
    /// Each match of a pattern becomes another text: only bounded from above.
    ReplacePattern,
}

fn measure(name: &str) -> Option<Measure> {
    Some(match name {
        "repeat" => Measure::Repeat,
        "lpad" | "rpad" => Measure::Pad,
        "range" => Measure::Series { inclusive: false },
        "generate_series" => Measure::Series { inclusive: true },
        "array_repeat" => Measure::Fill,
        "array_resize" => Measure::Resize,
        "concat" | "concat_ws" | "array_concat" => Measure::Sum,
        "replace" => Measure::Replace,
        "regexp_replace" => Measure::ReplacePattern,
        _ => return None,
    })
}

/// The function, bounded when its results can be larger than its arguments.
pub(crate) fn bounded(function: Arc<ScalarUDF>) -> Arc<ScalarUDF> {
    match measure(function.name()) {
        Some(measure) => Arc::new(ScalarUDF::new_from_impl(Bounded { inner: function, measure })),
        None => function,
    }
}

/// `||` for settled types, when they are text.
pub(crate) fn concatenation(left: &ArrowType, right: &ArrowType) -> Option<Arc<ScalarUDF>> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
        bounded_as(ScalarUDF::new_from_impl(Concat { signature: Signature::any(2, Volatility::Immutable) }), Measure::Sum)
    });
    (left.is_string() && right.is_string()).then(|| Arc::clone(&FUNCTION))
}

fn bounded_as(function: ScalarUDF, measure: Measure) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Bounded { inner: Arc::new(function), measure }))
}

/// A function with a bound. What the inner one would simplify to is not bounded, so it does not simplify.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Bounded {
    inner: Arc<ScalarUDF>,
    measure: Measure,
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn is_strict(&self) -> bool {
        self.inner.is_strict()
    }

    fn return_type(&self, args: &[ArrowType]) -> Result<ArrowType> {
        self.inner.inner().return_type(args)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.inner().return_field_from_args(args)
    }

    fn coerce_types(&self, args: &[ArrowType]) -> Result<Vec<ArrowType>> {
        self.inner.inner().coerce_types(args)
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if self.measure == Measure::Pad
            && let Some(ColumnarValue::Array(widths)) = args.args.get_mut(1)
        {
            *widths = not_negative(widths)?;
        }
        let bounds = Bounds::among(&args.config_options);
        let sizes = Sizes::of(&args.args, bounds)?;
        let rows = if args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_))) { 1 } else { args.number_rows };
        let mut total: u64 = 0;
        for row in 0..rows {
            let size = sizes.size(self.measure, row);
            // What is only bounded from above may be much smaller.
            let most = if self.measure == Measure::ReplacePattern { bounds.batch } else { bounds.value };
            if size > most {
                return Err(TooLarge::Value(bounds).into());
            }
            total = total.saturating_add(size);
        }
        if total <= bounds.batch {
            return self.inner.invoke_with_args(args).and_then(|values| self.checked(values, bounds));
        }
        if self.measure == Measure::ReplacePattern && rows > 1 {
            return self.in_halves(&args, rows, bounds);
        }
        Err(TooLarge::Batch(bounds).into())
    }
}

impl Bounded {
    /// Looks at values whose size could only be bounded.
    fn checked(&self, values: ColumnarValue, bounds: Bounds) -> Result<ColumnarValue> {
        if self.measure == Measure::ReplacePattern {
            let lengths = Lengths::of(&values)?;
            let rows = lengths.values.as_ref().map_or(0, |values| values.len());
            if (0..rows).any(|row| lengths.get(row) > bounds.value) {
                return Err(TooLarge::Value(bounds).into());
            }
        }
        Ok(values)
    }

    fn in_halves(&self, args: &ScalarFunctionArgs, rows: usize, bounds: Bounds) -> Result<ColumnarValue> {
        let half = |from: usize, len: usize| {
            let cut = |arg: &ColumnarValue| match arg {
                ColumnarValue::Array(values) => ColumnarValue::Array(values.slice(from, len)),
                scalar => scalar.clone(),
            };
            let args = ScalarFunctionArgs { args: args.args.iter().map(cut).collect(), number_rows: len, ..args.clone() };
            self.invoke_with_args(args)?.into_array(len)
        };
        let (first, second) = (half(0, rows / 2)?, half(rows / 2, rows - rows / 2)?);
        if bytes(&first).saturating_add(bytes(&second)) > bounds.batch {
            return Err(TooLarge::Batch(bounds).into());
        }
        Ok(ColumnarValue::Array(concat(&[first.as_ref(), second.as_ref()])?))
    }
}

/// DataFusion adds up the widths of a batch to know how much room it needs, and panics below zero; a text that is padded
/// to less than nothing is empty.
fn not_negative(widths: &ArrayRef) -> Result<ArrayRef> {
    let widths = cast(widths, &ArrowType::Int64)?;
    Ok(Arc::new(widths.as_primitive::<Int64Type>().iter().map(|width| width.map(|width| width.max(0))).collect::<Int64Array>()))
}

/// Bytes of the values themselves; views share buffers, which are not counted.
pub(crate) fn bytes(values: &ArrayRef) -> u64 {
    let lengths = Lengths::of(&ColumnarValue::Array(Arc::clone(values)));
    match lengths {
        Ok(lengths) if lengths.values.is_some() => (0..values.len()).map(|row| lengths.get(row)).fold(0, u64::saturating_add),
        _ => values.to_data().get_slice_memory_size().unwrap_or(0) as u64,
    }
}

/// The arguments as a measure sees them.
struct Sizes<'a> {
    args: &'a [ColumnarValue],
    lengths: Vec<Lengths>,
    bounds: Bounds,
}

impl<'a> Sizes<'a> {
    fn of(args: &'a [ColumnarValue], bounds: Bounds) -> Result<Self> {
        Ok(Self { args, lengths: args.iter().map(Lengths::of).collect::<Result<_>>()?, bounds })
    }

    /// Bytes of the result in a row; null arguments count nothing.
    fn size(&self, measure: Measure, row: usize) -> u64 {
        let length = |at: usize| self.lengths.get(at).map_or(0, |lengths| lengths.get(row));
        let number = |at: usize| self.lengths.get(at).and_then(|lengths| lengths.number(row));
        let count = |at: usize| number(at).map_or(0, |count| u64::try_from(count).unwrap_or(0));
        match measure {
            Measure::Repeat => length(0).saturating_mul(count(1)),
            Measure::Pad => count(1),
            Measure::Series { inclusive } => {
                let (start, stop, step) = match self.lengths.len() {
                    1 => (Some(0), number(0), Some(1)),
                    2 => (number(0), number(1), Some(1)),
                    _ => (number(0), number(1), number(2)),
                };
                let (Some(start), Some(stop), Some(step)) = (start, stop, step) else { return 0 };
                let steps = (stop - start).checked_div(step).map_or(0, |steps| u64::try_from(steps).unwrap_or(0));
                (steps + u64::from(inclusive)).saturating_mul(8)
            }
            Measure::Fill => length(0).max(1).saturating_mul(count(1)),
            Measure::Resize => count(1).saturating_mul(8),
            Measure::Sum => (0..self.lengths.len()).map(length).fold(0, u64::saturating_add),
            Measure::Replace => {
                let (text, from, to) = (length(0), length(1), length(2));
                let most = match text.checked_div(from) {
                    Some(most) => text.saturating_add(most.saturating_mul(to)),
                    None => (text + 1).saturating_mul(to + 1),
                };
                if most <= self.bounds.value { most } else { self.replaced(row).unwrap_or(most) }
            }
            Measure::ReplacePattern => {
                let (text, to) = (length(0), length(2));
                // Each match gives the replacement once; what a match captures is part of the text.
                (text + 1).saturating_mul(to + 1)
            }
        }
    }

    /// The exact size of a replacement that may be large.
    fn replaced(&self, row: usize) -> Option<u64> {
        let [text, from, to] = self.args else { return None };
        let value = |arg: &ColumnarValue| match arg {
            ColumnarValue::Array(values) => ScalarValue::try_from_array(values, row).ok(),
            ColumnarValue::Scalar(value) => Some(value.clone()),
        };
        let (text, from, to) = (value(text)?, value(from)?, value(to)?);
        let (text, from, to) = (text.try_as_str()??, from.try_as_str()??, to.try_as_str()??);
        let count = text.matches(from).count();
        Some((text.len() as u64).saturating_sub((count * from.len()) as u64).saturating_add((count as u64).saturating_mul(to.len() as u64)))
    }
}

/// Bytes of texts and lists; numbers, days and instants as they are.
struct Lengths {
    /// Bytes or items of text and lists.
    values: Option<ArrayRef>,
    /// Bytes of an item.
    each: u64,
    numbers: Option<Numbers>,
    one: bool,
}

/// Numbers in a unit of their own: ones, or nanoseconds.
struct Numbers {
    values: ArrayRef,
    unit: i128,
}

impl Lengths {
    fn of(arg: &ColumnarValue) -> Result<Self> {
        let (values, one) = match arg {
            ColumnarValue::Array(values) => (Arc::clone(values), false),
            ColumnarValue::Scalar(value) => (value.to_array()?, true),
        };
        const DAY: i128 = 86_400_000_000_000;
        let mut lengths = Self { values: None, each: 1, numbers: None, one };
        let integers = |unit: i128| -> Result<Option<Numbers>> { Ok(Some(Numbers { values: cast(&values, &ArrowType::Int64)?, unit })) };
        match values.data_type() {
            ArrowType::Utf8
            | ArrowType::LargeUtf8
            | ArrowType::Utf8View
            | ArrowType::Binary
            | ArrowType::LargeBinary
            | ArrowType::BinaryView => {
                lengths.values = Some(cast(&length(&values)?, &ArrowType::Int64)?);
            }
            ArrowType::List(_) | ArrowType::LargeList(_) => {
                lengths.values = Some(cast(&length(&values)?, &ArrowType::Int64)?);
                lengths.each = 8;
            }
            ty if ty.is_integer() => lengths.numbers = integers(1)?,
            ArrowType::Date32 => {
                let days = cast(&cast(&values, &ArrowType::Int32)?, &ArrowType::Int64)?;
                lengths.numbers = Some(Numbers { values: days, unit: DAY });
            }
            ArrowType::Timestamp(unit, _) => {
                lengths.numbers = integers(match unit {
                    TimeUnit::Second => 1_000_000_000,
                    TimeUnit::Millisecond => 1_000_000,
                    TimeUnit::Microsecond => 1_000,
                    TimeUnit::Nanosecond => 1,
                })?;
            }
            ArrowType::Interval(IntervalUnit::MonthDayNano) => lengths.numbers = Some(Numbers { values, unit: DAY }),
            _ => {}
        }
        Ok(lengths)
    }

    fn get(&self, row: usize) -> u64 {
        let Some(values) = self.values.as_ref().and_then(|values| values.as_primitive_opt::<Int64Type>()) else { return 0 };
        let row = if self.one { 0 } else { row };
        if row >= values.len() || values.is_null(row) { 0 } else { u64::try_from(values.value(row)).unwrap_or(0).saturating_mul(self.each) }
    }

    fn number(&self, row: usize) -> Option<i128> {
        let numbers = self.numbers.as_ref()?;
        let row = if self.one { 0 } else { row };
        if row >= numbers.values.len() || numbers.values.is_null(row) {
            return None;
        }
        if let Some(intervals) = numbers.values.as_primitive_opt::<IntervalMonthDayNanoType>() {
            let step = intervals.value(row);
            // The shortest month: more steps are counted than there can be.
            return Some((i128::from(step.months) * 28 + i128::from(step.days)) * numbers.unit + i128::from(step.nanoseconds));
        }
        Some(i128::from(numbers.values.as_primitive_opt::<Int64Type>()?.value(row)) * numbers.unit)
    }
}

/// `||`, by DataFusion's own operator.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Concat {
    signature: Signature,
}

impl ScalarUDFImpl for Concat {
    fn name(&self) -> &str {
        CONCAT
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn return_type(&self, args: &[ArrowType]) -> Result<ArrowType> {
        let [left, right] = args else { return internal_err!("`||` takes two arguments") };
        BinaryTypeCoercer::new(left, &Operator::StringConcat, right).get_result_type()
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<ArrowType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(CONCAT, self.return_type(&types)?, nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let schema = Arc::new(arrow::datatypes::Schema::new(args.arg_fields.clone()));
        let scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if scalar { 1 } else { args.number_rows };
        let columns = args.args.into_iter().map(|arg| arg.into_array(rows)).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows)).with_match_field_names(false);
        // Whether a column may be null is not looked at here.
        let fields: Vec<FieldRef> = schema.fields().iter().map(|field| Arc::new(field.as_ref().clone().with_nullable(true))).collect();
        let batch = RecordBatch::try_new_with_options(Arc::new(arrow::datatypes::Schema::new(fields)), columns, &options)?;
        let column = |name: &str, at: usize| -> Arc<dyn PhysicalExpr> { Arc::new(Column::new(name, at)) };
        let values = BinaryExpr::new(column("left", 0), Operator::StringConcat, column("right", 1)).evaluate(&batch)?;
        if !scalar {
            return Ok(values);
        }
        Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&values.into_array(1)?, 0)?))
    }
}
