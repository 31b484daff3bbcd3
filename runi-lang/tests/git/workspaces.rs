//! The workspaces of a repository: of a commit, the index and the working copy alike.

use crate::repo::{Repo, at};
use runi_lang::git::{GitTree, Repository, Side};
use runi_lang::workspace::FileTree;
use std::collections::BTreeSet;
use std::fs;

fn tree(repository: &Repository) -> GitTree {
    let Side::Commit(commit) = at(repository, "HEAD") else { panic!("a commit") };
    repository.tree(&commit).unwrap()
}

fn set(directories: &[&str]) -> BTreeSet<String> {
    directories.iter().map(|directory| (*directory).to_owned()).collect()
}

#[test]
fn they_are_where_a_manifest_is_and_nowhere_else() {
    let repo = Repo::of(&[
        ("teams/a/Runi.toml", ""),
        ("teams/a/deep/er/Runi.toml", ""),
        ("teams/b/runi.toml", ""),
        ("teams/c/Runi.toml/file", ""),
        ("odd name [x]/Runi.toml", ""),
        (".hidden/Runi.toml", ""),
        ("out/Runi.toml", ""),
        ("some/Runi.toml", ""),
        ("some/.gitignore", "Runi.toml\n"),
        (".gitignore", "/out/\n"),
    ]);
    repo.git(&["add", "--force", "out", "some"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        fs::create_dir_all(repo.path("linked")).unwrap();
        symlink("../Runi.toml", repo.path("linked/Runi.toml")).unwrap();
        symlink("teams", repo.path("all")).unwrap();
        repo.write("back\\slash/Runi.toml", "");
        repo.write("line\nbreak/Runi.toml", "");
    }
    repo.commit("more");
    let found = set(&["", "odd name [x]", "teams/a", "teams/a/deep/er"]);
    for root in ["", "teams/a", "teams/a/deep/er"] {
        let repository = Repository::discover(&repo.path(root)).unwrap();
        assert_eq!(repository.top().unwrap(), repo.top());
        for (what, workspaces) in [
            ("the commit", tree(&repository).workspaces()),
            ("the index", repository.index_tree().unwrap().workspaces()),
            ("the working copy", repository.workspaces()),
        ] {
            assert_eq!((&workspaces.directories, workspaces.is_partial), (&found, false), "{what} from `{root}`");
        }
    }
    // Each version has its own.
    repo.write("new/Runi.toml", "");
    fs::remove_dir_all(repo.path("teams")).unwrap();
    let repository = repo.open();
    assert_eq!(repository.workspaces().directories, set(&["", "new", "odd name [x]"]));
    assert_eq!(tree(&repository).workspaces().directories, found);
    repo.git(&["add", "new"]);
    assert!(repo.open().index_tree().unwrap().workspaces().directories.contains("new"));
}

#[test]
fn another_directory_of_the_same_tree_is_read_from_there() {
    let repo = Repo::of(&[("a/Runi.toml", "[workspace]\nname = \"a\"\n"), ("b/Runi.toml", "[workspace]\nname = \"b\"\n")]);
    let repository = Repository::discover(&repo.path("a")).unwrap();
    let here = tree(&repository);
    assert_eq!(here.read("Runi.toml").unwrap(), b"[workspace]\nname = \"a\"\n");
    assert_eq!(here.elsewhere("b").read("Runi.toml").unwrap(), b"[workspace]\nname = \"b\"\n");
    assert!(here.elsewhere("c").read("Runi.toml").is_err());
}

#[test]
fn a_repository_within_is_another_one() {
    let repo = Repo::of(&[("a/Runi.toml", "")]);
    let inner = Repo::of(&[("deep/Runi.toml", "")]);
    repo.git(&["clone", "--quiet", inner.top().to_str().unwrap(), "inner"]);
    assert_eq!(repo.open().workspaces().directories, set(&["", "a"]));
    repo.git(&["submodule", "--quiet", "add", inner.top().to_str().unwrap(), "module"]);
    repo.commit("a submodule");
    let repository = repo.open();
    assert_eq!(repository.workspaces().directories, set(&["", "a"]));
    assert_eq!(tree(&repository).workspaces().directories, set(&["", "a"]));
    assert_eq!(repository.index_tree().unwrap().workspaces().directories, set(&["", "a"]));
}

#[test]
fn what_a_partial_clone_lacks_is_said_and_the_rest_found() {
    let repo = Repo::of(&[("a/Runi.toml", ""), ("b/Runi.toml", "")]);
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.top().display());
    let part = Repo::with(&["clone", "--quiet", "--no-checkout", "--filter=tree:0", &url, "."]);
    part.git(&["sparse-checkout", "set", "--no-cone", "/Runi.toml", "/a/"]);
    part.git(&["checkout", "--quiet", "main"]);
    let workspaces = tree(&part.open()).workspaces();
    let all = set(&["", "a", "b"]);
    assert!(workspaces.directories.is_subset(&all) && workspaces.directories.contains("a"), "{workspaces:?}");
    assert_eq!(workspaces.is_partial, workspaces.directories != all);
}

#[test]
fn a_tree_that_is_nested_without_end_ends() {
    let repo = Repo::of(&[]);
    let deep = vec!["d"; 80].join("/");
    repo.write(&format!("{deep}/Runi.toml"), "");
    repo.commit("deep");
    let repository = repo.open();
    let workspaces = tree(&repository).workspaces();
    assert_eq!((workspaces.directories, workspaces.is_partial), (set(&[""]), true));
    assert_eq!(repository.workspaces().directories, set(&[""]));

    // A few objects that describe very many directories.
    let mut id = repo.feed(&["mktree"], b"");
    for _ in 0..8 {
        let entries: String = (0..20).map(|at| format!("040000 tree {id}\td{at:02}\n")).collect();
        id = repo.feed(&["mktree"], entries.as_bytes());
    }
    let commit = repo.git(&["commit-tree", "-m", "many", &id]);
    let Side::Commit(commit) = at(&repository, &commit) else { panic!("a commit") };
    assert!(repository.tree(&commit).unwrap().workspaces().is_partial);
}
