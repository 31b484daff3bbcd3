//! What each format's file holds.

use crate::support::{arrow, csv, json, parquet, read_arrow, read_parquet, rows, schema, spec, write};
use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Int64Array, ListArray, RecordBatch, StringArray, StringViewArray, TimestampSecondArray,
    UInt32Array,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use parquet::file::reader::{FileReader, SerializedFileReader};
use runi_engine::error::EngineError;
use runi_engine::sink::open;
use runi_lang::ir::{Compression, Connector};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use tempfile::tempdir;

#[test]
fn parquet_holds_the_rows_and_its_metadata() {
    let root = tempdir().unwrap();
    let connector = parquet("out/t.parquet");
    // More than one block and an odd rest.
    let published = write(&spec(root.path(), &connector, schema()), &[rows(0, 70_000), rows(70_000, 150_001)]);
    assert_eq!(published.rows, 150_001);
    assert_eq!(published.bytes, std::fs::metadata(&published.path).unwrap().len());
    assert_eq!(published.digest, format!("blake3:{}", blake3::hash(&std::fs::read(&published.path).unwrap()).to_hex()));
    assert_eq!(read_parquet(&published.path), rows(0, 150_001));
    let reader = SerializedFileReader::new(File::open(&published.path).unwrap()).unwrap();
    let pairs = reader.metadata().file_metadata().key_value_metadata().unwrap();
    assert!(pairs.iter().any(|pair| pair.key == "runi.contract" && pair.value.as_deref() == Some("T@1")));
}

#[test]
fn parquet_starts_a_row_group_every_million_rows() {
    let root = tempdir().unwrap();
    let connector = parquet("t.parquet");
    let schema = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, false)]));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(Int64Array::from_iter_values(0..1_100_000))]).unwrap();
    let published = write(&spec(root.path(), &connector, schema), std::slice::from_ref(&batch));
    let reader = SerializedFileReader::new(File::open(&published.path).unwrap()).unwrap();
    let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(groups, [1_048_576, 51_424]);
    assert_eq!(read_parquet(&published.path), batch);
}

#[test]
fn arrow_holds_the_rows() {
    let root = tempdir().unwrap();
    let connector = arrow("t.arrow");
    let published = write(&spec(root.path(), &connector, schema()), &[rows(0, 70_000)]);
    assert_eq!(read_arrow(&published.path), rows(0, 70_000));
}

#[test]
fn the_same_rows_give_the_same_bytes_however_they_are_cut() {
    let root = tempdir().unwrap();
    for connector in [parquet("t.parquet"), arrow("t.arrow"), csv("t.csv"), csv("t.csv.gz"), json("t.jsonl"), json("t.jsonl.zst")] {
        let spec = spec(root.path(), &connector, schema());
        let whole = write(&spec, &[rows(0, 100_000)]);
        let cut = write(&spec, &[rows(0, 1), rows(1, 65_537), rows(65_537, 65_540), rows(65_540, 100_000)]);
        assert_eq!(whole.digest, cut.digest, "{connector:?}");
    }
}

#[test]
fn an_empty_output_still_has_its_columns() {
    let root = tempdir().unwrap();
    let connector = parquet("t.parquet");
    let published = write(&spec(root.path(), &connector, schema()), &[]);
    assert_eq!(read_parquet(&published.path), rows(0, 0));
    let connector = csv("t.csv");
    let published = write(&spec(root.path(), &connector, schema()), &[]);
    assert_eq!(std::fs::read_to_string(published.path).unwrap(), "id,name,price,ratio,ok,day,at\n");
}

#[test]
fn csv_tells_null_from_empty_and_quotes_what_needs_it() {
    let root = tempdir().unwrap();
    let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Utf8, true), Field::new("b|c", DataType::Float64, true)]));
    let text: ArrayRef = Arc::new(StringArray::from(vec![Some("x|y"), Some(""), None, Some("NA"), Some("it's"), Some("two\nlines")]));
    let numbers: ArrayRef =
        Arc::new(arrow::array::Float64Array::from(vec![Some(1.5), None, Some(-0.25), Some(1e20), Some(f64::INFINITY), Some(3.0)]));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![text, numbers]).unwrap();
    let connector = Connector::Csv {
        path: "t.csv".to_owned(),
        delimiter: b'|',
        header: true,
        quote: b'\'',
        nulls: vec!["NA".to_owned(), String::new()],
        compression: Compression::None,
    };
    let published = write(&spec(root.path(), &connector, schema), &[batch]);
    let expected = "a|'b|c'\n'x|y'|1.5\n''|NA\nNA|-0.25\n'NA'|1e20\n'it''s'|inf\n'two\nlines'|3.0\n";
    assert_eq!(std::fs::read_to_string(published.path).unwrap(), expected);
}

#[test]
fn csv_is_read_back_by_the_usual_reader() {
    let root = tempdir().unwrap();
    let connector = csv("t.csv");
    let expected = rows(0, 20_000);
    let published = write(&spec(root.path(), &connector, schema()), std::slice::from_ref(&expected));
    let mut reader = arrow::csv::ReaderBuilder::new(schema())
        .with_header(true)
        .with_batch_size(1 << 20)
        .build(File::open(published.path).unwrap())
        .unwrap();
    let found = reader.next().unwrap().unwrap();
    for (column, field) in schema().fields().iter().enumerate() {
        if field.name() == "name" {
            // This reader cannot tell an empty text from null.
            let text = |batch: &RecordBatch| {
                batch.column(column).as_string::<i32>().iter().map(|value| value.unwrap_or("").to_owned()).collect::<Vec<_>>()
            };
            assert_eq!(text(&found), text(&expected));
        } else {
            assert_eq!(found.column(column), expected.column(column), "{}", field.name());
        }
    }
}

