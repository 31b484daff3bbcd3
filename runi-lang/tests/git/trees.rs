//! A commit behind the compiler's interface: the same answers as the working copy, and nothing that a hostile one could want.

use crate::repo::{Repo, at, changed, scope};
use crate::support::{NoSql, engine};
use runi_lang::diagnostic::render::concise;
use runi_lang::git::{GitTree, Refusal};
use runi_lang::workspace::{FileTree, WorkingCopy, Workspace};
use std::fs;
use std::path::Path;
use std::sync::Arc;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() { copy(&entry.path(), &to) } else { fs::copy(entry.path(), to).map(|_| ()).unwrap() }
    }
}

/// Everything that a check says, and the pipelines, as text.
fn compiled(tree: Arc<dyn FileTree>) -> (String, String) {
    let mut workspace = Workspace::with_tree(tree, None).unwrap();
    let report = workspace.check(engine).unwrap();
    let pipelines = workspace.pipelines(&NoSql, &[]).unwrap();
    (concise(&report.diagnostics, &report.sources), format!("{pipelines:#?}"))
}

fn head(repo: &Repo) -> GitTree {
    let repository = repo.open();
    repository.tree(&repository.head_commit().unwrap()).unwrap()
}

#[test]
fn a_commit_compiles_as_the_working_copy_does() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    for name in ["flights", "trades"] {
        let repo = Repo::new();
        copy(&fixtures.join(name), repo.top());
        let _ = fs::remove_dir_all(repo.path(".runi"));
        repo.commit("all");
        let on_disk = compiled(Arc::new(WorkingCopy::new(repo.top())));
        assert_eq!(compiled(Arc::new(head(&repo))), on_disk, "{name}");
        assert_eq!(compiled(Arc::new(repo.open().index_tree().unwrap())), on_disk, "{name}");
        // The engine of these tests types nothing, so that the steps of the others do not check.
        assert!(name != "flights" || on_disk.1.contains("Pipeline"), "{name}: {}", on_disk.0);
    }
}

#[test]
fn data_that_is_not_committed_is_unknown_rather_than_missing() {
    let feature = crate::support::copy("Copy", "Trade", "data/trades.csv", "out/a.csv");
    let globbed = crate::support::copy("Globbed", "Trade", "data/*.csv", "out/b.csv");
    let outside = crate::support::copy("Outside", "Trade", "../elsewhere.csv", "out/c.csv");
    let trade = crate::support::contract("Trade", "id");
    let repo = Repo::of(&[
        (".gitignore", "data/\n"),
        ("contracts/t.contract", &trade),
        ("features/a.dsl", &feature),
        ("features/b.dsl", &globbed),
        ("features/c.dsl", &outside),
    ]);
    let (said, _) = compiled(Arc::new(head(&repo)));
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("features/c.dsl") && said.contains("E0615"), "{said}");
}

#[test]
fn a_tree_answers_like_the_disk() {
    let repo = Repo::of(&[("data/in/a.csv", "1,2\n"), ("data/b.csv", ""), ("features/f.dsl", "Feature: F\n")]);
    let (tree, disk) = (head(&repo), WorkingCopy::new(repo.top()));
    for dir in ["data", "data/in", "data/", "features", "nowhere", "data/b.csv"] {
        assert_eq!(tree.names(dir), disk.names(dir), "{dir}");
    }
    for path in ["data", "data/in/a.csv", "data/b.csv", "nowhere", "data/b.csv/x", "features/f.dsl", "Runi.lock"] {
        let (there, here) = (tree.stat(path), disk.stat(path));
        assert_eq!(there.map(|stat| stat.is_dir), here.map(|stat| stat.is_dir), "{path}");
        assert_eq!(there.filter(|s| !s.is_dir).map(|s| s.size), here.filter(|s| !s.is_dir).map(|s| s.size), "{path}");
    }
    assert_eq!(tree.read("data/in/a.csv").unwrap(), b"1,2\n");
    for path in ["../etc/passwd", "data/../Runi.toml", "/etc/passwd", "data", "nowhere"] {
        assert!(tree.read(path).is_err(), "{path}");
    }
    assert!(tree.disk_root().is_none() && tree.is_partial());
}

/// A commit of these tree entries in `contracts/`: mode, name, content.
fn hostile(entries: &[(&str, &[u8], &[u8])]) -> Repo {
    let repo = Repo::of(&[]);
    let mut raw = Vec::new();
    for (mode, name, content) in entries {
        let id = if *mode == "160000" { "1".repeat(40) } else { repo.feed(&["hash-object", "-w", "--stdin"], content) };
        raw.extend_from_slice(format!("{mode} ").as_bytes());
        raw.extend_from_slice(name);
        raw.push(0);
        raw.extend((0..40).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()));
    }
    let contracts = repo.feed(&["hash-object", "-w", "-t", "tree", "--literally", "--stdin"], &raw);
    let manifest = repo.git(&["rev-parse", "HEAD:Runi.toml"]);
    let top = repo.feed(&["mktree"], format!("100644 blob {manifest}\tRuni.toml\n040000 tree {contracts}\tcontracts\n").as_bytes());
    let commit = repo.git(&["commit-tree", &top, "-p", "HEAD", "-m", "hostile"]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    repo
}

