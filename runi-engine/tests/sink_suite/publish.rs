//! All outputs of a run, or none.

use crate::support::{csv, delta, json, leftovers, opened, parquet, rows};
use runi_engine::sink::publish_all;
use runi_lang::ir::Connector;
use std::path::Path;
use tempfile::tempdir;

fn staged(root: &Path, connector: &Connector, to: i64) -> runi_engine::sink::Staged {
    let mut sink = opened(root, connector).unwrap();
    sink.write(&rows(0, to)).unwrap();
    sink.finish().unwrap()
}

#[test]
fn outputs_come_in_the_order_of_the_sinks() {
    let root = tempdir().unwrap();
    let connectors = [delta("table"), csv("a.csv"), parquet("b.parquet")];
    let outputs = connectors.iter().zip(1..).map(|(connector, to)| staged(root.path(), connector, to)).collect();
    let published = publish_all(outputs, None).unwrap();
    assert_eq!(published.iter().map(|output| output.rows).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(published[0].path.ends_with("table") && published[1].path.ends_with("a.csv") && published[2].path.ends_with("b.parquet"));
    assert!(leftovers(root.path()).is_empty());
    assert_eq!(std::fs::read_dir(root.path().join(".runi/tmp")).unwrap().count(), 0);
}

#[test]
fn one_refusal_puts_the_others_back() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("a.csv"), "previous").unwrap();
    let outputs = vec![
        staged(root.path(), &csv("a.csv"), 5),
        staged(root.path(), &json("new.jsonl"), 5),
        staged(root.path(), &csv("blocked/c.csv"), 5),
        staged(root.path(), &delta("table"), 5),
    ];
    // The third cannot be renamed: a directory has its name by now.
    std::fs::create_dir_all(root.path().join("blocked/c.csv/full")).unwrap();
    publish_all(outputs, None).unwrap_err();
    assert_eq!(std::fs::read_to_string(root.path().join("a.csv")).unwrap(), "previous");
    assert!(!root.path().join("new.jsonl").exists());
    assert!(!root.path().join("table/_delta_log").exists());
    assert!(leftovers(root.path()).is_empty() && leftovers(&root.path().join("blocked")).is_empty());
}

#[test]
fn a_refused_commit_puts_the_files_back() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("a.csv"), "previous").unwrap();
    let outputs = vec![staged(root.path(), &delta("table"), 5), staged(root.path(), &csv("a.csv"), 5)];
    // A log that no commit can go into.
    std::fs::write(root.path().join("table/_delta_log"), "").unwrap();
    publish_all(outputs, None).unwrap_err();
    assert_eq!(std::fs::read_to_string(root.path().join("a.csv")).unwrap(), "previous");
    let parts =
        std::fs::read_dir(root.path().join("table")).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_some()).count();
    assert_eq!(parts, 0);
}
