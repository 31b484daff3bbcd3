//! A label that is written is read: under every path and in every form that leads to the same rows.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use runi_lang::diagnostic::Diagnostic;
use runi_lang::workspace::Workspace;
use std::path::Path;
use support::{engine, workspace};

const CONTRACTS: &str = "
Contract: Person
  id     int64   @required
  email  string  @pii(email) @access(support)

Contract: Open
  id     int64
  email  string

Contract: Turned
  email  string  @pii(email) @access(support)
  id     int64

Contract: Renamed
  mail  string
  @renamed_from(email, to=mail)

Contract: Raw
  a  string
  b  string

Contract: Positions
  a  int64
  b  string  @pii(email) @access(support)

Contract: Guarded
  a  string  @pii(email) @access(support)
  b  string  @pii(email) @access(support)

Contract: Redacted
  id     int64   @required
  email  string  @pii(email) @mask(redact)

Contract: Ids
  id  int64

Contract: Masked
  id     int64
  email  string  @pii(email) @mask(null)

Contract: Two
  email  string  @pii(email) @access(support, sales)
  phone  string  @pii(phone) @access(support)

Contract: Blob
  blob  string  @pii(phone) @access(support)

Contract: WideBlob
  blob  string  @pii(phone) @access(sales)

Contract: Records
  record  string

Contract: GuardedRecords
  record  string  @pii(email) @access(support)
";

/// `person` writes under `kept`; another scenario reads `source` under `contract` and writes it as it is.
fn files(from: &str, kept: &str, sink: &str, source: &str, contract: &str) -> Vec<(String, String)> {
    let features = format!(
        "Feature: F\n\nScenario: Writes\n  @source(type=csv, path=\"data/people.csv\", contract={from}) as people\n  @sink({sink}, contract={kept})\n\n\
         Scenario: Reads\n  @source({source}, contract={contract}) as rows\n  @sink(type=json, path=\"end/all.jsonl\", contract={contract})\n"
    );
    [("contracts/c.contract", CONTRACTS), ("features/f.dsl", &features), ("data/people.csv", "id,email\n"), ("Runi.toml", "")]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into()
}

fn found(files: &[(String, String)]) -> Vec<Diagnostic> {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut found = workspace(&files).1.check(engine).unwrap().diagnostics;
    found.retain(|diagnostic| diagnostic.code == "E0504");
    found
}

fn lost(sink: &str, source: &str, contract: &str) -> Vec<Diagnostic> {
    found(&files("Person", "Person", sink, source, contract))
}

#[test]
fn every_name_of_a_place_is_the_place() {
    let csv = "type=csv, path=\"out/r.csv\"";
    for source in [
        "type=csv, path=\"out/r.csv\"",
        "type=csv, path=\"./out//r.csv\"",
        "type=csv, path=\"OUT/R.csv\"",
        "type=csv, path=\"out\"",
        "type=csv, path=\".\"",
        "type=csv, path=\"out/*.csv\"",
        "type=csv, path=\"OUT/*.csv\"",
        "type=csv, path=\"o?t/r.csv\"",
        "type=csv, path=\"**/r.csv\"",
        "type=csv, path=\"{out,in}/r.csv\"",
    ] {
        assert_eq!(lost(csv, source, "Open").len(), 1, "{source}");
    }
    assert_eq!(lost("type=csv, path=\"out/[r].csv\"", "type=csv, path=\"out/[r].csv\"", "Open").len(), 1);
    assert_eq!(lost("type=csv, path=\"out/r.csv.gz\"", "type=csv, path=\"out\"", "Open").len(), 1);
    for source in
        ["type=csv, path=\"out/s.csv\"", "type=csv, path=\"else/*.csv\"", "type=csv, path=\"ou\"", "type=csv, path=\"out/*/r.csv\""]
    {
        assert_eq!(lost(csv, source, "Open"), [], "{source}");
    }
    // A source that reads a directory takes the files of its own type.
    assert_eq!(lost(csv, "type=json, path=\"out\"", "Open"), []);
}

#[test]
fn a_table_is_its_files() {
    for source in [
        "type=delta, path=\"out/d\"",
        "type=parquet, path=\"out/d\"",
        "type=parquet, path=\"out\"",
        "type=parquet, path=\"out/d/part-0.parquet\"",
        "type=parquet, path=\"out/d/*.parquet\"",
        "type=parquet, path=\"out/*/day=1/*.parquet\"",
        "type=parquet, path=\"**/*.parquet\"",
        "type=parquet, path=\"{out/d,x/y}/*.parquet\"",
        "type=json, path=\"out/d/_delta_log/*.json\"",
    ] {
        assert_eq!(lost("type=delta, path=\"out/d\"", source, "Open").len(), 1, "{source}");
    }
    assert_eq!(lost("type=delta, path=\"out/d\"", "type=csv, path=\"out/**/*.csv\"", "Open"), []);
    assert_eq!(lost("type=delta, path=\"out/d\"", "type=csv, path=\"{x/y,out}/*/*.csv\"", "Open"), []);
    for source in ["type=parquet, path=\"out/e/*.parquet\"", "type=parquet, path=\"out/*.parquet\"", "type=delta, path=\"out\""] {
        assert_eq!(lost("type=delta, path=\"out/d\"", source, "Open"), [], "{source}");
    }
    let mut files = files("Person", "Person", "type=delta, table=\"a.d\"", "type=parquet, path=\"wh/a/d/*.parquet\"", "Open");
    files.last_mut().unwrap().1 = "[env.dev.vars]\nwarehouse = \"./wh/\"\n".to_owned();
    assert_eq!(found(&files).len(), 1);
}

