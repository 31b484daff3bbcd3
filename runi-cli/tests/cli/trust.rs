//! Workspaces of strangers, and data that does not arrive: nothing is believed because it lies under `.runi`, nothing is
//! written through a link, nothing is lost in silence.

#![cfg(unix)]

use crate::support::{Done, Space};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;

/// A note that says: a run was killed when it had still to move `temp` to `target`.
fn forge(space: &Space, temp: &Path, target: &Path) {
    let bytes = fs::read(temp).unwrap();
    let digest = format!("blake3:{}", blake3::hash(&bytes).to_hex());
    let step = serde_json::json!({"temp": temp, "target": target, "backup": null, "bytes": bytes.len(), "digest": digest});
    space.write(".runi/publish/0", serde_json::json!({"files": [step], "tables": []}).to_string());
}

#[test]
fn a_note_that_came_with_a_clone_overwrites_nothing_outside_or_hidden() {
    let victim = tempfile::tempdir().unwrap();
    let outside = victim.path().canonicalize().unwrap().join("authorized_keys");
    for inside in [None, Some(".git/config"), Some("Runi.toml"), Some("features/copy.dsl"), Some("door/authorized_keys")] {
        let space = Space::rows("id,name\n1,a\n");
        symlink(victim.path(), space.path("door")).unwrap();
        space.write(".git/config", "theirs");
        fs::write(&outside, "mine").unwrap();
        let root = space.root().canonicalize().unwrap();
        let target = inside.map_or_else(|| outside.clone(), |inside| root.join(inside));
        let before = fs::read(&target).unwrap();
        let temp = target.with_file_name(".runi-tmp-payload");
        fs::write(&temp, "payload").unwrap();
        forge(&space, &temp, &target);
        let name = target.to_str().unwrap();
        space.runi(&["run"]).exits(4).says(&["E0814", ".runi/publish/0", name, "nothing was done", "remove it"]);
        // Tests change nothing of what is there, and need not ask.
        space.runi(&["test"]).exits(0);
        space.runi(&["ci"]);
        assert_eq!(fs::read(&target).unwrap(), before, "{name}");
        fs::remove_file(space.path(".runi/publish/0")).unwrap();
        let _ = fs::remove_file(&temp);
        space.runi(&["run"]).exits(0);
    }
}

#[test]
fn a_note_moves_no_other_files_than_unfinished_ones() {
    let space = Space::rows("id,name\n1,a\n");
    let root = space.root().canonicalize().unwrap();
    space.write("private.txt", "private");
    space.write("elsewhere/.runi-tmp-x", "x");
    symlink("../private.txt", space.path("data/.runi-tmp-link")).unwrap();
    for temp in ["private.txt", "elsewhere/.runi-tmp-x", "data/.runi-tmp-link"] {
        forge(&space, &root.join(temp), &root.join("data/more.csv"));
        space.runi(&["run"]).exits(4).says(&["E0814", temp]);
        assert!(space.exists(temp) && !space.exists("data/more.csv"));
    }
}

#[test]
fn links_under_runi_are_not_followed() {
    let elsewhere = tempfile::tempdir().unwrap();
    for linked in [".runi", ".runi/runs", ".runi/tmp", ".runi/publish", ".runi/locks"] {
        let space = Space::rows("id,name\n1,a\n");
        fs::create_dir_all(space.path(linked).parent().unwrap()).unwrap();
        symlink(elsewhere.path(), space.path(linked)).unwrap();
        let done = space.runi(&["run"]).says(&["E0801", linked, "symbolic link"]);
        assert_ne!(done.code, Some(0), "{linked}");
        space.runi(&["check"]).exits(0);
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "{linked}");
    }
    for linked in [".runi/ci", ".runi/ci/comment.md", ".runi/cache"] {
        let space = Space::rows("id,name\n1,a\n").committed();
        fs::create_dir_all(space.path(linked).parent().unwrap()).unwrap();
        let target = elsewhere.path().join("target");
        if linked.ends_with("md") { fs::write(&target, "mine") } else { fs::create_dir(&target) }.unwrap();
        symlink(&target, space.path(linked)).unwrap();
        space.runi(&["ci"]);
        if linked.ends_with("md") {
            assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
            fs::remove_file(&target).unwrap();
        } else {
            assert_eq!(fs::read_dir(&target).unwrap().count(), 0, "{linked}");
            fs::remove_dir(&target).unwrap();
        }
    }
    let space = Space::rows("id,name\n1,a\n").committed();
    symlink(elsewhere.path(), space.path("report")).unwrap();
    space.runi(&["ci", "--out", "report"]).exits(4).says(&["`report` leads out of the workspace"]);
    space.runi(&["ci", "--out", elsewhere.path().to_str().unwrap()]);
    assert!(elsewhere.path().join("comment.md").exists(), "an absolute path is the caller's own word");
}

