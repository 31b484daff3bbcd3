//! Runs that die, and disks that are full. The test binary runs itself as the child.

use crate::support::{csv, delta, json, leftovers, opened, parquet, rows, schema, spec, write};
use runi_engine::error::EngineError;
use runi_engine::sink::sweep;
use runi_lang::ir::Connector;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::tempdir;

const ROOT: &str = "RUNI_TEST_SINK_ROOT";
const FORMAT: &str = "RUNI_TEST_SINK_FORMAT";

fn connector(format: &str) -> Connector {
    match format {
        "csv" => csv("out/t"),
        "json" => json("out/t"),
        "delta" => delta("out"),
        _ => parquet("out/t"),
    }
}

fn child(test: &str, root: &Path, format: &str) -> Command {
    let exe = std::env::current_exe().unwrap();
    let mut command = Command::new("sh");
    // The limit counts in blocks of 512 bytes (dash) or 1024 (bash); the signal must be ignored for the write to fail.
    let limit = if test == "crash::child_fills_the_disk" { "trap '' XFSZ; ulimit -f 600; " } else { "" };
    command.arg("-c").arg(format!("{limit}exec \"$0\" {test} --exact --nocapture")).arg(exe);
    command.env(ROOT, root).env(FORMAT, format).stdout(Stdio::null());
    command
}

/// The child of `a_killed_run_leaves_the_previous_output`: writes without an end. Does nothing unless it is that child.
#[test]
fn child_writes_for_ever() {
    let Ok(root) = std::env::var(ROOT) else { return };
    let root = Path::new(&root);
    let mut sink = opened(root, &connector(&std::env::var(FORMAT).unwrap())).unwrap();
    for n in 0.. {
        sink.write(&rows(n * 1_000, (n + 1) * 1_000)).unwrap();
        if n == 200 {
            std::fs::write(root.join("writing"), "").unwrap();
        }
        if n > 200 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The child of `a_full_disk_leaves_the_previous_output`: writes until the limit, and passes when it is told so. Does nothing unless it is that child.
#[test]
fn child_fills_the_disk() {
    let Ok(root) = std::env::var(ROOT) else { return };
    let mut sink = opened(Path::new(&root), &connector(&std::env::var(FORMAT).unwrap())).unwrap();
    let error =
        (0..3_000).try_for_each(|n| sink.write(&rows(n * 1_000, (n + 1) * 1_000))).and_then(|()| sink.finish().map(drop)).unwrap_err();
    assert!(matches!(error, EngineError::Io { action: "write", .. }), "{error}");
}

fn content(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_killed_run_leaves_the_previous_output() {
    for format in ["csv", "parquet", "delta"] {
        let root = tempdir().unwrap();
        let connector = connector(format);
        write(&spec(root.path(), &connector, schema()), &[rows(0, 10)]);
        let out = root.path().join("out");
        let before = content(&out);
        let mut run = child("crash::child_writes_for_ever", root.path(), format).spawn().unwrap();
        while !root.path().join("writing").exists() {
            assert!(run.try_wait().unwrap().is_none(), "the child ended");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(matches!(opened(root.path(), &connector), Err(EngineError::Busy { .. })));
        assert_eq!(sweep(root.path()).unwrap().files, 0, "it lives");
        run.kill().unwrap();
        run.wait().unwrap();
        assert_eq!(leftovers(&out).len(), 1);
        assert_eq!(sweep(root.path()).unwrap().files, 1);
        assert_eq!(content(&out), before, "{format}");
        write(&spec(root.path(), &connector, schema()), &[rows(0, 20)]);
    }
}

#[test]
fn a_full_disk_leaves_the_previous_output() {
    for format in ["csv", "json", "parquet", "delta"] {
        let root = tempdir().unwrap();
        write(&spec(root.path(), &connector(format), schema()), &[rows(0, 10)]);
        let before = content(&root.path().join("out"));
        let status = child("crash::child_fills_the_disk", root.path(), format).status().unwrap();
        assert!(status.success(), "{format}");
        assert_eq!(content(&root.path().join("out")), before, "{format}");
        assert_eq!(sweep(root.path()).unwrap().files, 0, "nothing is left to sweep");
    }
}

#[test]
fn a_sweep_touches_no_other_file() {
    let root = tempdir().unwrap();
    assert_eq!(sweep(root.path()).unwrap().files, 0, "a new workspace");
    let precious = root.path().join("precious.csv");
    std::fs::write(&precious, "x").unwrap();
    std::fs::create_dir_all(root.path().join(".runi/tmp")).unwrap();
    std::fs::write(root.path().join(".runi/tmp/forged"), format!("{}\0\u{0}../x\0", precious.display())).unwrap();
    assert_eq!(sweep(root.path()).unwrap().files, 0);
    assert!(precious.exists());
}
