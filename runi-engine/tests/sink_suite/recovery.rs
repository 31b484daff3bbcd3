//! Runs that are killed while they publish: afterwards all outputs are those of one run. The test binary runs itself as
//! the child that dies.

use crate::support::{arrow, csv, delta, json, leftovers, opened, parquet, rows, schema, spec};
use runi_engine::error::EngineError;
use runi_engine::record::{Recovery, RunLog, RunRecord, RunStatus};
use runi_engine::sink::{Recovered, SinkSpec, Staged, Swept, open, publish_all, publish_observed, recover, sweep};
use runi_lang::ir::Connector;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::{TempDir, tempdir};

const ROOT: &str = "RUNI_TEST_PUBLISH_ROOT";
const STEP: &str = "RUNI_TEST_PUBLISH_STEP";
/// A file outside of the workspace that the child publishes first.
const OUTSIDE: &str = "RUNI_TEST_PUBLISH_OUTSIDE";

/// Steps of publishing [`outputs`]: the intent, four files, and for each of two tables its file and its commit.
const STEPS: usize = 1 + 4 + 2 + 2;

fn outputs() -> [Connector; 6] {
    [delta("out/table"), csv("out/a.csv"), parquet("out/b.parquet"), json("other/c.jsonl"), delta("appended"), arrow("out/d.arrow")]
}

fn staged(root: &Path, run: i64) -> Vec<Staged> {
    let stage = |connector: &Connector| {
        let append = connector.path() == "appended";
        let mut sink = open(&SinkSpec { append, ..spec(root, connector, schema()) }).unwrap();
        sink.write(&rows(run * 100, run * 100 + 10)).unwrap();
        sink.finish().unwrap()
    };
    outputs().iter().map(stage).collect()
}

/// What run 2 would write into the log.
fn record() -> RunRecord {
    let text = r#"{"run_id":"two","engine":"0","feature":"F","scenario":"S","slug":"s","environment":"dev","status":"succeeded",
        "started_at":"2026-01-01T00:00:00.000Z","finished_at":"2026-01-01T00:00:01.000Z","duration_ms":1000,"stages":[],"contracts":{},
        "lineage":[],"inputs":[],"outputs":[{"name":"a","path":"out/a.csv","bytes":1,"digest":"blake3:0","rows":10}]}"#;
    serde_json::from_str(text).unwrap()
}

/// What the log says of run 2: how it ended, what became of it, how many outputs it has.
fn logged(root: &Path) -> Vec<(RunStatus, Recovery, usize)> {
    let log = RunLog::at(root);
    assert_eq!(log.verify().unwrap(), []);
    let told = |record: RunRecord| {
        assert_eq!(record.run_id, "two");
        (record.status, record.recovered.unwrap().outcome, record.outputs.len())
    };
    log.records().unwrap().into_iter().map(told).collect()
}

fn killed() -> ! {
    let me = std::process::id().to_string();
    let _ = Command::new("kill").args(["-KILL", &me]).status();
    std::process::abort()
}

/// The child: publishes its second run and is killed after the step that it is told. Does nothing unless it is that child.
#[test]
fn child_dies_while_it_publishes() {
    let (Ok(root), Ok(step)) = (std::env::var(ROOT), std::env::var(STEP)) else { return };
    let (mut left, mut staged) = (step.parse::<usize>().unwrap(), staged(Path::new(&root), 2));
    if let Ok(outside) = std::env::var(OUTSIDE) {
        let mut sink = opened(Path::new(&root), &csv(&outside)).unwrap();
        sink.write(&rows(200, 210)).unwrap();
        staged.insert(0, sink.finish().unwrap());
    }
    publish_observed(staged, Some(record()), &mut |_| {
        left -= 1;
        if left == 0 {
            killed();
        }
    })
    .unwrap();
}

/// A workspace with the outputs of run 1, in which run 2 died after `step` steps.
fn died_after(step: usize) -> TempDir {
    died_with(step, None)
}

/// [`died_after`], with an output outside of the workspace.
fn died_with(step: usize, outside: Option<&Path>) -> TempDir {
    let root = tempdir().unwrap();
    publish_all(staged(root.path(), 1), None).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["recovery::child_dies_while_it_publishes", "--exact"]).env(ROOT, root.path()).env(STEP, step.to_string());
    if let Some(outside) = outside {
        child.env(OUTSIDE, outside);
    }
    let status = child.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), None, "step {step}: the child was not killed");
    root
}

/// Files that a reader of the table takes: those that the log adds and does not remove.
fn active(table: &Path) -> Vec<String> {
    let mut active = Vec::new();
    for version in 0.. {
        let Ok(log) = std::fs::read_to_string(table.join(format!("_delta_log/{version:020}.json"))) else { break };
        for action in log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
            active.extend(action["add"]["path"].as_str().map(str::to_owned));
            if let Some(gone) = action["remove"]["path"].as_str() {
                active.retain(|path| path != gone);
            }
        }
    }
    active
}

fn parts(table: &Path) -> usize {
    let names = std::fs::read_dir(table).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".parquet")).count()
}