#[test]
fn json_keeps_every_key() {
    let root = tempdir().unwrap();
    let connector = json("t.jsonl");
    let published = write(&spec(root.path(), &connector, schema()), &[rows(0, 2)]);
    let expected = concat!(
        r#"{"id":0,"name":null,"price":null,"ratio":null,"ok":null,"day":null,"at":null}"#,
        "\n",
        r#"{"id":1,"name":"","price":-48.99,"ratio":0.125,"ok":false,"day":"1970-01-02","at":"1970-01-01T00:00:01.234567Z"}"#,
        "\n",
    );
    assert_eq!(std::fs::read_to_string(published.path).unwrap(), expected);
}

#[test]
fn text_is_packed_as_its_extension_says() {
    let root = tempdir().unwrap();
    let plain = write(&spec(root.path(), &csv("t.csv"), schema()), &[rows(0, 5_000)]);
    let plain = std::fs::read(plain.path).unwrap();
    let unpacked = |path: &Path, zstd: bool| {
        let mut bytes = Vec::new();
        let file = File::open(path).unwrap();
        if zstd {
            zstd::Decoder::new(file).unwrap().read_to_end(&mut bytes)
        } else {
            flate2::read::GzDecoder::new(file).read_to_end(&mut bytes)
        }
        .unwrap();
        bytes
    };
    let gzip = write(&spec(root.path(), &csv("t.csv.gz"), schema()), &[rows(0, 5_000)]);
    assert_eq!(unpacked(&gzip.path, false), plain);
    assert!(gzip.bytes < plain.len() as u64 / 2);
    let zstd = write(&spec(root.path(), &csv("t.csv.zst"), schema()), &[rows(0, 5_000)]);
    assert_eq!(unpacked(&zstd.path, true), plain);
}

#[test]
fn views_dictionaries_and_odd_units_reach_files_as_plain_types() {
    let root = tempdir().unwrap();
    let ours = Arc::new(Schema::new(vec![
        Field::new("view", DataType::Utf8View, true),
        Field::new("code", DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)), true),
        Field::new("at", DataType::Timestamp(TimeUnit::Second, None), true),
    ]));
    let code: DictionaryArray<Int32Type> = vec![Some("b"), None, Some("b")].into_iter().collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringViewArray::from(vec![Some("a longer text than twelve bytes"), None, Some("s")])),
        Arc::new(code),
        Arc::new(TimestampSecondArray::from(vec![1, 2, 3])),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&ours), columns).unwrap();
    let types = |batch: &RecordBatch| batch.schema().fields().iter().map(|field| field.data_type().clone()).collect::<Vec<_>>();
    let from_parquet =
        read_parquet(&write(&spec(root.path(), &parquet("t.parquet"), Arc::clone(&ours)), std::slice::from_ref(&batch)).path);
    assert_eq!(types(&from_parquet), [DataType::Utf8, DataType::Utf8, DataType::Timestamp(TimeUnit::Millisecond, None)]);
    assert_eq!(from_parquet.column(0).as_string::<i32>().value(0), "a longer text than twelve bytes");
    assert!(from_parquet.column(1).is_null(1));
    let from_arrow = read_arrow(&write(&spec(root.path(), &arrow("t.arrow"), Arc::clone(&ours)), std::slice::from_ref(&batch)).path);
    assert_eq!(types(&from_arrow), [DataType::Utf8, DataType::Utf8, DataType::Timestamp(TimeUnit::Second, None)]);
    let as_csv = write(&spec(root.path(), &csv("t.csv"), ours), &[batch]).path;
    assert_eq!(
        std::fs::read_to_string(as_csv).unwrap(),
        "view,code,at\na longer text than twelve bytes,b,1970-01-01T00:00:01\n,,1970-01-01T00:00:02\ns,b,1970-01-01T00:00:03\n"
    );
}

#[test]
fn nested_values_survive() {
    let root = tempdir().unwrap();
    let list: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]));
    let schema = Arc::new(Schema::new(vec![Field::new("xs", list.data_type().clone(), true)]));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![list]).unwrap();
    assert_eq!(
        read_parquet(&write(&spec(root.path(), &parquet("t.parquet"), Arc::clone(&schema)), std::slice::from_ref(&batch)).path),
        batch
    );
    let as_csv = write(&spec(root.path(), &csv("t.csv"), schema), &[batch]).path;
    assert_eq!(std::fs::read_to_string(as_csv).unwrap(), "xs\n\"[1,null]\"\n\"\"\n[]\n", "no line is empty: readers would skip it");
}

#[test]
fn a_batch_that_does_not_fit_is_refused() {
    let root = tempdir().unwrap();
    let schema = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, false)]));
    let mut sink = open(&spec(root.path(), &parquet("t.parquet"), schema)).unwrap();
    let loose = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true)]));
    let nulls = RecordBatch::try_new(Arc::clone(&loose), vec![Arc::new(Int64Array::from(vec![Some(1), None]))]).unwrap();
    let error = sink.write(&nulls).unwrap_err();
    assert!(matches!(&error, EngineError::Engine { message, .. } if message.contains("`id` may not be null")), "{error}");
    let two = Arc::new(Schema::new(vec![Field::new("id", DataType::UInt32, true), Field::new("x", DataType::UInt32, true)]));
    let wide = RecordBatch::try_new(two, vec![Arc::new(UInt32Array::from(vec![1])), Arc::new(UInt32Array::from(vec![1]))]).unwrap();
    assert!(sink.write(&wide).is_err());
}
