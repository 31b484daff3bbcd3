//! Delimited text as a source: framing against the `csv` crate, types, malformed records, positions, drift.

use super::{contract, csv_at, field, read, required, some, tiny, try_read};
use proptest::prelude::*;
use runi_engine::source::ReadOptions;
use runi_lang::ir::{Compression, Connector};
use runi_lang::model::{Date, OnFail, Renamed};
use runi_lang::types::{DataType, TimeUnit};
use std::io::Write;

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9 ]{0,6}",
        2 => "[a-z\",\n\r']{0,8}",
        1 => Just(String::new()),
        1 => "[é漢\"]{1,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What the `csv` crate reads is what we read, wherever the pieces are cut.
    #[test]
    fn reads_what_the_csv_crate_reads(
        rows in prop::collection::vec(prop::collection::vec(cell(), 3), 0..12),
        chunk_bytes in 1_usize..40,
        crlf: bool,
        quote_all: bool,
        bom: bool,
    ) {
        let mut text = if bom { b"\xEF\xBB\xBF".to_vec() } else { vec![] };
        let mut writer = csv::WriterBuilder::new()
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .quote_style(if quote_all { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .from_writer(&mut text);
        writer.write_record(["a", "b", "c"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        drop(writer);
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("x.csv"), &text).unwrap();
        let connector = Connector::Csv {
            path: "x.csv".into(), delimiter: b',', header: true, quote: b'"', nulls: vec![], compression: Compression::Auto,
        };
        let ours = read(home.path(), &connector, None, tiny(chunk_bytes));
        let theirs: Vec<Vec<Option<String>>> = csv::Reader::from_reader(text.strip_prefix(b"\xEF\xBB\xBF".as_slice()).unwrap_or(&text))
            .records()
            .map(|record| record.unwrap().iter().map(|cell| Some(cell.to_owned())).collect())
            .collect();
        prop_assert_eq!(&ours.rows, &theirs);
        prop_assert_eq!(ours.malformed.len(), 0);
        prop_assert_eq!(&ours.numbers, &(1..=rows.len() as u64).collect::<Vec<_>>());
        let raw: Vec<Vec<Option<String>>> = ours.raw.iter().map(|row| row.iter().map(|(_, text)| text.clone()).collect()).collect();
        prop_assert_eq!(&raw, &theirs);
    }

    /// Any bytes: nothing panics, every record is a row or malformed, and the cut does not change the outcome.
    #[test]
    fn any_bytes_are_accounted_for(text in prop::collection::vec(prop_oneof![
        Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(b'a'), Just(0xFF_u8), Just(0_u8)], 0..120), chunk_bytes in 1_usize..30) {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("x.csv"), [b"a,b\n".as_slice(), &text].concat()).unwrap();
        let small = read(home.path(), &csv_at("x.csv"), None, tiny(chunk_bytes));
        let whole = read(home.path(), &csv_at("x.csv"), None, tiny(1 << 20));
        prop_assert_eq!(&small.rows, &whole.rows);
        prop_assert_eq!(&small.lines, &whole.lines);
        prop_assert_eq!(&small.malformed, &whole.malformed);
    }
}

fn everything() -> Vec<(&'static str, DataType)> {
    vec![
        ("i", DataType::Int32),
        ("u", DataType::UInt8),
        ("f", DataType::Float64),
        ("d", DataType::Decimal { precision: 10, scale: 2 }),
        ("b", DataType::Boolean),
        ("day", DataType::Date),
        ("at", DataType::Timestamp { unit: TimeUnit::Microsecond, zone: Some("UTC".into()) }),
        ("clock", DataType::Time),
        ("text", DataType::String),
        ("side", DataType::Enum(vec!["buy".into(), "sell".into()])),
        ("raw", DataType::Binary),
        ("tags", DataType::List(Box::new(DataType::Int64))),
    ]
}

#[test]
fn every_type_is_parsed_and_what_fails_is_null_and_marked() {
    let home = tempfile::tempdir().unwrap();
    let text = "i,u,f,d,b,day,at,clock,text,side,raw,tags\n\
        -7,255,1.5e3,12.34,true,2026-02-03,2026-02-03T04:05:06.789+01:00,10:11:12,\"a \"\"long\"\" text, quoted\",buy,00ff,\"[1, 2]\"\n\
        ,,,,,,,,,,,\n\
        x,256,one,1.234,maybe,2026-02-30,yesterday,25:00,\"\",none,0g,[1\n";
    std::fs::write(home.path().join("x.csv"), text).unwrap();
    let contract = contract(everything().into_iter().map(|(name, ty)| field(name, ty)).collect());
    let all = read(home.path(), &csv_at("x.csv"), Some(&contract), ReadOptions::default());
    assert_eq!(
        all.rows[0],
        some(&[
            "-7",
            "255",
            "1500.0",
            "12.34",
            "true",
            "2026-02-03",
            "2026-02-03T03:05:06.789Z",
            "10:11:12",
            "a \"long\" text, quoted",
            "buy",
            "00ff",
            "[1, 2]"
        ])
    );
    assert_eq!(all.rows[1], vec![None; 12]);
    assert_eq!(all.rows[2][8..10], some(&["", "none"]));
    assert_eq!(all.failures, [0, 1, 2, 3, 4, 5, 6, 7, 10, 11].map(|column| (2, column)));
    assert_eq!(all.raw[2][3], ("d".to_owned(), Some("1.234".to_owned())));
    assert_eq!((all.records, all.lines.as_slice()), (3, [Some(2), Some(3), Some(4)].as_slice()));
    let digest = format!("blake3:{}", blake3::hash(text.as_bytes()).to_hex());
    assert_eq!(
        (all.files[0].path.as_str(), all.files[0].bytes, all.files[0].digest.as_str()),
        ("x.csv", text.len() as u64, digest.as_str())
    );
}

#[test]
fn malformed_records_are_set_aside_once_and_the_rest_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let text = b"a,b\n1,2\n3\n4,5,6\n\xFF,7\n8,\x00\n9,\"open\n10,11\n\n\n";
    std::fs::write(home.path().join("x.csv"), text).unwrap();
    let contract = contract(vec![field("a", DataType::Int64), field("b", DataType::Int64)]);
    for chunk_bytes in [1, 2, 3, 7, 1000] {
        let all = read(home.path(), &csv_at("x.csv"), Some(&contract), tiny(chunk_bytes));
        assert_eq!(all.rows, [some(&["1", "2"]), some(&["10", "11"])]);
        assert_eq!(all.numbers, [1, 7]);
        assert_eq!(all.lines, [Some(2), Some(8)]);
        let told: Vec<_> = all.malformed.iter().map(|m| (m.number, m.line, m.raw.as_str(), m.error.as_str())).collect();
        assert_eq!(
            told,
            [
                (2, 3, "3", "has 1 cell where 2 are expected"),
                (3, 4, "4,5,6", "has 3 cells where 2 are expected"),
                (4, 5, "\u{FFFD},7", "is not UTF-8"),
                (5, 6, "8,\0", "holds a NUL byte"),
                (6, 7, "9,\"open", "has a quote that is never closed"),
            ]
        );
    }
}

