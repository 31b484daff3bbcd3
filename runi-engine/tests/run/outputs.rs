//! What a run leaves behind.

use super::support::Fixture;
use runi_engine::error::EngineError;
use runi_engine::record::{RunLog, RunStatus};

fn fixture(quality: &str, rows: usize) -> Fixture {
    let contract = "Contract: Row\n  id    int64 @required @range(min=0)\n  email string @pii(email)\n";
    let out = "Contract: Safe\n  id    int64 @required\n  email string @mask(hash)\n";
    let feature = format!(
        "Feature: Out\n\nScenario: Out\n  @source(type=csv, path=\"rows.csv\", contract=Row) as rows\n  @sink(type=parquet, path=\"out/safe.parquet\", contract=Safe)\n  @sink(type=csv, path=\"out/bad.csv\", on=invalid)\n{quality}\n"
    );
    let mut text = String::from("id,email\n");
    (0..rows).for_each(|id| text.push_str(&format!("{id},user{}@example.com\n", id % 7)));
    text.push_str("-1,leak@example.com\n");
    Fixture::new(&[("contracts/r.contract", contract), ("contracts/s.contract", out), ("features/o.dsl", &feature), ("rows.csv", &text)])
}

#[test]
fn the_same_rows_give_the_same_bytes_whatever_the_number_of_workers() {
    let fixture = fixture("", 150_000);
    let mut digests = Vec::new();
    for workers in [1, 2, 3] {
        let record = fixture.run(workers);
        digests.push(record.outputs.iter().find(|output| output.path == "out/safe.parquet").unwrap().digest.clone());
    }
    assert_eq!(digests[0], digests[1]);
    assert_eq!(digests[0], digests[2]);
}

#[test]
fn no_raw_value_is_anywhere() {
    let fixture = fixture("", 100);
    fixture.run(2);
    let mut stack = vec![fixture.root().join("out"), fixture.root().join(".runi")];
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(12).any(|window| window == b"@example.com"), "{}", path.display());
        }
    }
}

#[test]
fn a_missed_threshold_publishes_the_quarantine_alone() {
    let fixture = fixture("  @quality(max_invalid=0%)", 10);
    fixture.write("out/safe.parquet", "the earlier output");
    let outcome = fixture.outcome(1);
    assert_eq!((outcome.record.status, outcome.error.is_none()), (RunStatus::Failed, true));
    assert_eq!(std::fs::read_to_string(fixture.root().join("out/safe.parquet")).unwrap(), "the earlier output");
    assert_eq!(fixture.lines("out/bad.csv").len(), 2);
    let log = RunLog::at(fixture.root());
    assert_eq!(log.records().unwrap().len(), 1);
    assert!(log.verify().unwrap().is_empty());
}

#[test]
fn an_interrupted_run_publishes_nothing() {
    let fixture = fixture("", 10);
    let pipelines = fixture.pipelines();
    let mut options = runi_engine::run::RunOptions::new(fixture.root());
    options.interrupt.store(true, std::sync::atomic::Ordering::Relaxed);
    options.secrets = pipelines[0].mask_key.iter().map(|key| (key.clone(), runi_engine::run::SecretOrigin::Test)).collect();
    let outcome = runi_engine::run::run(&pipelines[0], &options);
    assert!(matches!(outcome.error, Some(EngineError::Interrupted)));
    assert_eq!(outcome.record.status, RunStatus::Interrupted);
    assert!(!fixture.root().join("out/safe.parquet").exists());
    let left: Vec<_> =
        std::fs::read_dir(fixture.root().join("out")).map(|dir| dir.map(|entry| entry.unwrap().file_name()).collect()).unwrap_or_default();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_stale_source_is_told_and_fails_nothing() {
    let contract = "Contract: Row\n  at timestamp(UTC) @required\n  @freshness(15m, on=at)\n";
    let feature = "Feature: F\n\nScenario: Fresh\n  @source(type=csv, path=\"rows.csv\", contract=Row) as rows\n  @sink(type=csv, path=\"out.csv\", contract=Row)\n";
    let fixture =
        Fixture::new(&[("contracts/r.contract", contract), ("features/f.dsl", feature), ("rows.csv", "at\n2013-01-01T10:00:00Z\n")]);
    let stale = fixture.run(1);
    assert_eq!((stale.verdicts[0].kind.as_str(), stale.verdicts[0].holds), ("freshness", false));
    fixture.write(
        "rows.csv",
        &format!("at\n2013-01-01T10:00:00Z\n{}\n", chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)),
    );
    assert!(fixture.run(1).verdicts[0].holds);
}
