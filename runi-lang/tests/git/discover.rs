//! Where the repository of a workspace is, and what is not one.

use crate::repo::{Repo, at, changed};
use runi_lang::git::{GitError, Head, Repository, Side};
use std::fs;

fn fails(path: &std::path::Path) -> GitError {
    Repository::discover(path).unwrap_err()
}

#[test]
fn a_directory_outside_of_any_repository() {
    let dir = tempfile::tempdir().unwrap();
    let error = fails(dir.path());
    assert_eq!(error.code().id, "E0901");
    assert!(error.diagnostic().help.unwrap().contains("git init"));
    assert_eq!(fails(&dir.path().join("nowhere")).code().id, "E0901");
}

#[test]
fn a_workspace_in_a_sub_directory_sees_only_itself() {
    let repo = Repo::new();
    repo.write("shop/eu/Runi.toml", "");
    repo.write("shop/eu/contracts/a.contract", "Contract: A\n");
    repo.write("contracts/b.contract", "Contract: B\n");
    let first = repo.commit("first");
    repo.write("shop/eu/contracts/a.contract", "Contract: A2\n");
    repo.write("contracts/b.contract", "Contract: B2\n");
    let workspace = Repository::discover(&repo.path("shop/eu")).unwrap();
    assert_eq!(workspace.prefix(), "shop/eu");
    let base = at(&workspace, &first);
    assert_eq!(changed(&workspace, &base, &Side::WorkingCopy).unwrap(), ["M contracts/a.contract"]);
    repo.commit("second");
    assert_eq!(changed(&workspace, &base, &at(&workspace, "HEAD")).unwrap(), ["M contracts/a.contract"]);
    assert_eq!(changed(&workspace, &base, &Side::Index).unwrap(), ["M contracts/a.contract"]);
}

#[test]
fn a_workspace_that_an_older_commit_does_not_have_is_all_new() {
    let repo = Repo::new();
    repo.write("notes.md", "");
    let first = repo.commit("first");
    repo.write("shop/Runi.toml", "");
    repo.write("shop/contracts/a.contract", "Contract: A\n");
    repo.commit("second");
    let workspace = Repository::discover(&repo.path("shop")).unwrap();
    let base = at(&workspace, &first);
    assert_eq!(changed(&workspace, &base, &at(&workspace, "HEAD")).unwrap(), ["A Runi.toml", "A contracts/a.contract"]);
    let Side::Commit(commit) = base else { panic!("a commit") };
    assert!(!workspace.tree(&commit).unwrap().has_workspace().unwrap());
}

#[test]
#[cfg(unix)]
fn a_path_through_a_symbolic_link_is_the_same_workspace() {
    let repo = Repo::of(&[("sub/Runi.toml", "")]);
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link");
    std::os::unix::fs::symlink(repo.path("sub"), &link).unwrap();
    assert_eq!(Repository::discover(&link).unwrap().prefix(), "sub");
}

#[test]
fn a_bare_repository_has_commits_but_no_working_copy() {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    repo.git(&["clone", "--quiet", "--bare", ".", "bare.git"]);
    let bare = Repository::discover(&repo.path("bare.git")).unwrap();
    assert!(bare.is_bare());
    let head = at(&bare, "main");
    assert_eq!(changed(&bare, &head, &head).unwrap(), Vec::<String>::new());
    for side in [Side::WorkingCopy, Side::Index] {
        assert_eq!(changed(&bare, &head, &side).unwrap_err().code().id, "E0903");
    }
    assert_eq!(fails(&repo.path("bare.git/refs")).code().id, "E0903");
    assert_eq!(fails(&repo.path(".git/refs")).code().id, "E0903");
}

