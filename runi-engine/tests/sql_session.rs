//! Expressions and `select`s that run: the frozen clock, checked arithmetic, canonical types.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use arrow::array::{Array, AsArray, Float64Array, Int64Array, RecordBatch, StringViewArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, TimestampMicrosecondType};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use runi_engine::error::EngineError;
use runi_engine::sql::{DataFusionEngine, QuerySession, RunClock, SessionOptions};
use runi_lang::sql::{Binding, Bindings};
use std::sync::Arc;

fn batch() -> RecordBatch {
    let schema = Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("Name", DataType::Utf8View, true),
        Field::new("rate", DataType::Float64, true),
    ]);
    let columns: Vec<Arc<dyn Array>> = vec![
        Arc::new(Int64Array::from(vec![1, 2, i64::MAX])),
        Arc::new(StringViewArray::from(vec![Some("a"), None, Some("x")])),
        Arc::new(Float64Array::from(vec![Some(1.5), Some(0.0), None])),
    ];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

async fn run_with(sql: &str, bindings: &Bindings, clock: RunClock) -> Result<Vec<RecordBatch>, EngineError> {
    let table: Arc<dyn TableProvider> = Arc::new(MemTable::try_new(batch().schema(), vec![vec![batch()]]).unwrap());
    let options = SessionOptions { target_partitions: 2, memory_limit: Some(64 << 20), ..SessionOptions::default() };
    let session = QuerySession::new(clock, &options).unwrap();
    let frame = session.plan(sql, bindings, &[("t".to_owned(), table)])?;
    frame.collect().await.map_err(|error| QuerySession::failure("Step", &error))
}

async fn run(sql: &str) -> Result<Vec<RecordBatch>, EngineError> {
    run_with(sql, &Bindings::new(), RunClock::now()).await
}

async fn message(sql: &str) -> String {
    run(sql).await.unwrap_err().to_string()
}

#[tokio::test]
async fn selects_run_over_named_tables() {
    let bindings = vec![("least".to_owned(), Binding::Value { ty: runi_lang::types::DataType::Int64, text: Some("2".to_owned()) })];
    let sql = "select id, \"Name\", (select max(id) from t) as top from t where id <= $least order by id";
    let batches = run_with(sql, &bindings, RunClock::now()).await.unwrap();
    let rows = arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap();
    assert_eq!(rows.column(0).as_primitive::<Int64Type>().values().as_ref(), [1, 2]);
    assert_eq!(rows.column(2).as_primitive::<Int64Type>().value(0), i64::MAX);
    assert!(run("select id from nowhere").await.is_err());
}

#[tokio::test]
async fn text_comes_out_in_one_layout() {
    let batches = run("select concat(Name, 'x') as c, upper(Name) as u, md5(Name) as m, cast(id as text) as i from t").await.unwrap();
    for field in batches[0].schema().fields() {
        assert_eq!(field.data_type(), &DataType::Utf8View, "{}", field.name());
    }
}

#[tokio::test]
async fn arithmetic_fails_instead_of_lying() {
    assert_eq!(message("select id + 1 as n from t").await, "step `Step` failed: arithmetic overflow");
    assert_eq!(message("select sum(id * 2) as n from t").await, "step `Step` failed: arithmetic overflow");
    assert_eq!(message("select id / 0 as n from t").await, "step `Step` failed: division by zero");
    assert_eq!(message("select 1.0 / rate as n from t").await, "step `Step` failed: division by zero");
    assert_eq!(message("select cast(Name as int64) as n from t").await, "step `Step` failed: a value cannot be cast to int64");
    assert!(
        run("select id - 1 as n, coalesce(rate, 0.5) / 2 as r from t where rate > 0.5 or id in (select id from t where rate < 1e20)")
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_clock_stands_still() {
    let clock = RunClock::now();
    let batches = run_with("select now() as a, current_timestamp as b from t", &Bindings::new(), clock).await.unwrap();
    let micros = clock.0.timestamp_micros();
    for column in batches[0].columns() {
        assert_eq!(column.as_primitive::<TimestampMicrosecondType>().value(0), micros);
    }
    let expr = DataFusionEngine::shared().compile("now()", &batch().schema(), &Bindings::new(), clock).unwrap();
    let values = expr.evaluate(&batch()).unwrap();
    assert_eq!((values.len(), values.as_primitive::<TimestampMicrosecondType>().value(2)), (3, micros));
}

#[test]
fn expressions_are_evaluated_on_batches() {
    let compile = |sql: &str| DataFusionEngine::shared().compile(sql, &batch().schema(), &Bindings::new(), RunClock::now()).unwrap();
    let truth = compile("Name is null or id > 1 and rate is null").evaluate_bool(&batch()).unwrap();
    assert_eq!(truth.iter().collect::<Vec<_>>(), [Some(false), Some(true), Some(true)]);
    assert_eq!(compile("Name").as_column(), Some(1));
    assert!(compile("rate <> 0 and 1 / rate > 0.5").evaluate_bool(&batch()).unwrap().value(0));
    assert!(compile("1e300 * (rate + 1) > 0.5 and rate in (0.5, 1.5)").evaluate_bool(&batch()).unwrap().value(0));
    assert!(compile("id").evaluate_bool(&batch()).is_err());
    assert_eq!(compile("1 = 1").evaluate_bool(&batch()).unwrap().true_count(), 3);
    assert!(compile("Name ~ '^[a-c]$'").evaluate_bool(&batch()).unwrap().value(0));
}

#[test]
fn an_expression_gives_the_type_that_was_typed() {
    // The scale of a rounded decimal is known only once its second argument is folded.
    let engine = DataFusionEngine::shared();
    let batch = batch();
    for sql in ["round(cast(id as decimal(25, 3)), 1)", "round(cast(id as decimal(25, 3)))", "trunc(cast(id as decimal(25, 3)), 2)"] {
        let compiled = engine.compile(sql, &batch.schema(), &Bindings::new(), RunClock::now()).unwrap();
        assert_eq!(compiled.evaluate(&batch).unwrap().data_type(), compiled.data_type(), "{sql}");
    }
}

#[tokio::test]
async fn a_select_gives_the_type_that_was_typed() {
    let sql = "select round(cast(id as decimal(25, 3)), 1) as a, round(cast(id as decimal(25, 3))) as b from t";
    let batches = run(sql).await.unwrap();
    let schema = runi_lang::schema::Schema {
        columns: vec![runi_lang::schema::Column { name: "id".to_owned(), ty: runi_lang::types::DataType::Int64, nullable: false }],
    };
    let views = vec![("t".to_owned(), schema)];
    let typed = runi_lang::sql::SqlEngine::query(DataFusionEngine::shared(), sql, &views, &Bindings::new()).unwrap();
    for (column, field) in typed.columns.iter().zip(batches[0].schema().fields()) {
        let DataType::Decimal128(precision, scale) = field.data_type() else { panic!("{field}") };
        assert_eq!(column.ty.to_string(), format!("decimal({precision}, {scale})"), "{}", column.name);
    }
}
