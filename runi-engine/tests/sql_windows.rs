//! Several window functions in one `select`, whose arguments and keys are casts: what comes out is what DuckDB says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use arrow::array::{Array, AsArray, Float64Array, Int64Array, RecordBatch, StringViewArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use runi_engine::sql::{QuerySession, RunClock, SessionOptions};
use runi_lang::sql::Bindings;
use std::sync::Arc;

/// A `select` with bare integers, and its rows by DuckDB 1.
type Window = (&'static str, &'static [&'static [i64]]);

#[rustfmt::skip]
const WINDOWS: &[Window] = &[
    ("select w.id, coalesce(cast(w.a as bigint), -1) as a, coalesce(cast(w.b as bigint), -1) as b from (select id, sum(cast(s as bigint)) over (order by id rows between unbounded preceding and current row) as a, sum(cast(s as bigint)) over (partition by k order by id rows between unbounded preceding and current row) as b from t) w order by w.id", &[&[1, 10, 10], &[2, 14, 4], &[3, 39, 35], &[4, 46, 11], &[5, 56, 45], &[6, 87, 42], &[7, 90, 48], &[8, 97, 49]]),
    ("select w.id, coalesce(cast(w.a as bigint), -1) as a, coalesce(cast(w.b as bigint), -1) as b, coalesce(cast(w.c as bigint), -1) as c from (select id, sum(cast(s as bigint)) over (partition by k) as a, max(cast(s as bigint)) over (partition by k order by id rows between unbounded preceding and current row) as b, min(cast(s as bigint)) over (order by id rows between unbounded preceding and current row) as c from t) w order by w.id", &[&[1, 48, 10, 10], &[2, 49, 4, 4], &[3, 48, 25, 4], &[4, 49, 7, 4], &[5, 48, 25, 4], &[6, 49, 31, 4], &[7, 48, 25, 3], &[8, 49, 31, 3]]),
    ("select w.id, coalesce(cast(w.a as bigint), -1) as a, coalesce(cast(w.b as bigint), -1) as b, coalesce(cast(w.c as bigint), -1) as c from (select id, sum(cast(x as bigint)) over (order by cast(s as bigint), id rows between unbounded preceding and current row) as a, sum(cast(x as bigint)) over (order by cast(s as bigint), id rows between unbounded preceding and current row) as b, count(cast(x as bigint)) over (partition by k order by cast(s as bigint), id rows between unbounded preceding and current row) as c from t) w order by w.id", &[&[1, 25, 25, 2], &[2, 7, 7, 1], &[3, 32, 32, 4], &[4, 15, 15, 2], &[5, 30, 30, 3], &[6, 36, 36, 4], &[7, 6, 6, 1], &[8, 22, 22, 3]]),
    ("select w.id, coalesce(cast(w.a as bigint), -1) as a, coalesce(cast(w.b as bigint), -1) as b, coalesce(cast(w.c as bigint), -1) as c from (select id, lag(cast(s as bigint)) over (order by id) as a, lead(cast(s as bigint)) over (order by id) as b, first_value(cast(x as bigint)) over (partition by cast(s as bigint) order by id rows between unbounded preceding and current row) as c from t) w order by w.id", &[&[1, -1, 4, 3], &[2, 10, 25, 1], &[3, 4, 7, 2], &[4, 25, 10, 8], &[5, 7, 31, 3], &[6, 10, 3, 4], &[7, 31, 7, 6], &[8, 3, -1, 8]]),
    ("select w.id, coalesce(cast(w.a as bigint), -1) as a, coalesce(cast(w.b as bigint), -1) as b, coalesce(cast(w.c as bigint), -1) as c from (select id, sum(cast(s as bigint)) over (partition by k order by id rows between unbounded preceding and current row) as a, sum(cast(s as bigint)) over (partition by k order by id desc rows between unbounded preceding and current row) as b, row_number() over (partition by cast(s as bigint) order by id) as c from t) w order by w.id", &[&[1, 10, 48, 1], &[2, 4, 49, 1], &[3, 35, 38, 1], &[4, 11, 45, 1], &[5, 45, 13, 2], &[6, 42, 38, 1], &[7, 48, 3, 1], &[8, 49, 7, 2]]),
    ("select w.id, coalesce(cast(w.a as bigint), -1) as a, coalesce(cast(w.b as bigint), -1) as b, coalesce(cast(w.c as bigint), -1) as c, coalesce(cast(w.d as bigint), -1) as d from (select id, rank() over (order by cast(s as bigint)) as a, rank() over (order by cast(x as bigint)) as b, sum(cast(x as bigint) + cast(s as bigint)) over (partition by k order by id rows between unbounded preceding and current row) as c, sum(cast(x as bigint) + cast(s as bigint)) over (order by id rows between unbounded preceding and current row) as d from t) w order by w.id", &[&[1, 5, 3, 13, 13], &[2, 2, 1, 5, 18], &[3, 7, 2, 40, 45], &[4, 3, 8, 20, 60], &[5, 5, 5, 55, 75], &[6, 8, 4, 55, 110], &[7, 1, 6, 64, 119], &[8, 3, 7, 69, 133]]),
    ("select w.id, coalesce(cast(w.a as bigint), -1) as a, coalesce(cast(w.b as bigint), -1) as b, coalesce(cast(w.c as bigint), -1) as c from (select id, sum(cast(x as bigint)) over (order by cast(x as bigint) rows between unbounded preceding and current row) as a, avg(cast(x as bigint) * 2) over (partition by k order by cast(x as bigint) rows between unbounded preceding and current row) as b, max(cast(x as bigint)) over (order by cast(x as bigint) desc rows between unbounded preceding and current row) as c from t) w order by w.id", &[&[1, 6, 5, 8], &[2, 1, 2, 8], &[3, 3, 4, 8], &[4, 36, 10, 8], &[5, 15, 6, 8], &[6, 10, 5, 8], &[7, 21, 8, 8], &[8, 28, 8, 8]]),
    ("select w.id, coalesce(cast(w.a as bigint), -1) as a, coalesce(cast(w.b as bigint), -1) as b, coalesce(cast(w.c as bigint), -1) as c from (select id, sum(cast(n as double)) over (partition by k order by id rows between 1 preceding and 1 following) as a, sum(cast(n as double)) over (partition by k order by id rows between 2 preceding and current row) as b, count(cast(n as double)) over (order by id rows between 2 preceding and current row) as c from t) w order by w.id", &[&[1, 16, 7, 1], &[2, 6, 2, 2], &[3, 17, 16, 3], &[4, 12, 6, 3], &[5, 18, 17, 3], &[6, 13, 12, 3], &[7, 9, 18, 3], &[8, 9, 13, 3]]),
    ("select w.id, coalesce(cast(w.a as bigint), -1) as a, coalesce(cast(w.b as bigint), -1) as b, coalesce(cast(w.c as bigint), -1) as c from (select id, lag(cast(s as bigint), 1, cast(0 as bigint)) over (partition by k order by id) as a, sum(cast(s as bigint)) over (partition by k order by id) as b, ntile(2) over (partition by k order by cast(s as bigint), id) as c from t) w order by w.id", &[&[1, 0, 10, 1], &[2, 0, 4, 1], &[3, 10, 35, 2], &[4, 4, 11, 1], &[5, 25, 45, 2], &[6, 7, 42, 2], &[7, 10, 48, 1], &[8, 31, 49, 2]]),
];

fn batch() -> RecordBatch {
    let schema = Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("k", DataType::Utf8View, true),
        Field::new("s", DataType::Utf8View, true),
        Field::new("x", DataType::Float64, true),
        Field::new("n", DataType::Int64, true),
    ]);
    let columns: Vec<Arc<dyn Array>> = vec![
        Arc::new(Int64Array::from_iter_values(1..=8)),
        Arc::new(StringViewArray::from(vec!["a", "b", "a", "b", "a", "b", "a", "b"])),
        Arc::new(StringViewArray::from(vec!["10", "4", "25", "7", "10", "31", "3", "7"])),
        Arc::new(Float64Array::from(vec![3.0, 1.0, 2.0, 8.0, 5.0, 4.0, 6.0, 7.0])),
        Arc::new(Int64Array::from(vec![7, 2, 9, 4, 1, 6, 8, 3])),
    ];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

/// Rows, or what went wrong.
fn rows(sql: &str, partitions: usize) -> Result<Vec<Vec<i64>>, String> {
    let table: Arc<dyn TableProvider> = Arc::new(MemTable::try_new(batch().schema(), vec![vec![batch()]]).unwrap());
    let options = SessionOptions { target_partitions: partitions, ..SessionOptions::default() };
    let session = QuerySession::new(RunClock::now(), &options).unwrap();
    let frame = session.plan(sql, &Bindings::new(), &[("t".to_owned(), table)]).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let collected = runtime.block_on(async { tokio::spawn(frame.collect()).await });
    let batches = collected.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            rows.push(batch.columns().iter().map(|column| column.as_primitive::<Int64Type>().value(row)).collect());
        }
    }
    Ok(rows)
}

#[test]
fn windows_over_casts_give_what_duckdb_gives() {
    let mut wrong = Vec::new();
    for (sql, expected) in WINDOWS {
        let expected: Vec<Vec<i64>> = expected.iter().map(|row| row.to_vec()).collect();
        for partitions in [1, 3] {
            let found = rows(sql, partitions);
            if found.as_ref() != Ok(&expected) {
                wrong.push(format!("{sql}: {found:?}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn windows_that_differ_in_a_cast_alone_are_refused_or_right() {
    let error = rows("select id, sum(cast(n as int)) over (order by id) as a, sum(cast(n as bigint)) over (order by id) as b from t", 1)
        .unwrap_err();
    assert!(error.contains("two window functions differ only in a `cast`"), "{error}");
    let inner = "select id, sum(m) over (order by id) as a, sum(n) over (order by id) as b from (select id, n, cast(n as int) as m from t) u order by id limit 2";
    assert_eq!(rows(inner, 1), Ok(vec![vec![1, 7, 7], vec![2, 9, 9]]));
}
