//! Where outputs may lie, and who may write them.

use crate::support::{csv, delta, leftovers, opened, parquet, read_parquet, rows, schema, spec, write};
use runi_engine::error::EngineError;
use runi_engine::sink::{open, sweep};
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};
use tempfile::tempdir;

fn kind(error: &EngineError) -> Option<ErrorKind> {
    match error {
        EngineError::Io { source, .. } => Some(source.kind()),
        _ => None,
    }
}

#[test]
fn missing_directories_are_made_inside_the_workspace_only() {
    let root = tempdir().unwrap();
    let other = tempdir().unwrap();
    let published = write(&spec(root.path(), &csv("a/b/c/t.csv"), schema()), &[rows(0, 3)]);
    assert!(published.path.ends_with("a/b/c/t.csv"));
    let outside = other.path().join("missing/t.csv");
    assert_eq!(kind(&opened(root.path(), &csv(outside.to_str().unwrap())).unwrap_err()), Some(ErrorKind::NotFound));
    assert!(!other.path().join("missing").exists());
    let absolute = other.path().join("t.csv");
    write(&spec(root.path(), &csv(absolute.to_str().unwrap()), schema()), &[rows(0, 3)]);
    assert!(absolute.exists());
}

#[test]
fn a_relative_path_never_leaves_the_workspace() {
    let outer = tempdir().unwrap();
    let root = outer.path().join("workspace");
    std::fs::create_dir(&root).unwrap();
    assert_eq!(kind(&opened(&root, &csv("../t.csv")).unwrap_err()), Some(ErrorKind::PermissionDenied));
    symlink(outer.path(), root.join("door")).unwrap();
    assert_eq!(kind(&opened(&root, &csv("door/t.csv")).unwrap_err()), Some(ErrorKind::PermissionDenied));
    symlink(outer.path().join("t.csv"), root.join("link.csv")).unwrap();
    assert_eq!(kind(&opened(&root, &csv("link.csv")).unwrap_err()), Some(ErrorKind::PermissionDenied));
    assert!(!outer.path().join("t.csv").exists());
}

#[test]
fn a_link_does_not_lead_to_what_is_hidden() {
    let root = tempdir().unwrap();
    std::fs::create_dir_all(root.path().join(".git/hooks")).unwrap();
    symlink(".git/hooks", root.path().join("door")).unwrap();
    symlink(".git/config", root.path().join("out.csv")).unwrap();
    for path in ["door/t.csv", "./door/t.csv", "out.csv"] {
        assert_eq!(kind(&opened(root.path(), &csv(path)).unwrap_err()), Some(ErrorKind::PermissionDenied), "{path}");
    }
    assert_eq!(kind(&opened(root.path(), &delta("door/t")).unwrap_err()), Some(ErrorKind::PermissionDenied));
    // The quarantine of a run without one of its own.
    write(&spec(root.path(), &csv(".runi/quarantine/s/1.csv"), schema()), &[rows(0, 3)]);
}

#[test]
fn a_link_stays_a_link() {
    let root = tempdir().unwrap();
    std::fs::create_dir(root.path().join("real")).unwrap();
    symlink("real/t.csv", root.path().join("link.csv")).unwrap();
    for rows_to in [2, 4] {
        write(&spec(root.path(), &csv("link.csv"), schema()), &[rows(0, rows_to)]);
        assert!(root.path().join("link.csv").is_symlink());
        assert!(root.path().join("real/t.csv").is_file());
    }
    symlink("b", root.path().join("a")).unwrap();
    symlink("a", root.path().join("b")).unwrap();
    assert_eq!(kind(&opened(root.path(), &csv("a")).unwrap_err()), Some(ErrorKind::InvalidInput));
}

