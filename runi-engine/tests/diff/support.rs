//! Small workspaces in memory, in two versions.

use runi_engine::sql::DataFusionEngine;
use runi_lang::diff::feature::{Features, compare};
use runi_lang::diff::{Change, CompareOptions, Diff, Request};
use runi_lang::ir::Pipeline;
use runi_lang::model::FeatureFile;
use runi_lang::sql::SqlEngine;
use runi_lang::workspace::{MemoryTree, Workspace};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the pairs of rules read and write.
pub(crate) const CONTRACTS: &str = r#"Contract: Trade

  id         string  @required
  price      float64
  quantity   int64
  symbol     string
  traded_at  timestamp(UTC)
  email      string  @pii(email) @access(support)

Contract: TradeStrict

  id         string  @required
  price      float64  @range(min=0)
  quantity   int64
  symbol     string
  traded_at  timestamp(UTC)
  email      string  @pii(email) @access(support)

Contract: Instrument

  symbol    string  @required
  currency  string

Contract: TradeOut

  id     string  @required
  worth  float64

Contract: TradeBrief

  id  string  @required

Contract: BySymbol

  symbol    string
  quantity  int64

Contract: Taxed

  id   string  @required
  tax  float64

Contract: TradeSupport

  id     string  @required
  email  string  @pii(email) @access(support)

Contract: TradeHashed

  id     string  @required
  email  string  @pii(email) @mask(hash)

Contract: TradePartial

  id     string  @required
  email  string  @pii(email) @mask(partial, keep=4)
"#;

/// The herds of the pairs.
const HERDS: &[(&str, &str)] = &[
    ("herds/desk.herd", "name = \"desk\"\n[masking]\nkey = \"secret://desk/key\"\n"),
    ("herds/risk.herd", "name = \"risk\"\n[masking]\nkey = \"secret://risk/key\"\n"),
    ("herds/forensics.herd", "name = \"forensics\"\n[permissions]\nraw_quarantine = true\n"),
];

/// The engine.
pub(crate) fn engine() -> Arc<dyn SqlEngine> {
    Arc::new(DataFusionEngine::new())
}

/// A directory of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A workspace of these files on the disk.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in [("Runi.toml", ""), ("data/trades.csv", "")].iter().chain(files) {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

/// Two workspaces, compared as `runi diff` does it, on 2026-11-22.
pub(crate) fn diff(before: &[(&str, &str)], after: &[(&str, &str)]) -> Diff {
    let (old, new) = (folder(before), folder(after));
    let pair = Request::Paths(old.path().to_owned(), new.path().to_owned()).open(old.path()).unwrap();
    let options = CompareOptions { today: "2026-11-22".parse().unwrap(), history: None, engine: &engine };
    runi_lang::diff::compare(&pair, &options).unwrap()
}

/// A checked workspace of these files; also the problems that are errors, except that files are missing.
pub(crate) fn workspace(files: &[(&str, &str)]) -> (Workspace, Vec<String>) {
    let tree = MemoryTree::new(files.iter().map(|(path, text)| ((*path).to_owned(), *text)));
    if !files.iter().any(|(path, _)| *path == "Runi.toml") {
        tree.write("Runi.toml", "");
    }
    let mut workspace = Workspace::with_tree(Arc::new(tree), None).unwrap();
    let report = workspace.check(engine).unwrap();
    let errors = report.diagnostics.iter().filter(|problem| problem.severity == runi_lang::diagnostic::Severity::Error);
    let errors = errors.map(|problem| format!("{}: {}", problem.code, problem.message)).collect();
    (workspace, errors)
}

/// One version: models and plans.
pub(crate) struct Version {
    files: Vec<(String, Arc<FeatureFile>)>,
    pipelines: Vec<Pipeline>,
}

impl Version {
    /// All features of a workspace.
    pub(crate) fn of(workspace: &Workspace, engine: &dyn SqlEngine) -> Self {
        let files = workspace.paths().filter(|path| path.ends_with(".dsl"));
        let files = files.map(|path| (path.to_owned(), workspace.feature(path).unwrap())).collect();
        Self { files, pipelines: workspace.pipelines(engine, &[]).unwrap() }
    }

    /// One feature file with the contracts and herds of the pairs.
    pub(crate) fn of_feature(path: &str, text: &str, engine: &dyn SqlEngine) -> (Self, Vec<String>) {
        let mut files = vec![("contracts/all.contract", CONTRACTS), (path, text)];
        files.extend(HERDS);
        for data in [
            "data/trades.csv",
            "data/archive.csv",
            "data/instruments.csv",
            "golden/trades.csv",
            "golden/more.csv",
            "golden/trades.out.jsonl",
        ] {
            files.push((data, ""));
        }
        let (workspace, errors) = workspace(&files);
        (Self::of(&workspace, engine), errors)
    }

    /// Without plans.
    pub(crate) fn unplanned(self) -> Self {
        Self { pipelines: Vec::new(), ..self }
    }
}

/// Every change between two versions.
pub(crate) fn changes(before: &Version, after: &Version, engine: &dyn SqlEngine) -> Vec<Change> {
    let files = |version: &Version| version.files.iter().map(|(path, file)| (path.clone(), Arc::clone(file))).collect::<Vec<_>>();
    let (old, new) = (files(before), files(after));
    let old: Vec<(&str, &FeatureFile)> = old.iter().map(|(path, file)| (path.as_str(), file.as_ref())).collect();
    let new: Vec<(&str, &FeatureFile)> = new.iter().map(|(path, file)| (path.as_str(), file.as_ref())).collect();
    let (before, after) = (Features::of_files(&old, &before.pipelines), Features::of_files(&new, &after.pipelines));
    compare(&before, &after, engine)
}

/// Changes for people: rule, item, part, message.
pub(crate) fn told(changes: &[Change]) -> Vec<String> {
    changes.iter().map(|change| format!("{} {} [{}] {}", change.rule.id, change.item.name, change.part, change.message)).collect()
}
