//! Whatever lies in a file: a coded error or an entry in the quarantine, never a panic.

use crate::support::{COPY, Done, Space, stage};
use std::io::Write;

/// Runs a workspace whose CSV file is `data`; gives ids that were written and rules that broke.
fn csv(data: impl AsRef<[u8]>) -> (Vec<String>, Vec<String>) {
    let space = Space::rows(data);
    space.runi(&["run"]).exits(0);
    outcome(&space)
}

fn outcome(space: &Space) -> (Vec<String>, Vec<String>) {
    let written = space
        .table("out/rows.csv")
        .iter()
        .map(|row| format!("{}={}", row["id"].clone().unwrap(), row["name"].clone().unwrap_or("null".to_owned())))
        .collect();
    let bad =
        space.json_lines("out/bad.jsonl").iter().map(|row| format!("{}@{}", row["rules"][0].as_str().unwrap(), row["line"])).collect();
    let record = space.records().pop().unwrap();
    let source = stage(&record, "rows");
    assert_eq!(source["in"].as_u64().unwrap(), source["passed"].as_u64().unwrap() + source["quarantined"].as_u64().unwrap());
    (written, bad)
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn ragged_rows_are_set_aside_with_their_lines() {
    let (written, bad) = csv("id,name\n1,a\n2\n3,c,more\n4,d\n");
    assert_eq!(written, strings(&["1=a", "4=d"]));
    assert_eq!(bad, strings(&["malformed@3", "malformed@4"]));
}

#[test]
fn marks_line_ends_and_quotes_are_read_as_they_are_meant() {
    assert_eq!(csv("\u{feff}id,name\n1,a\n"), (strings(&["1=a"]), vec![]), "a byte order mark");
    assert_eq!(csv("id,name\r\n1,a\r\n2,b\r\n"), (strings(&["1=a", "2=b"]), vec![]), "CRLF");
    assert_eq!(csv("id,name\n1,a"), (strings(&["1=a"]), vec![]), "no end of line at the end");
    assert_eq!(
        csv("id,name\n1,\"two\nlines, \"\"quoted\"\"\"\n2,b\nx,c\n"),
        (strings(&["1=two\nlines, \"quoted\"", "2=b"]), strings(&["type:id@5"])),
        "lines of quoted cells count"
    );
    assert_eq!(csv("id,name\n1,\n"), (strings(&["1=null"]), vec![]), "an empty cell");
}

#[test]
fn a_quote_that_never_ends_loses_no_row_silently() {
    let (written, bad) = csv("id,name\n1,a\n2,\"open\n3,c\n");
    // Reading goes on with the next line: one forgotten quote does not take the rest of the file with it.
    assert_eq!(written, strings(&["1=a", "3=c"]));
    assert_eq!(bad, strings(&["malformed@3"]));
}

#[test]
fn a_header_alone_is_an_empty_table_and_nothing_at_all_is_drift() {
    assert_eq!(csv("id,name\n"), (vec![], vec![]));
    // An empty file is more often one that was cut off than a day without rows.
    let space = Space::rows("");
    space.write("out/rows.csv", "id,name\n0,earlier\n");
    space.runi(&["run"]).exits(1).says(&["E0804", "there is no header: the file is empty"]);
    assert_eq!(space.text("out/rows.csv"), "id,name\n0,earlier\n");
    let space = Space::rows_with("id,name\n", &[("on=invalid)\n", "on=invalid)\n\n  @quality(min_rows=1)\n")]);
    space.runi(&["run"]).exits(1).shows(&["FAIL quality: `rows` has at least 1 valid rows (0)"]);
}

#[test]
fn binary_is_no_csv() {
    let noise: Vec<u8> = (0..4096_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    Space::rows(&noise).runi(&["run"]).exits(1);
    // Bytes that are no text are set aside where they stand.
    let mut data = b"id,name\n1,a\n2,".to_vec();
    data.extend([0xff, 0xfe, b'\n']);
    data.extend(b"3,c\n");
    let (written, bad) = csv(data);
    assert_eq!(written, strings(&["1=a", "3=c"]));
    assert_eq!(bad, strings(&["malformed@3"]));
    let (written, bad) = csv(b"id,name\n1,a\0b\n2,c\n");
    assert_eq!(written.len() + bad.len(), 2);
}

fn json(data: impl AsRef<[u8]>) -> Space {
    let space = Space::rows_with("", &[("type=csv, path=\"data/rows.csv\"", "type=json, path=\"data/rows.jsonl\"")]);
    space.write("data/rows.jsonl", data);
    space
}

#[test]
fn json_lines_that_cannot_be_read_are_set_aside() {
    let deep = format!("{{\"id\":5,\"name\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let data = format!(
        "{{\"id\":1,\"name\":\"a\"}}\n{{\"id\":2,\n[1]\n\"text\"\nnull\n\n{{\"id\":{{}},\"name\":\"x\"}}\n{deep}\n{{\"id\":6,\"name\":\"\\ud800\"}}\n{{\"id\":1e400}}\n{{\"id\":7,\"name\":\"g\"}}"
    );
    let space = json(data);
    space.runi(&["run"]).exits(0);
    let (written, bad) = outcome(&space);
    assert_eq!(written.first().map(String::as_str), Some("1=a"));
    assert_eq!(written.last().map(String::as_str), Some("7=g"));
    for line in [2, 3, 4, 5, 7, 8, 10] {
        assert!(bad.iter().any(|entry| entry.ends_with(&format!("@{line}"))), "line {line}: {bad:?}");
    }
}

#[test]
fn a_json_file_that_is_empty_is_an_empty_table() {
    let space = json("");
    space.runi(&["run"]).exits(0);
    assert_eq!(outcome(&space), (vec![], vec![]));
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_truncated_archive_fails_and_leaves_the_output_as_it_was() {
    let space = Space::rows_with("", &[("data/rows.csv", "data/rows.csv.gz")]);
    let rows: String = (0..5000).map(|id| format!("{id},name {}\n", id * 7919 % 10_007)).collect();
    let whole = gzip(format!("id,name\n{rows}").as_bytes());
    space.write("data/rows.csv.gz", &whole);
    space.runi(&["run"]).exits(0);
    let before = space.bytes("out/rows.csv");
    for length in [whole.len() / 2, whole.len() - 4, 12] {
        space.write("data/rows.csv.gz", &whole[..length]);
        space.runi(&["run"]).exits(1).says(&["E0803", "data/rows.csv.gz"]);
        assert_eq!(space.bytes("out/rows.csv"), before);
    }
    space.write("data/rows.csv.gz", "id,name\n1,a\n");
    space.runi(&["run"]).exits(1).says(&["E0803"]);
}

#[test]
fn files_that_only_bear_the_name_of_their_format_are_coded_errors() {
    for (kind, name) in [("parquet", "rows.parquet"), ("arrow", "rows.arrow"), ("delta", "rows")] {
        let path = format!("data/{name}");
        for content in [&b""[..], b"PAR1", b"id,name\n1,a\n", &[0; 512], b"ARROW1\0\0"] {
            let space = Space::rows_with("", &[("type=csv, path=\"data/rows.csv\"", &format!("type={kind}, path={path:?}"))]);
            let file = if kind == "delta" { format!("{path}/_delta_log/00000000000000000000.json") } else { path.clone() };
            space.write(&file, content);
            space.runi(&["run"]).exits(1).says(&["error[E08"]);
            assert!(!space.exists("out/rows.csv"));
        }
    }
}

#[test]
fn a_parquet_file_of_another_schema_is_drift_and_a_cut_one_is_no_parquet() {
    let space = Space::fixture("flights");
    space.runi(&["run", "ingest-weather"]).exits(0);
    let weather = space.bytes("out/bronze/weather.parquet");
    space.write("out/bronze/flights.parquet", &weather);
    space.runi(&["run", "clean-departures"]).exits(1).says(&["E0804", "contract `Flight`"]);
    space.write("out/bronze/flights.parquet", &weather[..weather.len() / 2]);
    space.runi(&["run", "clean-departures"]).exits(1).says(&["E0803"]);
    assert!(!space.exists("out/silver/flown.parquet"));
}

/// A workspace with one file of source text; every command that reads it must end well.
fn text(path: &str, bytes: &[u8]) -> Done {
    let space = Space::rows("id,name\n1,a\n");
    space.write(path, bytes);
    for args in [&["fmt"][..], &["fix"], &["run"], &["test"], &["contract", "catalog"]] {
        let code = space.runi(args).code;
        assert!(matches!(code, Some(0 | 1)), "{args:?}: {code:?}");
    }
    space.runi(&["check", "--format", "concise"])
}

#[test]
fn strange_source_files_are_coded_errors() {
    let brackets = "(".repeat(10_000);
    let feature = |expression: &str| {
        COPY.replace("  Then all", &format!("  @step(name=Deep)\n    @do x = {expression}\n\n  Then all"))
            .replace("Copy rows", "Strange")
            .replace("Copies", "Strange")
            .replace("out/", "out/strange-")
    };
    let long = "a".repeat(1 << 20);
    let cases: Vec<(&str, Vec<u8>, i32)> = vec![
        ("features/strange.dsl", Vec::new(), 0),
        ("contracts/strange.contract", Vec::new(), 0),
        ("features/strange.dsl", (0..2048_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8).collect(), 1),
        ("contracts/strange.contract", vec![0; 2048], 1),
        ("features/strange.dsl", b"Feature: \xff\xfe\n".to_vec(), 1),
        ("contracts/strange.contract", b"Contract: A\n  a int64 \"\xc3\x28\"\n".to_vec(), 1),
        ("features/strange.dsl", feature(&brackets).into_bytes(), 1),
        ("features/strange.dsl", feature(&format!("{brackets}id{}", ")".repeat(10_000))).into_bytes(), 1),
        ("features/strange.dsl", feature(&"not ".repeat(10_000)).into_bytes(), 1),
        ("features/strange.dsl", feature(&vec!["id"; 10_000].join(" + ")).into_bytes(), 1),
        ("features/strange.dsl", feature(&format!("{}id{}", "(id + ".repeat(20), ")".repeat(20))).into_bytes(), 0),
        ("features/strange.dsl", feature(&vec!["id"; 200].join(" + ")).into_bytes(), 0),
        (
            "contracts/strange.contract",
            format!("Contract: A\n  @version(1.0.0)\n  a {}int64{}\n", "list<".repeat(10_000), ">".repeat(10_000)).into_bytes(),
            1,
        ),
        ("contracts/strange.contract", format!("Contract: A\n  {long}\n").into_bytes(), 1),
        ("features/strange.dsl", format!("Feature: {long}\n").into_bytes(), 0),
        ("features/strange.dsl", format!("Feature: F\n\nScenario: S\n  Given {long}\n  @source({long}\n").into_bytes(), 1),
        ("features/strange.dsl", feature(&format!("'{long}")).into_bytes(), 1),
        ("Runi.toml", b"[workspace\n".to_vec(), 1),
        ("Runi.toml", vec![0xff; 64], 1),
    ];
    for (path, bytes, code) in cases {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let done = text(path, &bytes);
        if code >= 0 {
            assert_eq!(done.code, Some(code), "{path} {shown:?}\n{}{}", &done.stdout[..done.stdout.len().min(2000)], done.stderr);
        }
        if code == 1 {
            assert!(
                done.stdout.lines().any(|line| line.starts_with(path) && line.contains("error[E")),
                "{path} {shown:?}\n{}",
                &done.stdout[..done.stdout.len().min(2000)]
            );
        }
        assert!(done.stdout.len() < 100_000, "{path} {shown:?}: {} bytes of problems", done.stdout.len());
    }
}

#[test]
fn truncating_a_feature_anywhere_never_panics() {
    let space = Space::fixture("trades");
    let whole = space.bytes("features/trades.dsl");
    for length in (0..whole.len()).step_by(151) {
        space.write("features/trades.dsl", &whole[..length]);
        let code = space.runi(&["check", "-q"]).code;
        assert!(matches!(code, Some(0 | 1)), "{length}: {code:?}");
    }
}

#[test]
fn circles_are_named() {
    let steps = "  @step(name=A, from=B)\n    @do name = trim(name)\n  @step(name=B, from=A)\n    @do name = trim(name)\n\n  Then all";
    let space = Space::rows_with("id,name\n1,a\n", &[("  Then all", steps)]);
    space.runi(&["check"]).exits(1).says(&["E01"]);

    let space = Space::rows_with("id,name\n1,a\n", &[("data/rows.csv", "out/second.csv"), ("out/rows.csv", "out/first.csv")]);
    let second = COPY
        .replace("Copies", "Second")
        .replace("Copy rows", "Second")
        .replace("data/rows.csv", "out/first.csv")
        .replace("\"out/rows.csv\"", "\"out/second.csv\"");
    space.write("features/second.dsl", second.replace("out/bad", "out/second-bad"));
    space.runi(&["check"]).exits(1).says(&["copy-rows"]);
    space.runi(&["run"]).exits(1);
    assert!(!space.exists("out"));
}
