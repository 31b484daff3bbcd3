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
    let options = SessionOptions { target_partitions: 2, memory_limit: Some(1 << 30), ..SessionOptions::default() };
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

#[tokio::test]
async fn results_that_would_take_all_memory_are_refused() {
    // `id` is 1, 2 and the largest there is, so nothing is known before the query runs.
    let values = [
        "repeat('ab', id)",
        "repeat(cast(id as text), id * 0 + 100000000)",
        "lpad('a', id % 2147483647 + 1000000000, 'b')",
        "rpad('a', id % 1000000000 + 1000000000)",
        "range(id)",
        "range(0, id)",
        "generate_series(0, -id, -1)",
        "generate_series(timestamp '2024-01-01', timestamp '2024-01-01' + case when id = 2 then interval '3000 days' else interval '1 day' end, interval '1 second')",
        "array_repeat(cast(id as text), id)",
        "array_resize(make_array(id), id % 1000000000 + 1000000000, 0)",
        "replace(repeat('a', id % 3 * 1000000), 'a', repeat('b', 1000))",
        "regexp_replace(repeat('a', id % 3 * 1000000), 'a', repeat('b', 1000), 'g')",
        "concat(repeat('a', id % 3 * 5000000), repeat('a', id % 3 * 5000000))",
        "repeat('a', id % 3 * 5000000) || repeat('a', id % 3 * 5000000)",
        "array_concat(range(id % 3 * 600000), range(id % 3 * 600000))",
    ];
    for value in values {
        let sql = format!("select {value} as v from t");
        let message = message(&sql).await;
        assert!(message.contains("a value is larger than 16 MiB"), "{sql}: {message}");
    }
    // Written out, they are refused when the query is planned or when it runs; they never take the memory.
    assert!(run("select repeat('x', 4000000000) as v").await.is_err());
    let doubling: String = (1..16).map(|n| format!(", t{n} as (select v || v as v from t{})", n - 1)).collect();
    assert!(
        message(&format!("with t0 as (select repeat('a', id % 3 * 1000) as v from t){doubling} select length(v) as n from t15"))
            .await
            .contains("larger than 16 MiB")
    );
}

#[tokio::test]
async fn results_of_a_common_size_are_those_of_the_engine() {
    let text = "select repeat(Name, 3) as a, lpad(Name, 4, 'xy') as b, rpad(Name, 3, '-') as c, Name || '!' || cast(id as text) as d, \
                replace(Name, 'a', 'bb') as e, replace('aXa', 'a', '') as f, regexp_replace('a1b22', '[0-9]+', '#', 'g') as g, \
                concat(Name, null, 'z') as h, concat_ws('-', Name, null, 'z') as i, repeat('x', -1) as j, 'a' || null as k from t order by id";
    let rows = run(text).await.unwrap();
    let row = |row: usize| -> Vec<Option<String>> {
        let text = |column: &Arc<dyn Array>| {
            let text = arrow::compute::cast(column, &DataType::Utf8).unwrap();
            text.is_valid(row).then(|| text.as_string::<i32>().value(row).to_owned())
        };
        rows[0].columns().iter().map(text).collect()
    };
    let some = |values: &[&str]| values.iter().map(|value| (*value != "null").then(|| (*value).to_owned())).collect::<Vec<_>>();
    assert_eq!(row(0), some(&["aaa", "xyxa", "a--", "a!1", "bb", "X", "a#b#", "az", "a-z", "", "null"]));
    assert_eq!(row(1), some(&["null", "null", "null", "null", "null", "X", "a#b#", "z", "z", "", "null"]));
    let lists = "select range(3) as a, range(1, 7, 2) as b, generate_series(3, 1, -1) as c, array_repeat('x', 2) as d, \
                 array_length(generate_series(date '2024-01-01', date '2024-12-31', interval '1 day')) as e";
    let rows = run(lists).await.unwrap();
    let shown = arrow::util::pretty::pretty_format_batches(&rows).unwrap().to_string();
    assert!(shown.contains("| [0, 1, 2] | [1, 3, 5] | [3, 2, 1] | [x, x] | 366 |"), "{shown}");
}

#[tokio::test]
async fn the_average_of_a_decimal_is_cut_behind_four_more_digits() {
    // The float is what DuckDB answers for decimals, too.
    for (value, average) in [("decimal(10, 2)", "0.016666"), ("double", "0.016666666666666666")] {
        let sql = format!("select avg(cast(v as {value})) as a from (values (0.01), (0.02), (0.02)) as x(v)");
        let rows = run(&sql).await.unwrap();
        let shown = arrow::util::pretty::pretty_format_batches(&rows).unwrap().to_string();
        assert!(shown.lines().any(|line| line.trim_matches(['|', ' ']) == average), "{value}: {shown}");
    }
    let negative = "select avg(cast(-v as decimal(10, 2))) as a from (values (0.01), (0.02), (0.02)) as x(v)";
    let rows = run(negative).await.unwrap();
    assert_eq!(rows[0].column(0).data_type(), &DataType::Decimal128(14, 6));
    assert!(arrow::util::pretty::pretty_format_batches(&rows).unwrap().to_string().contains("| -0.016666 |"));
}

#[tokio::test]
async fn unnest_makes_a_row_of_each_item() {
    let sql = "select id, unnest(case when id = 1 then make_array('a', 'b') when id = 2 then null else make_array('c') end) as item \
               from t order by id, item";
    let rows = run(sql).await.unwrap();
    let shown = arrow::util::pretty::pretty_format_batches(&rows).unwrap().to_string();
    let cells: Vec<&str> = shown.lines().skip(3).filter(|line| line.starts_with("| ")).collect();
    assert_eq!(cells.len(), 3, "{shown}");
    assert!(cells[0].contains("| a ") && cells[1].contains("| b ") && cells[2].contains("| c "), "{shown}");
}

#[test]
fn a_long_chain_of_parts_that_can_fail_is_no_larger_than_it_is_written() {
    let evaluated = |sql: &str| -> Vec<Option<bool>> {
        let compiled = DataFusionEngine::shared().compile(sql, &batch().schema(), &Bindings::new(), RunClock::now()).unwrap();
        compiled.evaluate_bool(&batch()).unwrap().iter().collect()
    };
    // Parts double at each link when every one is guarded alone: this would never end.
    let all: String = (1..60).map(|n| format!(" and {n} / (id - 1) >= 0")).collect();
    assert_eq!(evaluated(&format!("id <> 1{all}")), [Some(false), Some(true), Some(true)]);
    let any: String = (1..60).map(|n| format!(" or {n} / (id - 1) > {n}")).collect();
    assert_eq!(evaluated(&format!("id = 1{any}")), [Some(true), Some(false), Some(false)]);
    let nested = (1..8).fold("5 / (id - 1) > 0".to_owned(), |inner, n| format!("(id <> 1 and ({n} / (id - 1) >= 0 and {inner}))"));
    assert_eq!(evaluated(&nested), [Some(false), Some(true), Some(false)]);
    // Null decides nothing: the parts behind it are still looked at.
    assert_eq!(evaluated("rate > 1 and Name is not null and 10 / id >= 0"), [Some(true), Some(false), None]);
    assert_eq!(evaluated("rate > 100 or Name = 'b' or 10 / id > 4"), [Some(true), Some(true), None]);
}