/// The run that each output is of; all tables and files are read as any reader would.
fn runs(root: &Path) -> Vec<i64> {
    use arrow::array::AsArray;
    use arrow::datatypes::Int64Type;
    let first = |batch: arrow::array::RecordBatch| batch.column(0).as_primitive::<Int64Type>().values().to_vec();
    let table = |path: &str| {
        let table = root.join(path);
        active(&table).iter().map(|part| first(crate::support::read_parquet(&table.join(part)))[0] / 100).collect::<Vec<_>>()
    };
    let text = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let csv = text("out/a.csv").lines().nth(1).unwrap().split(',').next().unwrap().parse::<i64>().unwrap() / 100;
    let json =
        serde_json::from_str::<serde_json::Value>(text("other/c.jsonl").lines().next().unwrap()).unwrap()["id"].as_i64().unwrap() / 100;
    let parquet = first(crate::support::read_parquet(&root.join("out/b.parquet")))[0] / 100;
    let ipc = first(crate::support::read_arrow(&root.join("out/d.arrow")))[0] / 100;
    let overwritten = table("out/table");
    assert_eq!(overwritten.len(), 1);
    // What was appended is of every run up to the last.
    let appended = table("appended");
    assert_eq!(appended, (1..=appended.len() as i64).collect::<Vec<_>>());
    vec![csv, json, parquet, ipc, overwritten[0], appended.len() as i64]
}

fn tidy(root: &Path) {
    for directory in ["", "out", "other", "out/table", "appended"] {
        assert_eq!(leftovers(&root.join(directory)), Vec::<String>::new());
    }
    for directory in [".runi/tmp", ".runi/publish"] {
        assert_eq!(std::fs::read_dir(root.join(directory)).unwrap().count(), 0, "{directory}");
    }
    // No file lies in a table that the table does not know.
    assert_eq!((parts(&root.join("out/table")), parts(&root.join("appended"))), (2, 2));
}

const COMPLETED: Recovered = Recovered { completed: 1, undone: 0 };
const UNDONE: Recovered = Recovered { completed: 0, undone: 1 };

#[test]
fn wherever_it_dies_the_next_command_completes_it() {
    for step in 1..=STEPS {
        let root = died_after(step);
        assert_eq!(sweep(root.path()).unwrap().publishes, COMPLETED, "step {step}");
        assert_eq!(runs(root.path()), [2; 6], "step {step}");
        tidy(root.path());
        assert_eq!(sweep(root.path()).unwrap(), Swept::default(), "step {step}: once is enough");
        assert_eq!(logged(root.path()), [(RunStatus::Succeeded, Recovery::Completed, 1)], "step {step}");
    }
}

#[test]
fn the_next_sink_completes_it_before_it_writes() {
    for step in [1, 3, STEPS - 1] {
        let root = died_after(step);
        let sink = opened(root.path(), &csv("out/a.csv")).unwrap();
        assert_eq!(runs(root.path()), [2; 6], "step {step}");
        drop(sink);
        assert_eq!(logged(root.path()), [(RunStatus::Succeeded, Recovery::Completed, 1)], "step {step}");
    }
}

#[test]
fn finders_do_not_get_into_each_others_way() {
    let root = died_after(4);
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| match opened(root.path(), &json("other/c.jsonl")) {
                    Ok(_) => assert_eq!(runs(root.path()), [2; 6]),
                    Err(error) => assert!(matches!(error, EngineError::Busy { .. }), "{error}"),
                })
            })
            .collect();
        all.into_iter().for_each(|thread| thread.join().unwrap());
    });
    sweep(root.path()).unwrap();
    assert_eq!(runs(root.path()), [2; 6]);
    assert_eq!(logged(root.path()).len(), 1);
    tidy(root.path());
}

#[test]
fn a_file_that_vanished_undoes_all() {
    let root = died_after(3);
    // The third rename has not been made; somebody cleans the directory up.
    for name in leftovers(&root.path().join("other")) {
        std::fs::remove_file(root.path().join("other").join(name)).unwrap();
    }
    assert_eq!(sweep(root.path()).unwrap().publishes, UNDONE);
    assert_eq!(runs(root.path()), [1; 6]);
    assert_eq!(sweep(root.path()).unwrap(), Swept::default());
    assert_eq!(logged(root.path()), [(RunStatus::Interrupted, Recovery::Undone, 0)]);
}

#[test]
fn an_output_that_cannot_take_its_place_undoes_all() {
    let root = died_after(3);
    let blocked = root.path().join("other/c.jsonl");
    let before = std::fs::read(&blocked).unwrap();
    std::fs::remove_file(&blocked).unwrap();
    std::fs::create_dir_all(blocked.join("full")).unwrap();
    assert_eq!(sweep(root.path()).unwrap().publishes, UNDONE);
    std::fs::remove_dir_all(&blocked).unwrap();
    std::fs::write(&blocked, before).unwrap();
    assert_eq!(runs(root.path()), [1; 6]);
}