#[test]
fn odd_names_links_and_submodules_are_refused_and_named() {
    let text = b"Contract: X\n";
    let repo = hostile(&[
        ("100644", b"..", text),
        ("100644", b"..\\up.contract", text),
        ("100644", b"a\x1b[31m.contract", text),
        ("100644", b"b\xff.contract", text),
        ("100644", b"c/../../d.contract", text),
        ("100644", b"good.contract", text),
        ("120000", b"link.contract", b"/etc/passwd"),
        ("120000", b"out", b"../../.."),
        ("160000", b"sub", b""),
    ]);
    let tree = head(&repo);
    let listed: Vec<String> = tree.list(&scope()).unwrap().iter().map(|entry| entry.path.to_string()).collect();
    assert_eq!(listed, ["contracts/good.contract"]);
    let refused: Vec<(String, Refusal)> = tree.refused().into_iter().map(|refused| (refused.path, refused.why)).collect();
    let expected = [
        ("contracts/..\\\\up.contract", Refusal::Name),
        ("contracts/a\\u{1b}[31m.contract", Refusal::Name),
        ("contracts/b\u{fffd}.contract", Refusal::Name),
        ("contracts/c/../../d.contract", Refusal::Name),
        ("contracts/link.contract", Refusal::Link),
        ("contracts/sub", Refusal::Submodule),
    ];
    let readable = |path: &str| path.replace("\\u{fffd}", "\u{fffd}");
    assert_eq!(
        refused.iter().map(|(path, why)| (readable(path), *why)).collect::<Vec<_>>(),
        expected.map(|(path, why)| (path.to_owned(), why))
    );
    assert!(tree.refused().iter().all(|refused| refused.diagnostic().code == "W0915"));
    for path in ["contracts/link.contract", "contracts/out/etc/passwd", "contracts/..", "contracts/sub/x"] {
        assert!(tree.read(path).is_err() && tree.stat(path).is_none_or(|stat| stat.is_dir), "{path}");
    }
    let repository = repo.open();
    assert_eq!(changed(&repository, &at(&repository, "HEAD~1"), &at(&repository, "HEAD")).unwrap(), ["A contracts/good.contract"]);
    let (said, _) = compiled(Arc::new(head(&repo)));
    assert!(said.contains("contracts/link.contract: warning[W0915] `contracts/link.contract` is not read"), "{said}");
}

#[test]
fn two_entries_of_one_name_are_a_trick() {
    let repo = hostile(&[("100644", b"a.contract", b"Contract: A\n"), ("100644", b"a.contract", b"Contract: B\n")]);
    let repository = repo.open();
    let error = changed(&repository, &at(&repository, "HEAD~1"), &at(&repository, "HEAD")).unwrap_err();
    assert_eq!(error.code().id, "E0913");
    assert!(head(&repo).list(&scope()).is_err());
}

#[test]
fn huge_blobs_and_pointers_are_not_read() {
    let repo = Repo::of(&[]);
    repo.write("contracts/huge.contract", vec![b'x'; runi_lang::syntax::MAX_BYTES + 1]);
    repo.write("contracts/lfs.contract", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n");
    repo.commit("huge");
    let tree = head(&repo);
    assert_eq!(tree.read("contracts/huge.contract").unwrap_err().kind(), std::io::ErrorKind::FileTooLarge);
    assert!(tree.read("contracts/lfs.contract").unwrap_err().to_string().contains("LFS"));
    let (said, _) = compiled(Arc::new(head(&repo)));
    assert!(said.contains("contracts/huge.contract") && said.contains("E0003"), "{said}");
    assert!(said.contains("contracts/lfs.contract") && said.contains("E0610"), "{said}");
}

#[test]
fn a_tree_that_describes_billions_of_files_ends() {
    let repo = Repo::of(&[]);
    let blob = repo.feed(&["hash-object", "-w", "--stdin"], b"Contract: X\n");
    let mut tree: String = (0..40).map(|i| format!("100644 blob {blob}\tf{i:02}.contract\n")).collect();
    for _ in 0..9 {
        let id = repo.feed(&["mktree"], tree.as_bytes());
        tree = (0..40).map(|i| format!("040000 tree {id}\td{i:02}\n")).collect();
    }
    let contracts = repo.feed(&["mktree"], tree.as_bytes());
    let manifest = repo.git(&["rev-parse", "HEAD:Runi.toml"]);
    let top = repo.feed(&["mktree"], format!("100644 blob {manifest}\tRuni.toml\n040000 tree {contracts}\tcontracts\n").as_bytes());
    let commit = repo.git(&["commit-tree", &top, "-p", "HEAD", "-m", "bomb"]);
    let repository = repo.open();
    let error = changed(&repository, &at(&repository, "HEAD"), &at(&repository, &commit)).unwrap_err();
    assert_eq!(error.code().id, "E0913", "{error}");
}

#[test]
fn a_partial_clone_says_which_content_is_not_here() {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = Repo::with(&["clone", "--quiet", "--bare", "--filter=blob:none", &format!("file://{}", repo.top().display()), "."]);
    let error = head(&clone).read("contracts/a.contract").unwrap_err();
    let error = error.get_ref().unwrap().downcast_ref::<runi_lang::git::GitError>().unwrap();
    assert_eq!(error.code().id, "E0912");
    assert!(error.help().contains("partial clone"), "{}", error.help());
}
