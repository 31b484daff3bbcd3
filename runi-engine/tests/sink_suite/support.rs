//! Rows to write and readers that are not the sinks' own.

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use runi_engine::error::EngineError;
use runi_engine::sink::{OpenSink, Published, SinkSpec, open};
use runi_lang::ir::{Compression, Connector};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

pub(crate) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("name", DataType::Utf8, true),
        Field::new("price", DataType::Decimal128(18, 2), true),
        Field::new("ratio", DataType::Float64, true),
        Field::new("ok", DataType::Boolean, true),
        Field::new("day", DataType::Date32, true),
        Field::new("at", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true),
    ]))
}

/// Rows `from..to`; each value follows from its number.
pub(crate) fn rows(from: i64, to: i64) -> RecordBatch {
    let every = |n: i64, step: i64| n % step != 0;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(from..to)),
        Arc::new(StringArray::from_iter((from..to).map(|n| match n % 7 {
            0 => None,
            1 => Some(String::new()),
            2 => Some(format!("a, \"quoted\"\nline {n}")),
            _ => Some(format!("name-{n}")),
        }))),
        Arc::new(
            Decimal128Array::from_iter((from..to).map(|n| every(n, 5).then_some(i128::from(n) * 101 - 5_000)))
                .with_precision_and_scale(18, 2)
                .unwrap(),
        ),
        Arc::new(Float64Array::from_iter((from..to).map(|n| every(n, 3).then_some(n as f64 / 8.0)))),
        Arc::new(BooleanArray::from_iter((from..to).map(|n| every(n, 4).then_some(n % 2 == 0)))),
        Arc::new(Date32Array::from_iter((from..to).map(|n| every(n, 6).then_some((n % 30_000) as i32)))),
        Arc::new(TimestampMicrosecondArray::from_iter((from..to).map(|n| every(n, 8).then_some(n * 1_234_567))).with_timezone("UTC")),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

pub(crate) fn csv(path: &str) -> Connector {
    Connector::Csv {
        path: path.to_owned(),
        delimiter: b',',
        header: true,
        quote: b'"',
        nulls: vec![String::new()],
        compression: Compression::Auto,
    }
}

pub(crate) fn json(path: &str) -> Connector {
    Connector::Json { path: path.to_owned(), compression: Compression::Auto }
}

pub(crate) fn parquet(path: &str) -> Connector {
    Connector::Parquet { path: path.to_owned() }
}

pub(crate) fn arrow(path: &str) -> Connector {
    Connector::Arrow { path: path.to_owned() }
}

pub(crate) fn delta(path: &str) -> Connector {
    Connector::Delta { path: path.to_owned() }
}

pub(crate) fn spec<'a>(root: &'a Path, connector: &'a Connector, schema: SchemaRef) -> SinkSpec<'a> {
    SinkSpec {
        name: "out",
        connector,
        append: false,
        root,
        schema,
        run_id: "run-1",
        metadata: vec![("runi.contract".to_owned(), "T@1".to_owned())],
    }
}

pub(crate) fn opened(root: &Path, connector: &Connector) -> Result<OpenSink, EngineError> {
    open(&spec(root, connector, schema()))
}

/// Writes the batches and publishes them.
pub(crate) fn write(spec: &SinkSpec<'_>, batches: &[RecordBatch]) -> Published {
    let mut sink = open(spec).unwrap();
    for batch in batches {
        sink.write(batch).unwrap();
    }
    sink.finish().unwrap().publish().unwrap()
}

pub(crate) fn read_parquet(path: &Path) -> RecordBatch {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = Arc::new(builder.schema().as_ref().clone().with_metadata(Default::default()));
    let batches: Vec<_> = builder.build().unwrap().map(|batch| bare(&batch.unwrap(), &schema)).collect();
    concat_batches(&schema, &batches).unwrap()
}

pub(crate) fn read_arrow(path: &Path) -> RecordBatch {
    let reader = arrow::ipc::reader::FileReader::try_new(File::open(path).unwrap(), None).unwrap();
    let schema = Arc::new(reader.schema().as_ref().clone().with_metadata(Default::default()));
    let batches: Vec<_> = reader.map(|batch| bare(&batch.unwrap(), &schema)).collect();
    concat_batches(&schema, &batches).unwrap()
}

/// The batch without its schema's metadata.
fn bare(batch: &RecordBatch, schema: &SchemaRef) -> RecordBatch {
    RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec()).unwrap()
}

/// Names in the directory that a run leaves behind.
pub(crate) fn leftovers(directory: &Path) -> Vec<String> {
    let names = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".runi-tmp-")).collect()
}