#[test]
fn a_generated_key_that_came_with_the_workspace_is_refused() {
    let space = Space::orders();
    space.runi(&["run"]).exits(0);
    let keys = space.files(".runi/secrets");
    let key = keys.first().expect("the template masks with a generated key");
    assert_eq!(fs::metadata(space.path(key)).unwrap().permissions().mode() & 0o777, 0o600);
    space.runi(&["run"]).exits(0);
    let made = space.text(key);
    // As earlier versions wrote it, and one with the seal of another key.
    let other = format!("{}\n{}\n", "a".repeat(64), made.lines().nth(1).unwrap());
    for known in ["a".repeat(64), other, String::new()] {
        space.write(key, known);
        space.runi(&["run"]).exits(4).says(&["E0808", key, "was not made by you", "remove it"]);
    }
    fs::remove_file(space.path(key)).unwrap();
    space.runi(&["run"]).exits(0);
    assert_ne!(space.text(key), made);
}

#[test]
fn without_a_home_of_its_own_a_run_makes_no_key_and_trusts_none() {
    let space = Space::orders();
    let homeless = |args: &[&str]| {
        // A home in the workspace could have come with it.
        let output = space.command(args).env("XDG_STATE_HOME", space.path("home")).output().unwrap();
        Done::of(output, args)
    };
    homeless(&["check"]).exits(0);
    homeless(&["run"]).exits(4).says(&["E0808", "needs a home directory"]);
    assert!(!space.exists("home/runi/key"));
}

#[test]
fn data_that_does_not_arrive_is_a_failure() {
    if !Path::new("/dev/full").exists() {
        eprintln!("skipped: there is no /dev/full");
        return;
    }
    let space = Space::orders();
    space.runi(&["run"]).exits(0);
    for args in [
        &["contract", "catalog"][..],
        &["contract", "hash"],
        &["runs", "--format", "json"],
        &["check", "--format", "json"],
        &["check", "--format", "sarif"],
        &["lineage"],
        &["explain", "E0801"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = space.command(args).stdout(full).stderr(Stdio::piped()).output().unwrap();
        Done::of(output, args).exits(4).says(&["cannot write to standard output", "No space left"]);
    }
    // Who has seen enough closes the pipe.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = space.command(&["explain", "--list"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    Done::of(output, &["explain", "--list"]).exits(0);
}

#[test]
fn lines_of_the_log_that_cannot_be_read_are_said() {
    let space = Space::rows("id,name\n1,a\n");
    space.runi(&["runs"]).exits(0).says(&["no run is in the log"]);
    space.runi(&["run"]).exits(0);
    space.runi(&["runs", "--last", "0"]).exits(2);
    space.runi(&["runs", "copy-row"]).exits(2).says(&["no run in the log is of `copy-row`", "did you mean `copy-rows`?"]);
    let log = space.text(".runi/runs/log.jsonl");
    space.write(".runi/runs/log.jsonl", format!("{log}half a line\n{}", log.replace("\"run_id\"", "\"id\"")));
    space.runi(&["runs"]).exits(0).says(&["Unreadable", "2 lines of `.runi/runs/log.jsonl`", "--verify"]).shows(&["copy-rows"]);
}

#[test]
fn files_that_are_written_may_be_read_by_whom_the_user_lets() {
    let space = Space::rows("id,name\n1,a\n");
    let mode = |path: &str| fs::metadata(space.path(path)).unwrap().permissions().mode() & 0o777;
    space.write("plain", "");
    space.runi(&["contract", "export", "--to", "json-schema", "--out", "exported"]).exits(0);
    for path in space.files("exported") {
        assert_eq!(mode(&path), mode("plain"), "{path}");
    }
    assert_eq!(space.files("exported").len(), 1);
    space.replace("features/copy.dsl", "  Given rows", "   Given   rows");
    fs::set_permissions(space.path("features/copy.dsl"), fs::Permissions::from_mode(0o640)).unwrap();
    space.runi(&["fmt"]).exits(0);
    assert_eq!(mode("features/copy.dsl"), 0o640);
}
