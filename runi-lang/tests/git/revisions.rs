//! Names to commits.

use crate::repo::Repo;
use runi_lang::git::{GitError, Repository};

/// Three commits on `main`, tagged and with a branch.
fn history() -> (Repo, Vec<String>) {
    let repo = Repo::of(&[("contracts/a.contract", "Contract: A\n")]);
    let mut ids = vec![repo.git(&["rev-parse", "HEAD"])];
    repo.git(&["tag", "--annotate", "--message", "one", "v1.0.0"]);
    for i in 0..3 {
        repo.write("contracts/a.contract", format!("Contract: A{i}\n"));
        ids.push(repo.commit(&format!("commit {i}")));
    }
    repo.git(&["branch", "release/2026", "HEAD~1"]);
    (repo, ids)
}

#[test]
fn what_git_resolves_is_resolved() {
    let (repo, ids) = history();
    let repository = repo.open();
    for revision in [
        "HEAD",
        "@",
        "main",
        "HEAD~3",
        "HEAD^^",
        "@~1",
        "v1.0.0",
        "v1.0.0^{commit}",
        "refs/tags/v1.0.0",
        "release/2026",
        "main@{0}",
        ":/commit 1",
    ] {
        let found = repo.git(&["rev-parse", revision]);
        let expected = repo.git(&["rev-parse", &format!("{found}^{{commit}}")]);
        assert_eq!(repository.resolve(revision).unwrap().id.to_string(), expected, "{revision}");
    }
    assert_eq!(repository.resolve(&ids[1][..9]).unwrap().id.to_string(), ids[1]);
}

#[test]
fn an_unknown_name_is_answered_with_near_ones() {
    let (repo, ids) = history();
    repo.git(&["update-ref", "refs/remotes/origin/develop", &ids[0]]);
    let repository = repo.open();
    for (typed, meant) in [("mian", "main"), ("v1.0", "v1.0.0"), ("2026", "release/2026"), ("develop", "origin/develop"), ("head", "HEAD")]
    {
        let error = repository.resolve(typed).unwrap_err();
        assert_eq!(error.code().id, "E0905");
        assert!(error.is_usage());
        assert!(error.help().contains(&format!("`{meant}`")), "{typed}: {}", error.help());
    }
    for nonsense in [
        "",
        "--upload-pack=x",
        "no\u{1b}[31m",
        "HEAD~99",
        "HEAD^7",
        "main@{99}",
        "@{upstream}",
        &"x".repeat(9_000),
        "0000000000000000000000000000000000000000",
    ] {
        let error = repository.resolve(nonsense).unwrap_err();
        assert!(["E0905", "E0912"].contains(&error.code().id), "{nonsense}: {error}");
        assert!(!error.to_string().contains('\u{1b}') && error.to_string().len() < 300, "{error}");
    }
}

#[test]
fn what_is_no_commit_is_said_to_be_none() {
    let (repo, _) = history();
    let blob = repo.git(&["rev-parse", "HEAD:contracts/a.contract"]);
    repo.git(&["tag", "content", &blob]);
    let repository = repo.open();
    for revision in ["HEAD:contracts/a.contract", "HEAD^{tree}", "content", "HEAD~1..HEAD"] {
        let error = repository.resolve(revision).unwrap_err();
        assert_eq!(error.code().id, "E0907", "{revision}: {error}");
    }
}

#[test]
fn a_prefix_of_two_commits_is_ambiguous() {
    let repo = Repo::of(&[]);
    let mut seen = std::collections::BTreeMap::new();
    // Seventeen ids have sixteen first digits, but git wants four: commits are made until two of them agree.
    let tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
    for i in 0.. {
        let id = repo.git(&["commit-tree", &tree, "-m", &i.to_string()]);
        if let Some(other) = seen.insert(id[..4].to_owned(), id.clone()) {
            let error = repo.open().resolve(&id[..4]).unwrap_err();
            let GitError::AmbiguousRevision { candidates, .. } = &error else { panic!("{error}") };
            assert!(candidates.len() >= 2 && candidates.iter().all(|candidate| id.starts_with(&candidate[..4])), "{other}: {candidates:?}");
            break;
        }
    }
}

#[test]
fn ranges_name_two_sides() {
    let (repo, ids) = history();
    repo.git(&["checkout", "--quiet", "-b", "topic", "HEAD~2"]);
    repo.write("contracts/b.contract", "Contract: B\n");
    let topic = repo.commit("one..two");
    let repository = repo.open();
    let range = |text: &str| {
        let range = repository.range(text).unwrap();
        (range.base.id.to_string(), range.head.map(|head| head.id.to_string()))
    };
    assert_eq!(range("v1.0.0..main"), (ids[0].clone(), Some(ids[3].clone())));
    assert_eq!(range("main.."), (ids[3].clone(), Some(topic.clone())));
    assert_eq!(range("..main"), (topic.clone(), Some(ids[3].clone())));
    assert_eq!(range("main...topic"), (ids[1].clone(), Some(topic.clone())));
    assert_eq!(range("main"), (ids[3].clone(), None));
    assert_eq!(range("topic^{/one..two}..HEAD"), (topic.clone(), Some(topic)));
    assert_eq!(repository.range("main...topic").unwrap().base_name, "merge-base of main and topic");
    assert_eq!(repository.range("mian..topic").unwrap_err().code().id, "E0905");
}

