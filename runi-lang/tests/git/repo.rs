//! Repositories that the `git` command makes: fixed identity and times, nobody's configuration.

use runi_lang::git::{Changed, GitError, Repository, Side};
use runi_lang::workspace::Manifest;
use runi_lang::workspace::files::Scope;
use std::cell::Cell;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A repository in a directory of its own; commits are a minute apart.
pub(crate) struct Repo {
    _dir: TempDir,
    top: PathBuf,
    clock: Cell<u64>,
}

impl Repo {
    /// An empty repository on the branch `main`.
    pub(crate) fn new() -> Self {
        Self::with(&["init", "--quiet", "--initial-branch=main", "."])
    }

    /// A directory where this `git` command ran.
    pub(crate) fn with(args: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        let repo = Self { _dir: dir, top, clock: Cell::new(1_750_000_000) };
        repo.git(args);
        repo
    }

    /// A repository with these files in one commit, and a `Runi.toml`.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let repo = Self::new();
        repo.write("Runi.toml", "");
        for (path, text) in files {
            repo.write(path, text);
        }
        repo.commit("first");
        repo
    }

    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.top.join(path)
    }

    /// What `git` would be run as.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        let now = format!("{} +0200", self.clock.get());
        command.current_dir(&self.top).args(["-c", "protocol.file.allow=always", "-c", "core.autocrlf=false"]).args(args);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", &self.top);
        command.envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("LC_ALL", "C"),
        ]);
        command.envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.org"), ("GIT_AUTHOR_DATE", now.as_str())]);
        command.envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.org"), ("GIT_COMMITTER_DATE", now.as_str())]);
        command
    }

    /// Runs `git`, which must succeed; its output without the last line end.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Runs `git`, whether it succeeds or not.
    pub(crate) fn try_git(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs `git` with an input.
    pub(crate) fn feed(&self, args: &[&str], input: &[u8]) -> String {
        let mut child = self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {args:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// Commits everything; the commit's id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.clock.set(self.clock.get() + 60);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Merges another branch into this one, as a commit of its own.
    pub(crate) fn merge(&self, other: &str) -> String {
        self.clock.set(self.clock.get() + 60);
        self.git(&["merge", "--quiet", "--no-ff", "--strategy=ours", "--message", "merge", other]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::discover(&self.top).unwrap()
    }
}

/// The scope of an empty `Runi.toml`.
pub(crate) fn scope() -> Scope {
    Scope::of(&Manifest::default())
}

/// What changed, as `git diff --name-status` writes it.
pub(crate) fn changed(repository: &Repository, base: &Side, head: &Side) -> Result<Vec<String>, GitError> {
    let scope = scope();
    Ok(repository.changed(base, head, [&scope, &scope])?.iter().map(status).collect())
}

fn status(file: &Changed) -> String {
    let letter = match (file.before, file.after) {
        (None, Some(_)) => "A",
        (Some(_), None) => "D",
        _ => "M",
    };
    format!("{letter} {}", file.path)
}

/// A side from a revision.
pub(crate) fn at(repository: &Repository, revision: &str) -> Side {
    Side::Commit(repository.resolve(revision).unwrap())
}
