//! Workspaces in temporary directories, the binary run in them, and their outputs read back.

use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The contract of [`Space::rows`].
pub const ROW: &str = r#"Contract: Row
  """One row."""
  @version(1.0.0)
  @owner(tests, contact="tests@example.com")
  @classification(public)

  id    int64   @required
  name  string
"#;

/// The feature of [`Space::rows`].
pub const COPY: &str = r#"Feature: Copies

Scenario: Copy rows
  Given rows
  @source(type=csv, path="data/rows.csv", contract=Row) as rows

  Then all are written, and no invalid one is lost
  @sink(type=csv, path="out/rows.csv")
  @sink(type=json, path="out/bad.jsonl", on=invalid)
"#;

/// A workspace of its own, gone at the end of the test.
pub struct Space {
    dir: TempDir,
}

impl Space {
    /// An empty directory: no workspace yet.
    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A copy of `fixtures/NAME`.
    pub fn fixture(name: &str) -> Self {
        Self::copy_of(&format!("../fixtures/{name}"))
    }

    /// A copy of the template that `runi init` lays down.
    pub fn orders() -> Self {
        Self::copy_of("../templates/default")
    }

    /// A copy of this workspace, its history with it.
    pub fn copied(&self) -> Self {
        let space = Self::empty();
        copy(self.root(), space.root());
        space
    }

    fn copy_of(folder: &str) -> Self {
        let space = Self::empty();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), space.root());
        space
    }

    /// One contract, one scenario that copies `data/rows.csv` to `out/rows.csv`.
    pub fn rows(data: impl AsRef<[u8]>) -> Self {
        let space = Self::empty();
        space.write("Runi.toml", "[workspace]\nname = \"rows\"\n");
        space.write("contracts/row.contract", ROW);
        space.write("features/copy.dsl", COPY);
        space.write("data/rows.csv", data);
        space
    }

    /// [`Space::rows`] with some text of its feature or contract replaced.
    pub fn rows_with(data: impl AsRef<[u8]>, replacements: &[(&str, &str)]) -> Self {
        let space = Self::rows(data);
        for (from, to) in replacements {
            let path = if COPY.contains(from) { "features/copy.dsl" } else { "contracts/row.contract" };
            space.replace(path, from, to);
        }
        space
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root().join(relative)
    }

    pub fn write(&self, relative: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Replaces text that must be there.
    pub fn replace(&self, relative: &str, from: &str, to: &str) {
        let text = self.text(relative);
        assert!(text.contains(from), "{relative} has no {from:?}");
        self.write(relative, text.replace(from, to));
    }

    pub fn bytes(&self, relative: &str) -> Vec<u8> {
        fs::read(self.path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
    }

    pub fn text(&self, relative: &str) -> String {
        String::from_utf8(self.bytes(relative)).unwrap()
    }

    pub fn exists(&self, relative: &str) -> bool {
        self.path(relative).exists()
    }

    /// Every file below `relative`, by its path from the root.
    pub fn files(&self, relative: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        walk(&self.path(relative), &mut |path| {
            found.insert(path.strip_prefix(self.root()).unwrap().to_string_lossy().replace('\\', "/"));
        });
        found
    }

    /// Every file below `relative` with its bytes.
    pub fn contents(&self, relative: &str) -> BTreeMap<String, Vec<u8>> {
        self.files(relative).into_iter().map(|path| (path.clone(), self.bytes(&path))).collect()
    }

    /// Files that a killed run would leave behind.
    pub fn leftovers(&self) -> Vec<String> {
        let mut found: Vec<String> = self.files("").into_iter().filter(|path| path.contains(".runi-tmp-")).collect();
        if let Ok(entries) = fs::read_dir(self.path(".runi/tmp")) {
            found.extend(entries.map(|entry| format!(".runi/tmp/{}", entry.unwrap().file_name().to_string_lossy())));
        }
        found
    }

    /// The binary, to be run here, without what the environment of the test could change.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runi"));
        command.args(args).current_dir(self.root()).stdin(Stdio::null());
        for name in ["RUNI_ENV", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "RUST_LOG"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs `runi ARGS` here.
    pub fn runi(&self, args: &[&str]) -> Done {
        Done::of(self.command(args).output().unwrap(), args)
    }

    /// The records of the log, oldest first.
    pub fn records(&self) -> Vec<Value> {
        let mut records = self.runi(&["runs", "--last", "1000", "--format", "json"]).exits(0).array();
        records.reverse();
        records
    }

    /// The rows of a Parquet file, a Delta table, a CSV or a JSON lines file; cells as text, null as `None`.
    pub fn table(&self, relative: &str) -> Vec<Row> {
        let path = self.path(relative);
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("parquet") => parquet_rows(&path),
            Some("csv") => {
                let mut reader = csv::Reader::from_path(&path).unwrap();
                let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
                let cell = |text: &str| if text.is_empty() { None } else { Some(text.to_owned()) };
                reader.records().map(|record| names.iter().cloned().zip(record.unwrap().iter().map(cell)).collect()).collect()
            }
            Some("jsonl") => self
                .json_lines(relative)
                .into_iter()
                .map(|row| row.into_iter().map(|(name, value)| (name, text_of(&value))).collect())
                .collect(),
            _ => delta_files(&path).iter().flat_map(|file| parquet_rows(file)).collect(),
        }
    }

    /// The objects of a JSON lines file.
    pub fn json_lines(&self, relative: &str) -> Vec<Map<String, Value>> {
        self.text(relative)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{relative}: {error}: {line}")))
            .collect()
    }
}

/// One row: column → text.
pub type Row = BTreeMap<String, Option<String>>;

/// The number in a cell.
pub fn number(row: &Row, column: &str) -> Option<f64> {
    row[column].as_ref().map(|text| text.parse().unwrap())
}

/// A finished command.
pub struct Done {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    command: String,
}

impl Done {
    /// Whatever a command does, it never panics.
    pub fn of(output: Output, args: &[&str]) -> Self {
        let done = Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
            command: format!("runi {}", args.join(" ")),
        };
        assert!(!done.stderr.contains("panicked"), "{} panicked:\n{}", done.command, done.stderr);
        done
    }

    /// It ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n--- stdout\n{}\n--- stderr\n{}", self.command, self.stdout, self.stderr);
        self
    }

    /// Its talk holds every part.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(
                self.stderr.contains(part),
                "{} does not say {part:?}\n--- stdout\n{}\n--- stderr\n{}",
                self.command,
                self.stdout,
                self.stderr
            );
        }
        self
    }

    /// Its data holds every part.
    #[track_caller]
    pub fn shows(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(
                self.stdout.contains(part),
                "{} does not show {part:?}\n--- stdout\n{}\n--- stderr\n{}",
                self.command,
                self.stdout,
                self.stderr
            );
        }
        self
    }

    /// Its data as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{} does not print JSON: {error}\n{}", self.command, self.stdout))
    }

    /// Its data as a JSON array.
    #[track_caller]
    pub fn array(&self) -> Vec<Value> {
        self.json().as_array().expect("an array").clone()
    }
}