#[test]
fn columns_that_both_sides_name_keep_their_own_labels() {
    for (sink, source) in [
        ("type=csv, path=\"out/r.csv\"", "type=csv, path=\"out/r.csv\", nulls=\"-\""),
        ("type=json, path=\"out/r.jsonl\"", "type=json, path=\"out/r.jsonl\""),
        ("type=parquet, path=\"out/r.parquet\"", "type=parquet, path=\"out/r.parquet\""),
        ("type=delta, path=\"out/d\"", "type=parquet, path=\"out/d/*.parquet\""),
    ] {
        assert_eq!(lost(sink, source, "Turned"), [], "{source}");
        assert_eq!(lost(sink, source, "Person"), [], "{source}");
        let renamed = lost(sink, source, "Renamed");
        assert_eq!(renamed.len(), 1, "{source}");
        assert_eq!(renamed[0].message, "`Person.email` is `@pii(email)`, and is read as `Renamed.mail`, which is not");
    }
    assert_eq!(found(&files("Person", "Redacted", "type=csv, path=\"out/r.csv\"", "type=csv, path=\"out/r.csv\"", "Open")), []);
}

#[test]
fn columns_that_nobody_names_are_told_apart_by_their_order() {
    let bare = "type=csv, path=\"out/r.csv\", header=false";
    assert_eq!(lost(bare, bare, "Positions"), []);
    let found = lost(bare, bare, "Turned");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "`Person.email` is `@pii(email)`, and is read as `Turned.id`, which is not");
    assert!(found[0].notes.iter().any(|note| note.contains("by their order")), "{:?}", found[0].notes);
}

#[test]
fn columns_that_cannot_be_told_apart_may_hold_anything() {
    for (sink, source) in [
        ("type=csv, path=\"out/r.csv\"", "type=csv, path=\"out/r.csv\", header=false"),
        ("type=csv, path=\"out/r.csv\", header=false", "type=csv, path=\"out/r.csv\""),
        ("type=csv, path=\"out/r.csv\"", "type=csv, path=\"out/r.csv\", delimiter=\";\""),
        ("type=csv, path=\"out/r.csv\"", "type=csv, path=\"out/r.csv\", quote=\"~\""),
        ("type=json, path=\"out/r.jsonl\"", "type=csv, path=\"out/r.jsonl\", header=false, quote=\"~\""),
        ("type=parquet, path=\"out/r.parquet\"", "type=csv, path=\"out/r.parquet\""),
        ("type=delta, path=\"out/d\"", "type=json, path=\"out/d/_delta_log/*.json\""),
    ] {
        for contract in ["Raw", "Positions", "Person"] {
            let found = lost(sink, source, contract);
            assert_eq!(found.len(), 1, "{source} {contract}");
            assert!(found[0].notes.iter().any(|note| note.contains("each column that is read may hold any value")), "{:?}", found[0].notes);
        }
        assert_eq!(lost(sink, source, "Guarded"), [], "{source}");
    }
    // One column with the values of two categories names one of them, and is for those who may see both.
    let (sink, source) = ("type=json, path=\"out/r.jsonl\"", "type=csv, path=\"out/r.jsonl\", header=false, delimiter=tab");
    assert_eq!(found(&files("Two", "Two", sink, source, "Blob")), []);
    assert_eq!(found(&files("Two", "Two", sink, source, "WideBlob")).len(), 1);
}

#[test]
fn a_quarantine_of_raw_records_has_the_labels_of_its_sources() {
    let files = |raw: bool, source: &str, contract: &str| {
        let sink = "type=csv, path=\"out/r.csv\"";
        let mut files = files("Person", "Person", sink, source, contract);
        files[1].1 = files[1]
            .1
            .replace("Scenario: Writes", "@herd(h)\nScenario: Writes")
            .replace("\n\nScenario: Reads", "\n  @sink(type=json, path=\"out/q.jsonl\", on=invalid)\n\nScenario: Reads");
        files.push(("herds/h.herd".to_owned(), format!("name = \"h\"\n[permissions]\nraw_quarantine = {raw}\n")));
        found(&files)
    };
    let found = files(true, "type=json, path=\"out/q.jsonl\"", "Records");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "`Person.email` is `@pii(email)`, and is read as `Records.record`, which is not");
    assert!(found[0].notes.iter().any(|note| note.contains("keep records as they were read")), "{:?}", found[0].notes);
    assert_eq!(files(true, "type=json, path=\"out/q.jsonl\"", "GuardedRecords"), []);
    assert_eq!(files(true, "type=csv, path=\"out/q.jsonl\"", "Raw").len(), 1);
    assert_eq!(files(true, "type=json, path=\"out/q.jsonl\"", "Open"), [], "its `email` is no column of the quarantine");
    assert_eq!(files(false, "type=json, path=\"out/q.jsonl\"", "Records"), []);
}

