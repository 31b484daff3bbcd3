//! Signals, kills, rivals, full disks: earlier outputs stay whole, and nothing lies about afterwards.

#![cfg(unix)]

use crate::support::{Done, Space};
use std::fmt::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Enough rows that a run is still at work when it is disturbed.
const MANY: usize = 300_000;

const EARLIER: &str = "id,name\n0,earlier\n";

/// A workspace whose run takes a while, with an output of an earlier run.
fn slow() -> Space {
    let mut data = String::with_capacity(MANY * 24);
    data.push_str("id,name\n");
    for id in 0..MANY {
        let _ = writeln!(data, "{id},name of {}", id * 7919 % 1_000_003);
    }
    let steps = "  @step(name=Trim)\n    @then \"trimmed\": name = trim(name)\n    @do   name = lower(trim(name))\n\n  Then all";
    let space = Space::rows_with(data, &[("  Then all", steps)]);
    space.write("out/rows.csv", EARLIER);
    space
}

fn start(space: &Space, args: &[&str]) -> Child {
    space.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until the run has begun to write; its output is there then, under another name.
fn writing(space: &Space, child: &mut Child) {
    let end = Instant::now() + Duration::from_secs(60);
    let at_work = || {
        let temp = |entry: &std::fs::DirEntry| {
            entry.file_name().to_string_lossy().contains("rows.csv") && entry.file_name().to_string_lossy().starts_with('.')
        };
        let entries = std::fs::read_dir(space.path("out")).into_iter().flatten().flatten();
        entries.filter(temp).any(|entry| entry.metadata().is_ok_and(|found| found.len() > 0))
    };
    while !at_work() {
        assert!(child.try_wait().unwrap().is_none(), "the run was over before it was disturbed");
        assert!(Instant::now() < end, "the run never began to write");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

fn done(child: Child) -> Done {
    Done::of(child.wait_with_output().unwrap(), &["run"])
}

fn whole(space: &Space) {
    assert_eq!(space.table("out/rows.csv").len(), MANY);
    assert_eq!(space.leftovers(), Vec::<String>::new());
    space.runi(&["runs", "--verify"]).exits(0);
}

#[test]
fn an_interrupted_run_is_130_and_leaves_nothing_but_its_record() {
    for name in ["-INT", "-TERM"] {
        let space = slow();
        let mut child = start(&space, &["run"]);
        writing(&space, &mut child);
        signal(&child, name);
        done(child).exits(130).says(&["E0810", "every earlier output is as it was"]).shows(&["interrupted"]);
        assert_eq!(space.text("out/rows.csv"), EARLIER);
        assert_eq!(space.files("out").into_iter().collect::<Vec<_>>(), ["out/rows.csv"], "{name}");
        assert_eq!(space.leftovers(), Vec::<String>::new());
        let records = space.records();
        assert_eq!((records.len(), records[0]["status"].as_str()), (1, Some("interrupted")));
        assert_eq!(records[0]["outputs"].as_array().unwrap().len(), 0);
    }
}

#[test]
fn a_join_that_never_looks_up_is_left_behind() {
    let steps = "  @step(name=Endless)\n    @do select cast(sum(a.id % 7 * b.id % 5 + c.id % 3 + d.id) as bigint) as id, max(a.name) as name from rows a, rows b, rows c, rows d\n\n  Then all";
    let mut data = String::from("id,name\n");
    (0..3_000).for_each(|id| {
        let _ = writeln!(data, "{id},name");
    });
    let space = Space::rows_with(data, &[("  Then all", steps)]);
    space.write("out/rows.csv", EARLIER);
    let child = start(&space, &["run"]);
    // The join runs from its first batch on; there is nothing to see from outside.
    std::thread::sleep(Duration::from_secs(3));
    signal(&child, "-INT");
    done(child).exits(130).says(&["E0810"]);
    assert_eq!(space.text("out/rows.csv"), EARLIER);
    assert_eq!(space.leftovers(), Vec::<String>::new());
    assert_eq!(space.records()[0]["status"].as_str(), Some("interrupted"));
}

#[test]
fn what_a_killed_run_left_is_swept_by_the_next() {
    let space = slow();
    let mut child = start(&space, &["run"]);
    writing(&space, &mut child);
    signal(&child, "-KILL");
    assert_eq!(child.wait().unwrap().code(), None);
    assert_eq!(space.text("out/rows.csv"), EARLIER);
    assert!(!space.leftovers().is_empty(), "a killed run cannot tidy up");
    // A source that takes every file there does not take what is unfinished.
    space.runi(&["contract", "validate", "Row", "--data", "out/*.csv"]).exits(0).shows(&["data    1       1            0"]);
    space.runi(&["run"]).exits(0).says(&["Swept"]);
    whole(&space);
}

/// Sinks of the workspace of [`killed_between_renames`]: enough that a run can be killed between the first and the last.
const SINKS: usize = 96;

/// A workspace whose run was killed when some of its outputs were in their places and others were not.
fn killed_between_renames() -> Space {
    let sinks: String = (0..SINKS).map(|n| format!("  @sink(type=csv, path=\"many/{n:03}.csv\", name=s{n:03})\n")).collect();
    let all = format!("{sinks}  @sink(type=json");
    for _ in 0..50 {
        let space = Space::rows_with("id,name\n1,a\n2,b\n", &[("  @sink(type=json", all.as_str())]);
        let mut child = start(&space, &["run"]);
        let first = space.path("many/000.csv");
        while !first.exists() && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        // Quicker than a signal by its name; too late, when the run is over already.
        let _ = child.kill();
        let _ = child.wait().unwrap();
        let there = (0..SINKS).filter(|n| space.exists(&format!("many/{n:03}.csv"))).count();
        let noted = std::fs::read_dir(space.path(".runi/publish")).is_ok_and(|mut entries| entries.next().is_some());
        if noted && there > 0 && there < SINKS {
            return space;
        }
    }
    panic!("no run could be killed between two renames");
}

#[test]
fn a_publish_that_is_completed_has_its_record() {
    let space = killed_between_renames();
    assert!(!space.exists(".runi/runs/log.jsonl"), "a killed run writes no record");
    space.runi(&["run"]).exits(0).says(&["Completed", "a run that was killed while it published"]);
    let records = space.records();
    assert_eq!(records.len(), 2);
    let (killed, next) = (&records[0], &records[1]);
    assert_eq!((killed["status"].as_str(), killed["recovered"]["outcome"].as_str()), (Some("succeeded"), Some("completed")));
    assert!(killed["recovered"]["at"].as_str().unwrap() >= killed["finished_at"].as_str().unwrap());
    assert_eq!(killed["outputs"].as_array().unwrap().len(), SINKS + 2);
    assert_eq!(killed["outputs"], next["outputs"], "the same rows give the same files");
    assert!(next.get("recovered").is_none() && killed["run_id"] != next["run_id"]);
    space.runi(&["runs"]).exits(0).shows(&["succeeded, killed and completed"]);
    space.runi(&["runs", "--format", "json"]).exits(0).shows(&["\"recovered\"", "\"completed\""]);
    space.runi(&["runs", "--verify"]).exits(0);
    assert_eq!(space.leftovers(), Vec::<String>::new());
    assert!((0..SINKS).all(|n| space.text(&format!("many/{n:03}.csv")) == "id,name\n1,a\n2,b\n"));
}

#[test]
fn two_runs_never_write_one_output_at_once() {
    let space = slow();
    let mut first = start(&space, &["run"]);
    writing(&space, &mut first);
    space.runi(&["run"]).exits(4).says(&["E0809", "out/rows.csv", "is being written by another run"]);
    assert_eq!(space.text("out/rows.csv"), EARLIER);
    done(first).exits(0);
    whole(&space);
}

#[test]
fn runs_that_start_together_succeed_or_say_that_another_writes() {
    let space = Space::rows("id,name\n1,a\n");
    let children: Vec<Child> = (0..6).map(|_| start(&space, &["run"])).collect();
    let mut succeeded = 0;
    for child in children {
        let done = done(child);
        match done.code {
            Some(0) => succeeded += 1,
            _ => drop(done.exits(4).says(&["E0809"])),
        }
    }
    assert!(succeeded >= 1);
    assert_eq!(space.text("out/rows.csv"), "id,name\n1,a\n");
    assert_eq!(space.leftovers(), Vec::<String>::new());
    // Each run is in the log, the refused ones too, and the chain holds.
    assert_eq!(space.records().len(), 6);
    space.runi(&["runs", "--verify"]).exits(0);
}

#[test]
fn an_output_directory_that_vanishes_is_4() {
    let space = slow();
    let mut child = start(&space, &["run"]);
    writing(&space, &mut child);
    std::fs::remove_dir_all(space.path("out")).unwrap();
    done(child).exits(4).says(&["E0801", "out/"]);
    assert_eq!(space.leftovers(), Vec::<String>::new());
    space.runi(&["run"]).exits(0);
    whole(&space);
}

/// A small file system that is gone at the end of the test.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn mount(at: &'a Path, limit: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", limit, "tmpfs"]).arg(at).stderr(Stdio::null()).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(at))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_is_4_and_leaves_the_output_as_it_was() {
    let space = slow();
    let out = space.path("out");
    let Some(_small) = Small::mount(&out, "size=256k") else {
        eprintln!("skipped: only root may mount a small file system");
        return;
    };
    space.write("out/rows.csv", EARLIER);
    space.runi(&["run"]).exits(4).says(&["E0801", "out/rows.csv", "No space left"]);
    assert_eq!(space.text("out/rows.csv"), EARLIER);
    assert_eq!(space.leftovers(), Vec::<String>::new());
    let records = space.records();
    assert_eq!((records[0]["status"].as_str(), records[0]["error"]["code"].as_str()), (Some("failed"), Some("E0801")));
}

#[test]
fn a_log_that_cannot_be_written_is_said_and_the_outputs_stay() {
    let space = Space::rows("id,name\n1,a\n");
    space.write(".runi/runs", "a file, not a directory");
    let done = space.runi(&["run"]);
    assert_ne!(done.code, Some(0));
    done.says(&["E0801", ".runi/runs"]);
    assert_eq!(space.text("out/rows.csv"), "id,name\n1,a\n");
}

#[test]
fn a_disk_that_is_full_when_a_table_is_committed_is_4() {
    let table = [("@sink(type=csv, path=\"out/rows.csv\")", "@sink(type=delta, path=\"out/table\")")];
    for inodes in 4..=5 {
        let space = Space::rows_with("id,name\n1,a\n", &table);
        let out = space.path("out");
        // Room for the table and the file of its rows, none for its log or the commit in it.
        let Some(_small) = Small::mount(&out, &format!("nr_inodes={inodes}")) else {
            eprintln!("skipped: only root may mount a small file system");
            return;
        };
        space.replace("features/copy.dsl", "out/bad.jsonl", "bad.jsonl");
        space.runi(&["run"]).exits(4).says(&["E0801", "out/table", "No space left"]);
        assert_eq!(space.leftovers(), Vec::<String>::new());
    }
}

#[test]
fn a_run_that_is_killed_while_it_alerts_is_in_the_log() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let alert = format!("  @alert(on=invalid, to=\"http://{}/\")\n  @sink(type=json", listener.local_addr().unwrap());
    let space = Space::rows_with("id,name\n1,a\nx,b\n", &[("  @sink(type=json", alert.as_str())]);
    let mut child = start(&space, &["run"]);
    // Nobody answers.
    let (_stream, _) = listener.accept().unwrap();
    signal(&child, "-KILL");
    assert_eq!(child.wait().unwrap().code(), None);
    let records = space.records();
    assert_eq!((records.len(), records[0]["status"].as_str()), (1, Some("succeeded")));
    assert_eq!(space.text("out/rows.csv"), "id,name\n1,a\n");
    drop(listener);
    space.runi(&["run"]).exits(0);
    let records = space.records();
    assert_eq!((records.len(), records[1]["alerts"].as_array().unwrap().len()), (2, 1));
    assert!(records[0].get("recovered").is_none());
    space.runi(&["runs", "--verify"]).exits(0);
}