#[test]
fn null_words_are_null_only_without_quotes() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("x.tsv"), "NA\t'NA'\t\n").unwrap();
    let connector = Connector::Csv {
        path: "x.tsv".into(),
        delimiter: b'\t',
        header: false,
        quote: b'\'',
        nulls: vec!["NA".into()],
        compression: Compression::None,
    };
    let contract = contract(vec![field("a", DataType::String), field("b", DataType::String), field("c", DataType::String)]);
    let all = read(home.path(), &connector, Some(&contract), ReadOptions::default());
    assert_eq!(all.rows, [some(&["∅", "NA", ""])]);
}

#[test]
fn a_first_row_of_values_taken_for_a_header_is_not_quoted() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("x.csv"), "a,ada@example.com\n1,bob@example.com\n").unwrap();
    let mut row = contract(vec![field("a", DataType::Int64), field("email", DataType::String)]);
    row.fields[1].sensitivity.pii = Some("email".to_owned());
    let failed = try_read(home.path(), &csv_at("x.csv"), Some(&row), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("field `email` is missing") && !failed.contains("ada@"), "{failed}");
    std::fs::write(home.path().join("x.csv"), "ada@example.com,ada@example.com\n").unwrap();
    let failed = try_read(home.path(), &csv_at("x.csv"), Some(&row), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("has two columns of one name") && !failed.contains("ada@"), "{failed}");
}

#[test]
fn columns_match_by_name_and_drift_follows_the_policy() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("x.csv"), "extra,b,old\nx,2,1\n").unwrap();
    let mut row = contract(vec![field("a", DataType::Int64), field("b", DataType::Int64), field("c", DataType::Int64)]);
    let failed = try_read(home.path(), &csv_at("x.csv"), Some(&row), ReadOptions::default()).unwrap_err();
    for part in ["field `a` is missing", "field `c` is missing", "column `extra` is not in the contract", "column `old` is not in"] {
        assert!(failed.contains(part), "{failed}");
    }
    row.drift.missing = OnFail::Warn;
    row.renamed = vec![Renamed { from: "old".into(), to: "a".into(), until: Some(Date { year: 9999, month: 1, day: 1 }) }];
    let all = read(home.path(), &csv_at("x.csv"), Some(&row), ReadOptions::default());
    assert_eq!(all.rows, [some(&["1", "2", "∅"])]);
    assert_eq!(
        all.drift,
        [
            "column `extra` is not in the contract",
            "column `old` is the earlier name of field `a`",
            "field `c` is missing",
            "the columns stand in the order b, a where the contract says a, b",
        ]
    );
    row.renamed[0].until = Some(Date { year: 2000, month: 1, day: 1 });
    let all = read(home.path(), &csv_at("x.csv"), Some(&row), ReadOptions::default());
    assert_eq!(all.rows, [some(&["∅", "2", "∅"])]);
    row.fields[2] = required(row.fields[2].clone());
    let failed = try_read(home.path(), &csv_at("x.csv"), Some(&row), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("required field `c` is missing"), "{failed}");
}