#[test]
fn two_contracts_of_one_place_give_it_the_labels_of_both() {
    let check = |one: &str, first: &str, two: &str, second: &str| {
        let features = format!(
            "Feature: F\n\nScenario: One\n  @source({one}, contract={first}) as a\n  @sink(type=json, path=\"end/a.jsonl\", contract={first})\n\n\
             Scenario: Two\n  @source({two}, contract={second}) as b\n  @sink(type=json, path=\"end/b.jsonl\", contract={second})\n"
        );
        found(&[("contracts/c.contract", CONTRACTS), ("features/f.dsl", &features)].map(|(path, text)| (path.to_owned(), text.to_owned())))
    };
    let file = "type=csv, path=\"data/people.csv\"";
    let found = check(file, "Person", file, "Open");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "`Person.email` is `@pii(email)`, and is read as `Open.email`, which is not");
    assert!(found[0].labels.iter().any(|label| label.message == "read with the label"), "{:?}", found[0].labels);
    for same in [
        "type=csv, path=\"DATA/people.csv\"",
        "type=csv, path=\"data\"",
        "type=csv, path=\".\"",
        "type=csv, path=\"data/*.csv\"",
        "type=csv, path=\"data/p*\"",
        "type=csv, path=\"**/people.csv\"",
    ] {
        assert_eq!(check(file, "Person", same, "Open").len(), 1, "{same}");
        assert_eq!(check(same, "Person", file, "Open").len(), 1, "{same}");
        assert_eq!(check(same, "Person", "type=csv, path=\"data/pe*e.csv\"", "Open").len(), 1, "{same}");
    }
    let table = "type=delta, path=\"lake/t\"";
    assert_eq!(check(table, "Person", "type=parquet, path=\"lake/t/*.parquet\"", "Open").len(), 1);
    assert_eq!(check("type=parquet, path=\"lake/t/*.parquet\"", "Person", table, "Open").len(), 1);
    for other in
        ["type=csv, path=\"data/people2.csv\"", "type=csv, path=\"data/q*.csv\"", "type=json, path=\"data\"", "type=csv, path=\"dat\""]
    {
        assert_eq!(check(file, "Person", other, "Open"), [], "{other}");
        assert_eq!(check(other, "Person", file, "Open"), [], "{other}");
    }
    // Who leaves the column out does not read it; the same labels are the same; a mask is a sink's.
    for (first, second) in [("Person", "Ids"), ("Person", "Turned"), ("Redacted", "Masked")] {
        assert_eq!(check(file, first, file, second), [], "{first} {second}");
    }
    assert_eq!(check(file, "Masked", file, "Open").len(), 1);
    assert_eq!(check(file, "Person", "type=csv, path=\"data/people.csv\", header=false", "Raw").len(), 1);
}

#[test]
fn a_scenario_that_reads_what_it_wrote_the_last_time_is_no_exception() {
    let features = "Feature: F\n\nScenario: Circle\n  @source(type=csv, path=\"out\", contract=Open) as rows\n  @sink(type=csv, path=\"out/r.csv\", contract=Person)\n";
    let files = [("contracts/c.contract", CONTRACTS), ("features/f.dsl", features)].map(|(path, text)| (path.to_owned(), text.to_owned()));
    assert_eq!(found(&files).len(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_is_what_it_leads_to() {
    use std::os::unix::fs::symlink;
    let check = |sink: &str, source: &str, more: &str| {
        let dir = tempfile::tempdir().unwrap();
        let mut files = files("Person", "Person", sink, source, "Open");
        files.last_mut().unwrap().1 = more.replace("ROOT", dir.path().to_str().unwrap());
        for (path, text) in &files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        // Nothing was written yet: links lead to what is still to come.
        symlink("out", dir.path().join("alias")).unwrap();
        symlink("../alias/r.csv", dir.path().join("data/linked.csv")).unwrap();
        let mut found = Workspace::open(Path::new(dir.path()), None).unwrap().check(engine).unwrap().diagnostics;
        found.retain(|diagnostic| diagnostic.code == "E0504");
        found.len()
    };
    let csv = "type=csv, path=\"out/r.csv\"";
    for source in ["alias/r.csv", "alias", "alias/*.csv", "data/linked.csv", "data/l*.csv", "data", "**/linked.csv"] {
        assert_eq!(check(csv, &format!("type=csv, path=\"{source}\""), ""), 1, "{source}");
    }
    assert_eq!(check("type=csv, path=\"alias/r.csv\"", csv, ""), 1, "the sink goes through the link");
    assert_eq!(check(csv, "type=csv, path=\"in.csv\"", "[env.dev.sources.rows]\npath = \"ROOT/out/r.csv\"\n"), 1, "an absolute path");
    assert_eq!(check(csv, "type=csv, path=\"data/q*.csv\"", ""), 0);
}