#[test]
fn a_linked_worktree_has_its_own_head_and_index() {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    repo.git(&["worktree", "add", "--quiet", "-b", "other", "linked"]);
    fs::write(repo.path("linked/contracts/a.contract"), "Contract: B\n").unwrap();
    let linked = Repository::discover(&repo.path("linked")).unwrap();
    assert_eq!(linked.prefix(), "");
    let Head::Branch { name, .. } = linked.head().unwrap() else { panic!("a branch") };
    assert_eq!(name, "other");
    assert_eq!(changed(&linked, &at(&linked, "main"), &Side::WorkingCopy).unwrap(), ["M contracts/a.contract"]);
    assert_eq!(changed(&linked, &at(&linked, "main"), &Side::Index).unwrap(), Vec::<String>::new());
}

#[test]
fn a_submodule_is_a_repository_of_its_own_and_never_entered_from_outside() {
    let inner = Repo::of(&[("contracts/inner.contract", "Contract: Inner\n")]);
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    let first = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["submodule", "--quiet", "add", inner.top().to_str().unwrap(), "contracts/inner"]);
    repo.commit("second");
    let outer = repo.open();
    assert!(repo.path("contracts/inner/contracts/inner.contract").exists());
    for side in [at(&outer, "HEAD"), Side::Index, Side::WorkingCopy] {
        assert_eq!(changed(&outer, &at(&outer, &first), &side).unwrap(), Vec::<String>::new());
    }
    let tree = outer.tree(&outer.head_commit().unwrap()).unwrap();
    use runi_lang::workspace::FileTree;
    assert_eq!(tree.list(&crate::repo::scope()).unwrap().len(), 1);
    assert_eq!(tree.refused()[0].path, "contracts/inner");
    assert!(tree.read("contracts/inner/contracts/inner.contract").is_err());
    let submodule = Repository::discover(&repo.path("contracts/inner")).unwrap();
    assert_eq!(submodule.prefix(), "");
    assert_eq!(submodule.head_commit().unwrap().id.to_string(), inner.git(&["rev-parse", "HEAD"]));
}

#[test]
#[cfg(unix)]
fn somebody_elses_repository_is_not_trusted() {
    let repo = Repo::of(&[]);
    // Only the superuser can give a directory away; for anybody else there is nothing to see.
    if std::os::unix::fs::chown(repo.path(".git"), Some(54_321), None).is_err() {
        return;
    }
    let error = fails(repo.top());
    assert_eq!(error.code().id, "E0902");
    assert!(error.help().contains("safe.directory"), "{}", error.help());
}

#[test]
fn a_broken_configuration_is_said_to_be_broken() {
    let repo = Repo::of(&[]);
    fs::write(repo.path(".git/config"), "[core\nrepositoryformatversion = 0\n").unwrap();
    let error = fails(repo.top());
    assert_eq!(error.code().id, "E0914", "{error}");
}

#[test]
fn head_on_a_branch_on_a_commit_and_on_nothing() {
    let repo = Repo::new();
    repo.write("Runi.toml", "");
    let unborn = repo.open();
    assert_eq!(unborn.head().unwrap(), Head::Unborn { branch: "main".to_owned() });
    assert_eq!(unborn.head_commit().unwrap_err().code().id, "E0904");
    assert_eq!(unborn.resolve("HEAD").unwrap_err().code().id, "E0904");
    assert_eq!(unborn.resolve("HEAD~1").unwrap_err().code().id, "E0904");
    assert_eq!(unborn.default_branch().unwrap_err().code().id, "E0904");
    let first = repo.commit("first");
    let repository = repo.open();
    let Head::Branch { name, commit } = repository.head().unwrap() else { panic!("a branch") };
    assert_eq!((name.as_str(), commit.id.to_string(), commit.author.as_str()), ("main", first.clone(), "Ada"));
    assert_eq!((commit.summary.as_str(), commit.seconds, commit.offset), ("first", 1_750_000_060, 7_200));
    repo.git(&["checkout", "--quiet", "--detach"]);
    let Head::Detached(commit) = repo.open().head().unwrap() else { panic!("detached") };
    assert_eq!(commit.id.to_string(), first);
}
