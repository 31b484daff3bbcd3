//! The order of commits: who touched what, tags, owners. `git log` is the yardstick.

use crate::oracle;
use crate::repo::{Repo, scope};
use runi_lang::git::{Log, Repository, Subject, TagVersion};

fn ids(log: Log) -> Vec<String> {
    log.map(|entry| entry.unwrap().commit.id.to_string()).collect()
}

fn paths(paths: &[&str]) -> Subject {
    Subject::Paths(paths.iter().map(|path| (*path).to_owned()).collect())
}

fn all(repository: &Repository, subject: Subject) -> Vec<String> {
    ids(repository.log(&repository.head_commit().unwrap(), subject).unwrap())
}

#[test]
fn who_touched_a_path_is_what_git_log_says() {
    for seed in 20..25 {
        let (repo, commits) = oracle::history(seed, 40);
        let repository = repo.open();
        for tip in [commits.last().unwrap(), &commits[commits.len() / 2]] {
            let from = repository.resolve(tip).unwrap();
            let ours = ["Runi.toml", "contracts", "features"];
            let subjects: [&[&str]; 5] =
                [&["contracts/a.contract"], &["contracts/a"], &["contracts/a.contract", "features/one.dsl"], &["contracts"], &ours];
            for subject in subjects {
                for first_parent in [false, true] {
                    let mut args = vec!["log", "--format=%H"];
                    args.extend(first_parent.then_some("--first-parent"));
                    args.extend([tip.as_str(), "--"]);
                    args.extend(subject);
                    let expected: Vec<String> = repo.git(&args).lines().map(str::to_owned).collect();
                    let mut logs = vec![repository.log(&from, paths(subject)).unwrap()];
                    if subject == ours {
                        logs.push(repository.log(&from, Subject::Workspace(scope())).unwrap());
                    }
                    for log in logs {
                        let log = if first_parent { log.first_parent() } else { log };
                        assert_eq!(ids(log), expected, "seed {seed}: {args:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_pack_in_which_the_newest_builds_on_the_oldest_gives_the_same_history() {
    use std::fmt::Write;
    let repo = Repo::new();
    let mut stream = String::new();
    let mut dice = oracle::Dice::new(7);
    for commit in 0..150 {
        write!(stream, "commit refs/heads/main\ncommitter A <a@example.org> {} +0000\ndata 1\nx\n", 1_750_000_000 + commit * 60).unwrap();
        let files: Vec<usize> = if commit == 0 { (0..300).collect() } else { vec![dice.below(300)] };
        for file in files {
            let text = format!("Contract: C{file}\n\n  v{commit}  int64\n");
            write!(stream, "M 100644 inline contracts/c{file:03}.contract\ndata {}\n{text}\n", text.len()).unwrap();
        }
    }
    repo.feed(&["-c", "fastimport.unpackLimit=1", "fast-import", "--quiet"], stream.as_bytes());
    let repository = repo.open();
    let expected = |args: &[&str]| -> Vec<String> { repo.git(args).lines().map(str::to_owned).collect() };
    assert_eq!(all(&repository, Subject::Workspace(scope())), expected(&["log", "--format=%H", "main"]));
    for file in ["contracts/c000.contract", "contracts/c123.contract", "contracts/c299.contract"] {
        assert_eq!(all(&repository, paths(&[file])), expected(&["log", "--format=%H", "main", "--", file]), "{file}");
    }
}

#[test]
fn the_history_of_a_workspace_leaves_out_what_is_not_ours() {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    let first = repo.git(&["rev-parse", "HEAD"]);
    repo.write("contracts/notes.md", "x");
    repo.write("contracts/.gitignore", "draft*\n");
    repo.commit("notes");
    repo.write("contracts/draft.contract", "Contract: Draft\n");
    repo.git(&["add", "--force", "contracts/draft.contract"]);
    repo.commit("a draft");
    repo.write("contracts/a.contract", "Contract: B\n");
    let changed = repo.commit("a change");
    assert_eq!(all(&repo.open(), Subject::Workspace(scope())), [changed, first]);
}

#[test]
fn a_workspace_in_a_sub_directory_has_its_own_history() {
    let repo = Repo::new();
    repo.write("README.md", "");
    repo.commit("before");
    repo.write("shop/Runi.toml", "");
    repo.write("shop/contracts/a.contract", "Contract: A\n");
    let begun = repo.commit("begun");
    repo.write("contracts/a.contract", "Contract: Another\n");
    repo.commit("elsewhere");
    let repository = Repository::discover(&repo.path("shop")).unwrap();
    assert_eq!(all(&repository, Subject::Workspace(scope())), std::slice::from_ref(&begun));
    assert_eq!(all(&repository, paths(&["contracts/a.contract"])), [begun]);
}

#[test]
fn a_shallow_history_says_where_it_is_cut() {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    for i in 0..3 {
        repo.write("contracts/a.contract", format!("Contract: A{i}\n"));
        repo.commit("change");
    }
    let clone = Repo::with(&["clone", "--quiet", "--depth=2", &format!("file://{}", repo.top().display()), "."]);
    let repository = clone.open();
    let log = repository.log(&repository.head_commit().unwrap(), paths(&["contracts/a.contract"])).unwrap();
    assert_eq!(log.map(|entry| entry.unwrap().is_cut).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_hole_in_the_history_is_an_error_and_not_its_end() {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    let first = repo.git(&["rev-parse", "HEAD"]);
    repo.write("contracts/a.contract", "Contract: B\n");
    repo.commit("second");
    repo.remove(&format!(".git/objects/{}/{}", &first[..2], &first[2..]));
    let repository = repo.open();
    let log = repository.log(&repository.head_commit().unwrap(), paths(&["contracts/a.contract"])).unwrap();
    let found: Vec<_> = log.map(|entry| entry.map_err(|error| error.code().id)).collect();
    assert!(matches!(found.as_slice(), [Err("E0912")]), "{found:?}");
}

#[test]
fn tags_come_as_versions_do() {
    let repo = Repo::of(&[]);
    let blob = repo.git(&["rev-parse", "HEAD:Runi.toml"]);
    for tag in ["v1.10.0", "v1.9.0", "nightly", "v1.10.0-rc.2", "v1.10.0-rc.10", "v1.10.0-alpha", "trades/v0.1.0", "before"] {
        repo.git(&["tag", tag]);
    }
    repo.git(&["tag", "--annotate", "--message", "x", "v2.0.0", "v1.9.0"]);
    repo.git(&["tag", "content", &blob]);
    let repository = repo.open();
    let head = repository.head_commit().unwrap().id;
    let tags = repository.tags().unwrap();
    assert!(tags.iter().all(|tag| tag.commit == head));
    let names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
    let order = ["v1.9.0", "v1.10.0-alpha", "v1.10.0-rc.2", "v1.10.0-rc.10", "v1.10.0", "v2.0.0", "trades/v0.1.0", "before", "nightly"];
    assert_eq!(names, order);
}

#[test]
fn a_version_is_read_from_the_usual_names() {
    let read = |name: &str| TagVersion::read(name).map(|tag| format!("{}|{}|{}", tag.package, tag.version, tag.pre_release));
    for (name, expected) in [
        ("v1.2.3", Some("|1.2.3|")),
        ("1.2.3+build.7", Some("|1.2.3|")),
        ("trades@1.2.3-rc.1", Some("trades@|1.2.3|rc.1")),
        ("eu/trades-v1.2.3", Some("eu/trades-|1.2.3|")),
        ("2026-11-22", None),
        ("v1.2", None),
        ("prev1.2.3", None),
        ("1.2.3.4", None),
        ("release", None),
    ] {
        assert_eq!(read(name).as_deref(), expected, "{name}");
    }
}

#[test]
fn owners_are_those_of_the_commit() {
    let repo = Repo::new();
    repo.write("shop/Runi.toml", "");
    repo.write("CODEOWNERS", "* @nobody\n");
    repo.write(".github/CODEOWNERS", "/shop/contracts/ @data/owners ada@example.org\n");
    repo.commit("first");
    let repository = Repository::discover(&repo.path("shop")).unwrap();
    let base = repository.tree(&repository.head_commit().unwrap()).unwrap();
    repo.write(".github/CODEOWNERS", "* @mallory\n");
    repo.git(&["add", "--all"]);
    let owners = base.code_owners().unwrap();
    assert_eq!(owners.owners_of("contracts/a.contract"), ["@data/owners", "ada@example.org"]);
    assert!(owners.owners_of("features/a.dsl").is_empty() && !owners.is_empty());
    assert_eq!(repository.index_tree().unwrap().code_owners().unwrap().owners_of("features/a.dsl"), ["@mallory"]);
}
