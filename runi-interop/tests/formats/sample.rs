//! Contracts out of rows.

use crate::support::{shown, text};
use arrow::array::{ArrayRef, Decimal256Array, Int64Array, IntervalDayTimeArray, RecordBatch};
use arrow::datatypes::{Field as ArrowField, Schema as ArrowSchema};
use runi_interop::import::{self, Format, Input, Options};
use runi_interop::{ImportError, Imported};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn infer_with(path: &Path, format: Format, options: &Options) -> Result<Imported, ImportError> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    import::import(format, &Input { name: &name, bytes: b"", path: Some(path), options })
}

fn infer(content: &str, extension: &str) -> Imported {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(format!("sample_rows.{extension}"));
    std::fs::write(&path, content).unwrap();
    infer_with(&path, Format::of(&path.to_string_lossy()).unwrap(), &Options::default()).unwrap()
}

fn notes(imported: &Imported) -> String {
    imported.notes.iter().map(|note| format!("{}: {}\n", note.at, note.message)).collect()
}

fn all(imported: &Imported) -> String {
    format!("{}\n{}{}", text(&imported.contracts), notes(imported), shown(&imported.losses))
}

#[test]
fn real_data() {
    for (name, snapshot) in [
        ("flights_2013_01", "sample_flights_2013_01"),
        ("planes", "sample_planes"),
        ("airports", "sample_airports"),
        ("airlines", "sample_airlines"),
        ("weather_2013_01", "sample_weather_2013_01"),
    ] {
        let imported = infer_with(&fixtures().join(format!("flights/data/{name}.csv")), Format::Csv, &Options::default()).unwrap();
        insta::assert_snapshot!(snapshot, all(&imported));
    }
}

#[test]
fn lines_of_json() {
    let imported = infer_with(&fixtures().join("trades/data/trades.jsonl"), Format::Json, &Options::default()).unwrap();
    insta::assert_snapshot!("sample_trades", all(&imported));
}

#[test]
fn the_guess_is_careful() {
    let mut rows = "zip;when;stamp;mixed;amount;flag;contact_email;uuid;measure\n".to_owned();
    for n in 0..300 {
        let mixed = if n == 250 { "n.a.!".to_owned() } else { n.to_string() };
        rows += &format!(
            "{:05};2024-01-{:02};2024-01-01T00:00:{:02}+02:00;{mixed};{}.50;{};user{n}@example.com;{n:08x}-0000-4000-8000-000000000000;{}.{n}\n",
            n,
            n % 28 + 1,
            n % 60,
            n,
            n % 2 == 0,
            n % 7,
        );
    }
    insta::assert_snapshot!("sample_careful", all(&infer(&rows, "csv")));
}

#[test]
fn few_rows_promise_nothing() {
    let imported = infer("id,state\n1,open\n2,open\n3,open\n", "csv");
    let contract = &imported.contracts[0];
    assert_eq!(contract.name, "SampleRows");
    assert!(contract.keys.is_empty() && contract.fields.iter().all(|field| !field.is_required()));
    assert_eq!(contract.fields[1].ty.to_string(), "string");
    assert!(notes(&imported).contains("too few rows"), "{}", notes(&imported));
}

#[test]
fn a_part_of_the_rows_promises_nothing() {
    let path = fixtures().join("flights/data/planes.csv");
    let imported = infer_with(&path, Format::Csv, &Options { rows: Some(1000), ..Options::default() }).unwrap();
    assert!(imported.contracts[0].keys.is_empty() && imported.contracts[0].fields.iter().all(|field| !field.is_required()));
    assert!(imported.notes[0].message.contains("the first 1000 rows"), "{}", notes(&imported));
}

#[test]
fn json_of_every_kind() {
    let mut lines = String::new();
    for n in 0..30 {
        lines += &format!(
            r#"{{"id": {n}, "code": "00{n}", "price": {n}.25, "ok": true, "at": "2024-01-01T00:00:00Z", "who": {{"name": "x", "age": {}}}, "tags": ["a", null], "mixed": {}}}"#,
            if n % 2 == 0 { "1" } else { "null" },
            if n == 0 { "\"text\"" } else { "7" },
        );
        lines += if n == 20 { "\nnot json\n" } else { "\n" };
    }
    lines += "{\"late\": 1}\n";
    insta::assert_snapshot!("sample_json", all(&infer(&lines, "jsonl")));
}

#[test]
fn what_is_no_sample_is_an_error_with_a_code() {
    let dir = tempfile::tempdir().unwrap();
    let cases: [(&str, &[u8], Format, &str); 9] = [
        ("a.csv", b"", Format::Csv, "E1001"),
        ("b.csv", b"a,a\n1,2\n", Format::Csv, "E0803"),
        ("c.csv", b"\xff\xfe\n\x00", Format::Csv, "E0803"),
        ("d.jsonl", b"", Format::Json, "E1001"),
        ("e.jsonl", b"[1, 2]\n", Format::Json, "E1001"),
        ("f.jsonl", b"\x1f\x8b\x08", Format::Json, "E1001"),
        ("g.parquet", b"PAR1 garbage", Format::Parquet, "E1001"),
        ("h.arrow", b"garbage", Format::Arrow, "E1001"),
        ("i.feather", b"FEA1 of the first version", Format::Arrow, "E1001"),
    ];
    for (name, bytes, format, code) in cases {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = infer_with(&path, format, &Options::default()).map(|imported| all(&imported)).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
    }
    let error = infer_with(&dir.path().join("nowhere.csv"), Format::Csv, &Options::default()).unwrap_err();
    assert_eq!(error.code(), "E0801", "{error}");
}

/// Rows as a Parquet file, guessed from.
fn of_parquet(columns: Vec<(&str, ArrayRef)>) -> Result<Imported, ImportError> {
    let fields: Vec<ArrowField> = columns.iter().map(|(name, array)| ArrowField::new(*name, array.data_type().clone(), true)).collect();
    let schema = Arc::new(ArrowSchema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns.into_iter().map(|(_, array)| array).collect()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.parquet");
    let mut writer = parquet::arrow::ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), schema, None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    infer_with(&path, Format::Parquet, &Options::default())
}

#[test]
fn a_column_without_a_type_in_a_contract_is_left_out_and_named() {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..3));
    let wide = Decimal256Array::from_iter_values((0..3).map(arrow::datatypes::i256::from)).with_precision_and_scale(50, 4).unwrap();
    let spans = IntervalDayTimeArray::from_iter_values((0..3).map(|n| arrow::datatypes::IntervalDayTime::new(n, 5)));
    let imported = of_parquet(vec![("id", Arc::clone(&ids)), ("wide", Arc::new(wide)), ("span", Arc::new(spans))]).unwrap();
    let fields: Vec<&str> = imported.contracts[0].fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(fields, ["id"]);
    let lost = shown(&imported.losses);
    assert!(lost.contains("wide: the type `Decimal256(50, 4)` has no counterpart"), "{lost}");
    assert!(lost.contains("span: the type"), "{lost}");
    // Which of two columns of one name a row means, nobody knows.
    let twice = of_parquet(vec![("id", Arc::clone(&ids)), ("id", ids)]).unwrap_err();
    assert_eq!((twice.code(), twice.to_string().contains("twice")), ("E0803", true), "{twice}");
}

#[test]
fn an_object_that_is_always_empty_is_a_map() {
    let imported = infer(&"{\"id\": 1, \"meta\": {}, \"deep\": {\"more\": {}}}\n".repeat(30), "jsonl");
    let made = text(&imported.contracts);
    assert!(made.contains("map<string, string>") && made.contains("struct<more: map<string, string>>"), "{made}");
}