#[test]
fn a_table_that_changed_meanwhile_is_said_and_nothing_is_lost() {
    let root = died_after(1 + 4);
    let log = root.path().join("appended/_delta_log");
    let aside = root.path().join("aside");
    std::fs::rename(&log, &aside).unwrap();
    std::fs::write(&log, "no log").unwrap();
    let error = recover(root.path()).unwrap_err();
    assert_eq!(error.code(), "E0812");
    assert!(error.to_string().contains(".runi/publish/"), "{error}");
    assert!(matches!(opened(root.path(), &csv("out/a.csv")), Err(EngineError::Unfinished { .. })));
    std::fs::remove_file(&log).unwrap();
    std::fs::rename(&aside, &log).unwrap();
    assert_eq!(recover(root.path()).unwrap(), COMPLETED);
    assert_eq!(runs(root.path()), [2; 6]);
}

#[test]
fn an_intent_of_an_earlier_version_is_carried_out_and_logs_nothing() {
    let root = died_after(2);
    let note = std::fs::read_dir(root.path().join(".runi/publish")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&note).unwrap();
    let mut intent: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    intent.as_object_mut().unwrap().remove("record").unwrap();
    std::fs::write(&note, intent.to_string()).unwrap();
    assert_eq!(sweep(root.path()).unwrap().publishes, COMPLETED);
    assert_eq!((runs(root.path()), logged(root.path())), (vec![2; 6], Vec::new()));
}

#[test]
fn outside_of_the_workspace_only_a_sealed_note_is_carried_out() {
    let other = tempfile::tempdir().unwrap();
    let outside = other.path().canonicalize().unwrap().join("bound.csv");
    for step in [1, 2] {
        std::fs::write(&outside, "before").unwrap();
        let root = died_with(step, Some(&outside));
        let there = std::fs::read(&outside).unwrap();
        assert_eq!(there == b"before", step == 1);
        let note = std::fs::read_dir(root.path().join(".runi/publish")).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(&note).unwrap();
        let (intent, seal) = text.trim_end().split_once('\n').expect("a seal");
        let turned = format!("{}{}", if seal.starts_with('0') { '1' } else { '0' }, &seal[1..]);
        let moved = intent.replacen("bound.csv\"", "other.csv\"", 1);
        for forged in [intent.to_owned(), format!("{intent}\n"), format!("{intent}\n{turned}\n"), format!("{moved}\n{seal}\n")] {
            std::fs::write(&note, forged).unwrap();
            let error = recover(root.path()).unwrap_err();
            assert_eq!(error.code(), "E0814", "{error}");
            assert!(error.to_string().contains(note.to_str().unwrap()), "{error}");
            assert!(matches!(opened(root.path(), &csv("out/a.csv")), Err(EngineError::Untrusted { .. })));
        }
        assert_eq!(std::fs::read(&outside).unwrap(), there, "nothing was done");
        // The same note in another workspace is none of that one's.
        let clone = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(clone.path().join(".runi/publish")).unwrap();
        std::fs::write(clone.path().join(".runi/publish/0"), &text).unwrap();
        assert_eq!(recover(clone.path()).unwrap_err().code(), "E0814");
        std::fs::write(&note, &text).unwrap();
        assert_eq!(recover(root.path()).unwrap(), COMPLETED);
        assert_eq!(runs(root.path()), [2; 6]);
        assert!(std::fs::read_to_string(&outside).unwrap().contains("\n200,"));
    }
}

#[test]
fn a_forged_table_is_refused() {
    let other = tempfile::tempdir().unwrap();
    let root = died_after(2);
    let note = std::fs::read_dir(root.path().join(".runi/publish")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&note).unwrap();
    for place in [other.path().to_str().unwrap().to_owned(), format!("file://{}", other.path().display()), "appended".to_owned()] {
        let mut intent: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        intent["tables"][0]["commit"]["uri"] = place.clone().into();
        std::fs::write(&note, intent.to_string()).unwrap();
        assert_eq!(recover(root.path()).unwrap_err().code(), "E0814", "{place}");
    }
    assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 0);
}

#[test]
fn a_finder_that_was_killed_after_its_record_does_not_make_a_second() {
    let root = died_after(2);
    let note = std::fs::read_dir(root.path().join(".runi/publish")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read(&note).unwrap();
    sweep(root.path()).unwrap();
    std::fs::write(&note, text).unwrap();
    assert_eq!(sweep(root.path()).unwrap().publishes, COMPLETED);
    assert_eq!(logged(root.path()).len(), 1);
}

#[test]
fn an_intent_that_was_not_written_to_its_end_is_nothing() {
    let root = died_after(1);
    let note = std::fs::read_dir(root.path().join(".runi/publish")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read(&note).unwrap();
    std::fs::write(&note, &text[..text.len() / 2]).unwrap();
    assert_eq!(sweep(root.path()).unwrap().publishes, Recovered::default());
    assert_eq!(runs(root.path()), [1; 6]);
    assert_eq!(std::fs::read_dir(root.path().join(".runi/publish")).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(root.path().join(".runi/tmp")).unwrap().count(), 0);
}