/// The stage of a run record.
#[track_caller]
pub fn stage<'a>(record: &'a Value, name: &str) -> &'a Value {
    let stages = record["stages"].as_array().unwrap();
    stages.iter().find(|stage| stage["name"] == name).unwrap_or_else(|| panic!("no stage {name} in {stages:#?}"))
}

/// Rule id → rows, for rules that rows broke under one policy.
pub fn broken(stage: &Value, policy: &str) -> BTreeMap<String, u64> {
    let rules = stage["rules"].as_array().into_iter().flatten();
    let broken = rules.filter(|rule| rule["on_fail"] == policy && rule["rows"] != 0);
    broken.map(|rule| (rule["rule"].as_str().unwrap().to_owned(), rule["rows"].as_u64().unwrap())).collect()
}

/// Rows of each output by the sink's name.
pub fn written(record: &Value) -> BTreeMap<String, u64> {
    let outputs = record["outputs"].as_array().unwrap().iter();
    outputs.map(|output| (output["name"].as_str().unwrap().to_owned(), output["rows"].as_u64().unwrap())).collect()
}

/// Digest of each output by its path.
pub fn digests(record: &Value) -> BTreeMap<String, String> {
    let outputs = record["outputs"].as_array().unwrap().iter();
    outputs.map(|output| (output["path"].as_str().unwrap().to_owned(), output["digest"].as_str().unwrap().to_owned())).collect()
}

/// Run ids, durations and sizes of compressed files differ from run to run; snapshots must not.
pub fn stable(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, name) in [
        ("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[RUN]"),
        (r"\b[0-9.]+ (ms|s|min)\b", "[TIME]"),
        (r"\b[0-9.]+ (B|kB|MB)\b", "[SIZE]"),
    ] {
        text = regex::Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
    }
    text
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn parquet_rows(path: &Path) -> Vec<Row> {
    let file = fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    reader.flat_map(|batch| rows_of(&batch.unwrap())).collect()
}

fn rows_of(batch: &RecordBatch) -> Vec<Row> {
    let options = FormatOptions::default();
    let mut rows = vec![Row::new(); batch.num_rows()];
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let formatter = ArrayFormatter::try_new(column, &options).unwrap();
        for (at, row) in rows.iter_mut().enumerate() {
            let cell = if column.is_null(at) { None } else { Some(formatter.value(at).to_string()) };
            row.insert(field.name().clone(), cell);
        }
    }
    rows
}

/// The files that a Delta table's log says are in it.
fn delta_files(table: &Path) -> Vec<PathBuf> {
    let mut commits: Vec<PathBuf> = fs::read_dir(table.join("_delta_log")).unwrap().map(|entry| entry.unwrap().path()).collect();
    commits.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    commits.sort();
    let mut live = BTreeSet::new();
    for commit in commits {
        for line in fs::read_to_string(commit).unwrap().lines() {
            let action: Value = serde_json::from_str(line).unwrap();
            if let Some(path) = action["remove"]["path"].as_str() {
                live.remove(&table.join(path));
            }
            if let Some(path) = action["add"]["path"].as_str() {
                live.insert(table.join(path));
            }
        }
    }
    live.into_iter().collect()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        // What a run by hand left in the checkout is no part of the fixture.
        if name == "out" || name == ".runi" {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}

/// Runs git in a directory, with nobody's configuration and at a fixed time.
#[track_caller]
pub fn git(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"])
        .args(args)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .envs([("GIT_AUTHOR_NAME", "A. Tester"), ("GIT_AUTHOR_EMAIL", "a@example.com")])
        .envs([("GIT_COMMITTER_NAME", "A. Tester"), ("GIT_COMMITTER_EMAIL", "a@example.com")])
        .envs([("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z"), ("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z")])
        .output()
        .unwrap();
    assert!(output.status.success(), "git {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

impl Space {
    /// Makes the workspace a repository with one commit on `main`.
    pub fn committed(self) -> Self {
        git(self.root(), &["init", "-q"]);
        if !self.exists(".gitignore") {
            self.write(".gitignore", ".runi/\nout/\n");
        }
        self.commit("first");
        self
    }

    /// Commits everything; gives the commit's id.
    pub fn commit(&self, message: &str) -> String {
        git(self.root(), &["add", "-A"]);
        git(self.root(), &["commit", "-q", "--allow-empty", "-m", message]);
        git(self.root(), &["rev-parse", "HEAD"])
    }
}