#[test]
fn what_is_in_the_way_is_named() {
    let root = tempdir().unwrap();
    std::fs::create_dir(root.path().join("t.csv")).unwrap();
    let error = opened(root.path(), &csv("t.csv")).unwrap_err();
    assert_eq!(kind(&error), Some(ErrorKind::IsADirectory));
    assert!(error.to_string().contains("t.csv"));
    std::fs::write(root.path().join("table"), "").unwrap();
    assert_eq!(kind(&opened(root.path(), &delta("table")).unwrap_err()), Some(ErrorKind::NotADirectory));
    assert_eq!(kind(&opened(root.path(), &csv("table/t.csv")).unwrap_err()), Some(ErrorKind::NotADirectory));
    std::fs::write(root.path().join("kept.csv"), "").unwrap();
    std::fs::set_permissions(root.path().join("kept.csv"), std::fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(kind(&opened(root.path(), &csv("kept.csv")).unwrap_err()), Some(ErrorKind::PermissionDenied));
}

#[test]
fn permissions_of_the_previous_file_stay() {
    let root = tempdir().unwrap();
    let path = root.path().join("t.csv");
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    write(&spec(root.path(), &csv("t.csv"), schema()), &[rows(0, 3)]);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn one_writer_per_output() {
    let root = tempdir().unwrap();
    symlink("t.parquet", root.path().join("same.parquet")).unwrap();
    let first = opened(root.path(), &parquet("t.parquet")).unwrap();
    for path in ["t.parquet", "./t.parquet", "same.parquet"] {
        assert!(matches!(opened(root.path(), &parquet(path)), Err(EngineError::Busy { .. })), "{path}");
    }
    opened(root.path(), &parquet("other.parquet")).unwrap();
    let mut staged = { first };
    staged.write(&rows(0, 10)).unwrap();
    let staged = staged.finish().unwrap();
    assert!(matches!(opened(root.path(), &parquet("t.parquet")), Err(EngineError::Busy { .. })), "staged is not done yet");
    drop(staged);
    opened(root.path(), &parquet("t.parquet")).unwrap();
}

#[test]
fn nothing_is_seen_before_it_is_published_and_nothing_stays_of_what_is_dropped() {
    let root = tempdir().unwrap();
    let connector = parquet("t.parquet");
    write(&spec(root.path(), &connector, schema()), &[rows(0, 10)]);
    let before = std::fs::read(root.path().join("t.parquet")).unwrap();
    let mut sink = opened(root.path(), &connector).unwrap();
    sink.write(&rows(0, 100_000)).unwrap();
    assert_eq!(sink.rows(), 100_000);
    assert_eq!(sweep(root.path()).unwrap().files, 0, "a living run's files are not swept");
    assert_eq!(leftovers(root.path()).len(), 1);
    drop(sink);
    let mut sink = opened(root.path(), &connector).unwrap();
    sink.write(&rows(0, 100_000)).unwrap();
    drop(sink.finish().unwrap());
    assert_eq!(std::fs::read(root.path().join("t.parquet")).unwrap(), before);
    assert!(leftovers(root.path()).is_empty());
    assert_eq!(std::fs::read_dir(root.path().join(".runi/tmp")).unwrap().count(), 0);
    assert_eq!(read_parquet(&root.path().join("t.parquet")), rows(0, 10));
}

#[test]
fn only_tables_are_appended_to() {
    let root = tempdir().unwrap();
    let connector = csv("t.csv");
    let mut spec = spec(root.path(), &connector, schema());
    spec.append = true;
    let error = open(&spec).unwrap_err();
    assert!(error.to_string().contains("mode=append"), "{error}");
}

#[test]
fn a_directory_that_vanishes_is_told() {
    let root = tempdir().unwrap();
    let mut sink = opened(root.path(), &csv("gone/t.csv")).unwrap();
    sink.write(&rows(0, 10)).unwrap();
    std::fs::remove_dir_all(root.path().join("gone")).unwrap();
    let error = sink.finish().unwrap().publish().unwrap_err();
    assert_eq!(kind(&error), Some(ErrorKind::NotFound));
}
