//! A new process finds what an earlier one knew, and never anything stale.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use runi_lang::workspace::{Report, Workspace};
use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};
use support::{codes, contract, copy, engine};

/// Writes files with times that lie in the past, as those of a checkout do.
fn write(root: &Path, files: &[(&str, &str)]) {
    for (at, (path, text)) in files.iter().enumerate() {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(60 + at as u64)).unwrap();
    }
}

fn small(root: &Path) {
    let feature = copy("Copy trades", "Trade", "data/trades.csv", "out/trades.csv");
    let other = copy("Copy more", "Trade", "data/mroe.csv", "out/more.csv");
    write(
        root,
        &[
            ("Runi.toml", "[env.dev]\n[env.prod]\n"),
            ("contracts/trade.contract", &contract("Trade", "id")),
            ("features/a.dsl", &feature),
            ("features/b.dsl", &other),
            ("data/trades.csv", "id\n1\n"),
            ("data/more.csv", "id\n1\n"),
        ],
    );
}

/// Checks as a new process would: with a workspace of its own. Returns also whether the engine was made.
fn check(root: &Path) -> (Report, bool) {
    let made = Cell::new(false);
    let report = Workspace::open(root, None).unwrap().check(|| {
        made.set(true);
        engine()
    });
    (report.unwrap(), made.get())
}

fn ran(report: &Report) -> (usize, usize, usize) {
    (report.stats.parsed, report.stats.summarised, report.stats.checked)
}

#[test]
fn nothing_runs_again_when_nothing_changed() {
    let dir = tempfile::tempdir().unwrap();
    small(dir.path());
    let (cold, made) = check(dir.path());
    assert_eq!((ran(&cold), made), ((3, 3, 3), true));
    assert_eq!(codes(&cold), ["features/b.dsl:E0608"]);
    let (warm, made) = check(dir.path());
    assert_eq!((ran(&warm), warm.stats.cached, made), ((0, 0, 0), 3, false));
    assert_eq!(warm.diagnostics, cold.diagnostics);
    assert_eq!(warm.promises, cold.promises);
}

#[test]
fn an_edited_body_is_checked_alone() {
    let dir = tempfile::tempdir().unwrap();
    small(dir.path());
    check(dir.path());
    write(dir.path(), &[("features/b.dsl", &copy("Copy more", "Trade", "data/more.csv", "out/more.csv"))]);
    let (report, _) = check(dir.path());
    assert_eq!((ran(&report), codes(&report)), ((1, 1, 1), vec![]));
    assert_eq!(ran(&check(dir.path()).0), (0, 0, 0));
}

#[test]
fn a_changed_contract_reaches_its_users() {
    let dir = tempfile::tempdir().unwrap();
    small(dir.path());
    check(dir.path());
    write(dir.path(), &[("contracts/trade.contract", &contract("Renamed", "id"))]);
    let (report, _) = check(dir.path());
    assert_eq!(report.stats.checked, 3);
    assert!(codes(&report).iter().any(|code| code == "features/a.dsl:E0101"), "{:?}", codes(&report));
}

#[test]
fn a_missing_file_is_noticed_although_no_source_changed() {
    let dir = tempfile::tempdir().unwrap();
    small(dir.path());
    check(dir.path());
    fs::remove_file(dir.path().join("data/trades.csv")).unwrap();
    let (report, made) = check(dir.path());
    assert_eq!((codes(&report), made), (vec!["features/a.dsl:E0608".to_owned(), "features/b.dsl:E0608".to_owned()], false));
}

#[test]
fn environments_have_caches_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    small(dir.path());
    check(dir.path());
    let prod = |root: &Path| Workspace::open(root, Some("prod")).unwrap().check(engine).unwrap();
    assert_eq!(ran(&prod(dir.path())), (3, 3, 3));
    assert_eq!(ran(&prod(dir.path())), (0, 0, 0));
    assert_eq!(ran(&check(dir.path()).0), (0, 0, 0));
    write(dir.path(), &[("Runi.toml", "[env.dev]\n[env.prod.vars]\nregion = \"eu\"\n")]);
    assert_eq!(ran(&check(dir.path()).0), (0, 0, 0), "another environment changed");
    assert_eq!(prod(dir.path()).stats.checked, 3, "this one changed");
}

#[test]
fn a_damaged_cache_is_ignored_and_written_anew() {
    let dir = tempfile::tempdir().unwrap();
    small(dir.path());
    let (cold, _) = check(dir.path());
    let cache = dir.path().join(".runi/cache/check-v1.bin");
    let good = fs::read(&cache).unwrap();
    for cut in [0, 7, 30, good.len() / 2, good.len() - 1] {
        fs::write(&cache, &good[..cut]).unwrap();
        assert_eq!(check(dir.path()).0.diagnostics, cold.diagnostics, "cut at {cut}");
    }
    for at in [0, 9, 40, 60, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        fs::write(&cache, &bad).unwrap();
        let (report, _) = check(dir.path());
        assert_eq!((ran(&report), &report.diagnostics), ((3, 3, 3), &cold.diagnostics), "byte {at}");
    }
    assert_eq!(ran(&check(dir.path()).0), (0, 0, 0));
}

#[test]
fn a_cache_that_came_with_the_files_is_not_believed() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    small(theirs.path());
    check(theirs.path());
    small(ours.path());
    let name = ".runi/cache/check-v1.bin";
    fs::create_dir_all(ours.path().join(".runi/cache")).unwrap();
    fs::copy(theirs.path().join(name), ours.path().join(name)).unwrap();
    assert_eq!(ran(&check(ours.path()).0), (3, 3, 3));
    assert_eq!(ran(&check(ours.path()).0), (0, 0, 0), "it was written anew");
    assert_eq!(ran(&check(theirs.path()).0), (0, 0, 0));
}

#[test]
fn a_time_that_is_too_young_is_not_trusted() {
    let dir = tempfile::tempdir().unwrap();
    small(dir.path());
    let feature = dir.path().join("features/a.dsl");
    let text = fs::read_to_string(&feature).unwrap();
    let now = SystemTime::now() + Duration::from_secs(5);
    let touch = |text: &str| {
        fs::write(&feature, text).unwrap();
        fs::File::options().write(true).open(&feature).unwrap().set_modified(now).unwrap();
    };
    touch(&text);
    check(dir.path());
    // The same size and the same time, as two edits within one tick of the disk's clock have.
    touch(&text.replace("trades.csv\", contract", "tradse.csv\", contract"));
    assert_eq!(check(dir.path()).0.stats.checked, 1);
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_is_checked_all_the_same() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    small(dir.path());
    // A file where the directory of the cache should be stops even a user who may write everywhere.
    fs::write(dir.path().join(".runi"), "").unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let (report, _) = check(dir.path());
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!((ran(&report), codes(&report)), ((3, 3, 3), vec!["features/b.dsl:E0608".to_owned()]));
}
