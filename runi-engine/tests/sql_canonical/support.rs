//! One schema, rows of it, and what a condition says of a row.

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::SchemaRef;
use proptest::prelude::*;
use runi_engine::sql::types::to_arrow_schema;
use runi_engine::sql::{DataFusionEngine, RunClock};
use runi_lang::schema::{Column, Schema};
use runi_lang::sql::Bindings;
use runi_lang::types::DataType;
use std::sync::Arc;

pub(crate) fn engine() -> &'static DataFusionEngine {
    DataFusionEngine::shared()
}

pub(crate) fn schema() -> Schema {
    let column = |name: &str, ty| Column { name: name.to_owned(), ty, nullable: true };
    Schema {
        columns: vec![
            column("a", DataType::Int64),
            column("b", DataType::Int64),
            column("c", DataType::Int32),
            column("x", DataType::Float64),
            column("y", DataType::Float64),
            column("p", DataType::Decimal { precision: 10, scale: 2 }),
            column("s", DataType::String),
            column("t", DataType::String),
            column("f", DataType::Boolean),
            column("g", DataType::Boolean),
            column("d", DataType::Date),
        ],
    }
}

pub(crate) type Row = (
    (Option<i64>, Option<i64>, Option<i32>),
    (Option<f64>, Option<f64>),
    Option<i128>,
    (Option<String>, Option<String>),
    (Option<bool>, Option<bool>),
);

pub(crate) fn row() -> impl Strategy<Value = Row> {
    let int = prop::option::weighted(0.8, prop_oneof![-2_i64..3, Just(i64::MAX), Just(i64::MIN)]);
    let float = prop::option::weighted(
        0.8,
        prop_oneof![Just(0.0), Just(-0.0), Just(0.5), Just(-1.0), Just(2.0), Just(f64::NAN), Just(f64::INFINITY)],
    );
    let text = prop::option::weighted(0.8, prop_oneof![Just("u".to_owned()), Just("v".to_owned()), Just("uv".to_owned())]);
    (
        (int.clone(), int, prop::option::weighted(0.8, -2_i32..3)),
        (float.clone(), float),
        prop::option::weighted(0.8, -150_i128..250),
        (text.clone(), text),
        (any::<Option<bool>>(), any::<Option<bool>>()),
    )
}

pub(crate) fn batch(row: &Row) -> RecordBatch {
    let ((a, b, c), (x, y), p, (s, t), (f, g)) = row.clone();
    let arrow: SchemaRef = to_arrow_schema(&schema());
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![a])),
        Arc::new(Int64Array::from(vec![b])),
        Arc::new(Int32Array::from(vec![c])),
        Arc::new(Float64Array::from(vec![x])),
        Arc::new(Float64Array::from(vec![y])),
        Arc::new(Decimal128Array::from(vec![p]).with_precision_and_scale(10, 2).unwrap()),
        Arc::new(StringArray::from(vec![s])),
        Arc::new(StringArray::from(vec![t])),
        Arc::new(BooleanArray::from(vec![f])),
        Arc::new(BooleanArray::from(vec![g])),
        Arc::new(Date32Array::from(vec![Some(1)])),
    ];
    let columns = columns.into_iter().zip(arrow.fields()).map(|(column, field)| arrow::compute::cast(&column, field.data_type()).unwrap());
    RecordBatch::try_new(Arc::clone(&arrow), columns.collect()).unwrap()
}

/// The truth of a condition in one row; `None` when it fails there.
pub(crate) fn truth(sql: &str, batch: &RecordBatch) -> Option<Option<bool>> {
    let compiled = engine().compile(sql, &batch.schema(), &Bindings::new(), RunClock::now()).unwrap();
    let values = compiled.evaluate_bool(batch).ok()?;
    Some(values.is_valid(0).then(|| values.value(0)))
}