#[test]
fn globs_directories_and_packed_files_are_read_in_order() {
    let home = tempfile::tempdir().unwrap();
    let day = home.path().join("data/day");
    std::fs::create_dir_all(&day).unwrap();
    std::fs::write(day.join("2.csv"), "a,b\n2,x\n").unwrap();
    std::fs::write(day.join("1.csv"), "b,a\ny,1\n").unwrap();
    std::fs::write(day.join("notes.md"), "no").unwrap();
    std::fs::write(day.join("_tmp.csv"), "no").unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"a,b\n3,z\n").unwrap();
    let packed = gzip.finish().unwrap();
    std::fs::write(day.join("3.csv.gz"), &packed).unwrap();
    std::fs::write(day.join("4.csv.zst"), zstd::encode_all(b"a,b\n4,w\n".as_slice(), 1).unwrap()).unwrap();
    let row = contract(vec![field("a", DataType::Int64), field("b", DataType::String)]);
    let all = read(home.path(), &csv_at("data/day"), Some(&row), ReadOptions::default());
    assert_eq!(all.rows, [some(&["1", "y"]), some(&["2", "x"]), some(&["3", "z"]), some(&["4", "w"])]);
    assert_eq!(all.drift, ["in `data/day/1.csv` the columns stand in the order b, a where the contract says a, b"]);
    assert_eq!(all.numbers, [1, 1, 1, 1]);
    let all = read(home.path(), &csv_at("data/**/[12].csv"), Some(&row), ReadOptions::default());
    assert_eq!(all.files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["data/day/1.csv", "data/day/2.csv"]);

    // A pattern that begins a name so asks for what is passed over else.
    std::fs::write(day.join("_5.csv"), "a,b\n5,v\n").unwrap();
    let all = read(home.path(), &csv_at("data/day/_[0-9].csv"), Some(&row), ReadOptions::default());
    assert_eq!(all.rows, [some(&["5", "v"])]);

    std::fs::write(day.join("3.csv.gz"), &packed[..packed.len() - 9]).unwrap();
    let failed = try_read(home.path(), &csv_at("data/day"), Some(&row), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("`data/day/3.csv.gz` ends in the middle of its gzip data"), "{failed}");
    let failed = try_read(home.path(), &csv_at("data/day/1.csw"), Some(&row), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("no file matches `data/day/1.csw`; did you mean `data/day/1.csv`?"), "{failed}");
    let failed = try_read(&home.path().join("data"), &csv_at("../data/day/1.csv"), Some(&row), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("outside of the workspace"), "{failed}");
}

#[test]
fn a_column_named_twice_is_refused() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("x.csv"), "a,b,a\n1,2,3\n").unwrap();
    let failed = try_read(home.path(), &csv_at("x.csv"), None, ReadOptions::default()).unwrap_err();
    assert!(failed.contains("has the column `a` twice"), "{failed}");
}

#[test]
fn a_file_without_a_header_is_told() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join("day")).unwrap();
    std::fs::write(home.path().join("day/1.csv"), "a\n1\n").unwrap();
    let mut row = contract(vec![required(field("a", DataType::Int64))]);
    for (nothing, text) in [("zero bytes", ""), ("a byte order mark", "\u{feff}"), ("an end of line", "\n")] {
        std::fs::write(home.path().join("day/2.csv"), text).unwrap();
        row.drift.missing = OnFail::Fail;
        let failed = try_read(home.path(), &csv_at("day"), Some(&row), ReadOptions::default()).unwrap_err();
        assert!(failed.contains("in `day/2.csv` there is no header: the file is empty"), "{nothing}: {failed}");
        row.drift.missing = OnFail::Warn;
        let all = read(home.path(), &csv_at("day"), Some(&row), ReadOptions::default());
        assert_eq!((all.rows, all.drift.len()), (vec![some(&["1"])], 1), "{nothing}");
        let alone = read(home.path(), &csv_at("day/2.csv"), Some(&row), ReadOptions::default());
        assert_eq!((alone.rows.len(), alone.drift), (0, vec!["there is no header: the file is empty".to_owned()]), "{nothing}");
    }
}
