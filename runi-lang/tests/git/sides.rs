//! What differs between commits, the index and the working copy.

use crate::repo::{Repo, at, changed, scope};
use runi_lang::git::{Repository, Side};
use std::fs;

const NOTHING: [&str; 0] = [];

fn now(repo: &Repo) -> Vec<String> {
    let repository = repo.open();
    changed(&repository, &at(&repository, "HEAD"), &Side::WorkingCopy).unwrap()
}

fn staged(repository: &Repository) -> Vec<String> {
    changed(repository, &at(repository, "HEAD"), &Side::Index).unwrap()
}

#[test]
fn added_changed_and_removed_files_of_the_workspace() {
    let repo = Repo::of(&[
        ("contracts/a.contract", "Contract: A\n"),
        ("contracts/deep/b.contract", "Contract: B\n"),
        ("features/f.dsl", "Feature: F\n"),
        ("contracts/notes.md", "x"),
        ("src/x.contract", "Contract: X\n"),
    ]);
    assert_eq!(now(&repo), NOTHING);
    repo.write("contracts/a.contract", "Contract: A2\n");
    repo.remove("contracts/deep/b.contract");
    repo.write("contracts/new.contract", "Contract: New\n");
    repo.write("contracts/notes.md", "y");
    repo.write("src/x.contract", "Contract: X2\n");
    repo.write("Runi.toml", "[workspace]\nname = \"x\"\n");
    let all = ["M Runi.toml", "M contracts/a.contract", "D contracts/deep/b.contract", "A contracts/new.contract"];
    assert_eq!(now(&repo), all);
    let repository = repo.open();
    assert_eq!(staged(&repository), NOTHING);
    repo.git(&["add", "contracts/a.contract"]);
    assert_eq!(staged(&repo.open()), ["M contracts/a.contract"]);
    let base = at(&repository, "HEAD");
    repo.commit("second");
    assert_eq!(changed(&repository, &base, &at(&repository, "HEAD")).unwrap(), all);
    assert_eq!(changed(&repository, &Side::Index, &Side::WorkingCopy).unwrap(), NOTHING);
    let backwards = ["M Runi.toml", "M contracts/a.contract", "A contracts/deep/b.contract", "D contracts/new.contract"];
    assert_eq!(changed(&repository, &Side::WorkingCopy, &base).unwrap(), backwards);
}

#[test]
fn the_id_of_a_file_on_the_disk_is_the_one_it_would_be_committed_with() {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    repo.write("contracts/a.contract", "Contract: Another\n");
    let repository = repo.open();
    let scope = scope();
    let found = repository.changed(&at(&repository, "HEAD"), &Side::WorkingCopy, [&scope, &scope]).unwrap();
    assert_eq!(found[0].before.unwrap().to_string(), repo.git(&["rev-parse", "HEAD:contracts/a.contract"]));
    assert_eq!(found[0].after.unwrap().to_string(), repo.git(&["hash-object", "contracts/a.contract"]));
    assert_eq!(found.len(), 1);
}

#[test]
fn a_change_of_one_byte_right_after_the_commit_is_seen() {
    // Size and second stay the same: only the rule for racy entries sees it.
    for _ in 0..5 {
        let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
        repo.write("contracts/a.contract", "Contract: B\n");
        assert_eq!(now(&repo), ["M contracts/a.contract"]);
    }
}

#[test]
#[cfg(unix)]
fn an_unchanged_file_is_not_read() {
    use std::os::unix::fs::MetadataExt;
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    let file = repo.path("contracts/a.contract");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3_600);
    fs::File::options().write(true).open(&file).unwrap().set_modified(long_ago).unwrap();
    repo.git(&["update-index", "--refresh"]);
    // The time of the last access moves with the first read after a change, whatever the mount says.
    let before = fs::metadata(&file).unwrap();
    assert_eq!(now(&repo), NOTHING);
    let after = fs::metadata(&file).unwrap();
    assert_eq!((before.atime(), before.atime_nsec()), (after.atime(), after.atime_nsec()));
    // A file that was touched is read, and is still the same.
    fs::File::options().write(true).open(&file).unwrap().set_modified(long_ago - std::time::Duration::from_secs(9)).unwrap();
    assert_eq!(now(&repo), NOTHING);
}

#[test]
fn ignored_files_are_no_part_of_any_side() {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    repo.write("contracts/.gitignore", "draft*\n!draft-kept.contract\n");
    repo.write("contracts/draft.contract", "Contract: Draft\n");
    repo.write("contracts/draft-kept.contract", "Contract: Kept\n");
    repo.write("contracts/.hidden.contract", "Contract: Hidden\n");
    repo.write("contracts/drafts/x.contract", "Contract: X\n");
    assert_eq!(now(&repo), ["A contracts/draft-kept.contract"]);
    // Committed although they are ignored: the compiler still does not read them.
    repo.git(&["add", "--force", "contracts"]);
    repo.commit("forced");
    assert_eq!(now(&repo), NOTHING);
    let repository = repo.open();
    assert_eq!(changed(&repository, &at(&repository, "HEAD~1"), &at(&repository, "HEAD")).unwrap(), ["A contracts/draft-kept.contract"]);
    // So it is with rules that only this clone has.
    repo.write(".git/info/exclude", "draft-kept.contract\n");
    assert_eq!(now(&repo), NOTHING);
    repo.remove(".git/info/exclude");
    // Other rules over the same files change what belongs to the workspace.
    repo.write("contracts/.gitignore", "a.contract\n");
    repo.commit("other rules");
    let all = ["D contracts/a.contract", "A contracts/draft.contract", "A contracts/drafts/x.contract"];
    assert_eq!(changed(&repository, &at(&repository, "HEAD~1"), &at(&repository, "HEAD")).unwrap(), all);
    assert_eq!(now(&repo), NOTHING);
}