#[test]
fn unrelated_histories_have_no_merge_base() {
    let (repo, _) = history();
    repo.git(&["checkout", "--quiet", "--orphan", "island"]);
    repo.commit("island");
    let repository = repo.open();
    let (one, other) = (repository.resolve("main").unwrap(), repository.resolve("island").unwrap());
    assert_eq!(repository.merge_base(&one, &other).unwrap_err().code().id, "E0909");
    assert_eq!(repository.range("main...island").unwrap_err().code().id, "E0909");
}

#[test]
fn a_shallow_clone_says_what_it_lacks() {
    let (repo, ids) = history();
    repo.git(&["checkout", "--quiet", "-b", "topic", "HEAD~2"]);
    repo.write("contracts/b.contract", "Contract: B\n");
    repo.commit("topic");
    let clone = Repo::with(&["clone", "--quiet", "--depth=1", "--no-single-branch", &format!("file://{}", repo.top().display()), "."]);
    let shallow = clone.open();
    assert!(shallow.is_shallow() && !repo.open().is_shallow());
    let (main, topic) = (shallow.resolve("origin/main").unwrap(), shallow.resolve("topic").unwrap());
    for error in [
        shallow.resolve("HEAD~1").unwrap_err(),
        shallow.resolve("HEAD^").unwrap_err(),
        shallow.merge_base(&main, &topic).unwrap_err(),
        shallow.range("origin/main...topic").unwrap_err(),
    ] {
        assert_eq!(error.code().id, "E0908", "{error}");
        assert!(error.help().contains("git fetch --unshallow") && error.help().contains("--deepen"), "{}", error.help());
    }
    let error = shallow.resolve(&ids[1]).unwrap_err();
    assert!(["E0905", "E0908"].contains(&error.code().id) && error.help().contains("--unshallow"), "{error}: {}", error.help());
    clone.git(&["fetch", "--quiet", "--unshallow"]);
    let whole = clone.open();
    assert_eq!(whole.merge_base(&main, &topic).unwrap().id.to_string(), ids[1]);
}

#[test]
fn the_default_branch_is_the_remotes_then_a_usual_name_then_the_only_one() {
    let name = |repository: &Repository| repository.default_branch().map(|branch| branch.name);
    let (repo, ids) = history();
    assert_eq!(name(&repo.open()).unwrap(), "main");
    repo.git(&["branch", "--move", "main", "develop"]);
    assert_eq!(name(&repo.open()).unwrap_err().code().id, "E0910");
    repo.git(&["config", "init.defaultBranch", "develop"]);
    assert_eq!(name(&repo.open()).unwrap(), "develop");
    repo.git(&["config", "--unset", "init.defaultBranch"]);
    repo.git(&["branch", "--delete", "--force", "release/2026"]);
    assert_eq!(name(&repo.open()).unwrap(), "develop");
    repo.git(&["remote", "add", "origin", "https://example.org/x.git"]);
    // The one branch that was fetched is nobody's default.
    let error = name(&repo.open()).unwrap_err();
    assert!(error.code().id == "E0910" && error.help().contains("git fetch origin main:refs/remotes/origin/main"), "{}", error.help());
    repo.git(&["update-ref", "refs/remotes/origin/master", &ids[0]]);
    assert_eq!(name(&repo.open()).unwrap(), "origin/master");
    repo.git(&["update-ref", "refs/remotes/origin/stable", &ids[1]]);
    repo.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/stable"]);
    let found = repo.open().default_branch().unwrap();
    assert_eq!((found.name.as_str(), found.commit.id.to_string()), ("origin/stable", ids[1].clone()));
    repo.git(&["update-ref", "-d", "refs/remotes/origin/stable"]);
    assert_eq!(name(&repo.open()).unwrap(), "origin/master");
}

#[test]
fn packs_packed_references_and_sha256_make_no_difference() {
    let (repo, ids) = history();
    repo.git(&["gc", "--quiet", "--aggressive", "--prune=now"]);
    assert!(repo.path(".git/packed-refs").exists());
    let repository = repo.open();
    assert_eq!(repository.resolve("v1.0.0").unwrap().id.to_string(), ids[0]);
    assert_eq!(repository.resolve("release/2026").unwrap().id.to_string(), ids[2]);

    let repo = Repo::with(&["init", "--quiet", "--object-format=sha256", "--initial-branch=main", "."]);
    repo.write("Runi.toml", "");
    repo.write("contracts/a.contract", "Contract: A\n");
    let first = repo.commit("first");
    assert_eq!(first.len(), 64);
    repo.write("contracts/a.contract", "Contract: B\n");
    let repository = repo.open();
    let base = crate::repo::at(&repository, &first);
    use runi_lang::git::Side;
    assert_eq!(crate::repo::changed(&repository, &base, &Side::WorkingCopy).unwrap(), ["M contracts/a.contract"]);
    assert_eq!(crate::repo::changed(&repository, &base, &Side::Index).unwrap(), Vec::<String>::new());
}