#[test]
fn line_ends_alone_are_no_change() {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n\n  id  int64\n")]);
    repo.write("contracts/a.contract", "Contract: A\r\n\r\n  id  int64\r\n");
    assert_eq!(now(&repo), NOTHING);
    repo.write("contracts/a.contract", "Contract: A\r\n\r\n  id  int32\r\n");
    assert_eq!(now(&repo), ["M contracts/a.contract"]);
}

#[test]
fn a_rename_by_case_alone_is_a_rename() {
    let repo = Repo::of(&[("contracts/trade.contract", "Contract: Trade\n")]);
    repo.git(&["mv", "--force", "contracts/trade.contract", "contracts/Trade.contract"]);
    let repository = repo.open();
    let both = ["A contracts/Trade.contract", "D contracts/trade.contract"];
    assert_eq!(staged(&repository), both);
    assert_eq!(now(&repo), both);
    let scope = scope();
    let found = repository.changed(&at(&repository, "HEAD"), &Side::Index, [&scope, &scope]).unwrap();
    assert_eq!(found[0].after, found[1].before);
}

#[test]
fn a_merge_in_progress_has_no_staged_version() {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n"), ("notes.md", "1\n")]);
    repo.git(&["checkout", "--quiet", "-b", "other"]);
    repo.write("contracts/a.contract", "Contract: Other\n");
    repo.write("notes.md", "2\n");
    repo.commit("other");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write("contracts/a.contract", "Contract: Main\n");
    repo.write("notes.md", "3\n");
    repo.commit("main");
    assert!(!repo.try_git(&["merge", "other"]).status.success());
    let repository = repo.open();
    let error = changed(&repository, &at(&repository, "HEAD"), &Side::Index).unwrap_err();
    assert_eq!(error.code().id, "E0911");
    assert_eq!(error.to_string(), "one file in the index is unmerged: `contracts/a.contract`");
    assert!(repository.index_tree().is_err());
    // The working copy is what it is: a file with markers.
    assert_eq!(now(&repo), ["M contracts/a.contract"]);
    // A conflict elsewhere is none of ours.
    repo.write("contracts/a.contract", "Contract: Both\n");
    repo.git(&["add", "contracts/a.contract"]);
    assert_eq!(staged(&repo.open()), ["M contracts/a.contract"]);
}

#[test]
fn an_intent_to_add_is_not_staged_and_an_empty_index_has_nothing() {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    repo.write("contracts/b.contract", "Contract: B\n");
    repo.git(&["add", "--intent-to-add", "contracts/b.contract"]);
    assert_eq!(staged(&repo.open()), NOTHING);
    assert_eq!(now(&repo), ["A contracts/b.contract"]);
    let unborn = Repo::new();
    unborn.write("contracts/a.contract", "Contract: A\n");
    let repository = unborn.open();
    assert_eq!(changed(&repository, &Side::Index, &Side::WorkingCopy).unwrap(), ["A contracts/a.contract"]);
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_not_removed() {
    let repo = Repo::of(&[("contracts/eu/a.contract", "Contract: A\n"), ("contracts/us/b.contract", "Contract: B\n")]);
    for sparse_index in ["false", "true"] {
        repo.git(&["config", "index.sparse", sparse_index]);
        repo.git(&["sparse-checkout", "set", "--cone", "contracts/eu"]);
        assert!(!repo.path("contracts/us/b.contract").exists());
        assert_eq!(staged(&repo.open()), NOTHING, "{sparse_index}");
        if sparse_index == "false" {
            assert_eq!(now(&repo), NOTHING);
        }
    }
}

#[test]
fn each_side_has_its_own_scope() {
    use runi_lang::workspace::Manifest;
    use runi_lang::workspace::files::Scope;
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n"), ("schemas/b.contract", "Contract: B\n")]);
    let repository = repo.open();
    let head = at(&repository, "HEAD");
    let other = Scope::of(&Manifest { contracts: vec!["schemas".to_owned()], ..Manifest::default() });
    let found = repository.changed(&head, &head, [&scope(), &other]).unwrap();
    let paths: Vec<(&str, bool, bool)> = found.iter().map(|file| (&*file.path, file.before.is_some(), file.after.is_some())).collect();
    assert_eq!(paths, [("contracts/a.contract", true, false), ("schemas/b.contract", false, true)]);
    let found = repository.changed(&Side::WorkingCopy, &Side::WorkingCopy, [&scope(), &other]).unwrap();
    assert_eq!(found.len(), 2);
}
