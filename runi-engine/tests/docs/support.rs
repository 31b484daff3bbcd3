//! Markdown with files in it, and workspaces of such files.

use runi_engine::sql::DataFusionEngine;
use runi_lang::diagnostic::{Diagnostic, Severity};
use runi_lang::sql::SqlEngine;
use runi_lang::workspace::{MemoryTree, Report, Workspace};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// One engine for all tests.
pub(crate) fn engine() -> Arc<dyn SqlEngine> {
    static ENGINE: LazyLock<Arc<DataFusionEngine>> = LazyLock::new(|| Arc::new(DataFusionEngine::new()));
    ENGINE.clone()
}

/// A fence of a Markdown text that begins with `file=…`.
#[derive(Debug, Clone)]
pub(crate) struct Fence {
    /// The file's path in its workspace.
    pub(crate) path: String,
    /// What the file holds.
    pub(crate) text: String,
}

/// A part of a Markdown text: a heading and what stands below it, up to the next heading of any level.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// The heading's text.
    pub(crate) title: String,
    /// Its files.
    pub(crate) fences: Vec<Fence>,
    /// What its `<!-- key: value, value -->` comments say, in order.
    pub(crate) remarks: Vec<(String, Vec<String>)>,
}

impl Section {
    /// The values of a remark; empty when there is none.
    pub(crate) fn remark(&self, key: &str) -> BTreeSet<String> {
        self.remarks.iter().filter(|(name, _)| name == key).flat_map(|(_, values)| values.iter().cloned()).collect()
    }
}

/// The sections of a Markdown text. A comment right before a heading belongs to the heading.
pub(crate) fn sections(markdown: &str) -> Vec<Section> {
    let mut out = vec![Section::default()];
    let mut before: Vec<(String, Vec<String>)> = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let last = out.last_mut().unwrap();
        if let Some(info) = line.strip_prefix("```") {
            let body: String = lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
            if let Some((_, path)) = info.split_once(" file=") {
                last.fences.push(Fence { path: path.trim().to_owned(), text: body });
            }
        } else if let Some(remark) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) {
            let (key, values) = remark.split_once(": ").unwrap_or((remark, ""));
            let remark = (key.to_owned(), values.split(", ").filter(|value| !value.is_empty()).map(str::to_owned).collect());
            if key == "shared" { before.push(remark) } else { last.remarks.push(remark) }
        } else if line.starts_with('#') {
            let title = line.trim_start_matches('#').trim().to_owned();
            out.push(Section { title, fences: Vec::new(), remarks: std::mem::take(&mut before) });
        }
    }
    out
}

/// Files in memory, checked in the environment `dev`; without a `Runi.toml` among them they get an empty one.
pub(crate) fn workspace(files: &[Fence]) -> (Workspace, Report) {
    let tree = MemoryTree::new(files.iter().map(|file| (file.path.clone(), file.text.as_str())));
    if !files.iter().any(|file| file.path == "Runi.toml") {
        tree.write("Runi.toml", "");
    }
    let mut workspace = Workspace::with_tree(Arc::new(tree), None).unwrap();
    let report = workspace.check(engine).unwrap();
    (workspace, report)
}

/// A directory as files in memory, so that a check leaves nothing behind in it.
pub(crate) fn load(dir: &Path) -> Vec<Fence> {
    let mut files = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_str().unwrap().replace('\\', "/");
                // Data need not be text; it only has to be there.
                files.push(Fence { path: name, text: fs::read_to_string(&path).unwrap_or_default() });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The codes of a report, each once; notes count only when they are asked for.
pub(crate) fn codes(report: &Report, from: Severity) -> BTreeSet<String> {
    report.diagnostics.iter().filter(|diagnostic| diagnostic.severity <= from).map(|diagnostic| diagnostic.code.clone()).collect()
}

/// The 1-based line of a diagnostic.
pub(crate) fn line(report: &Report, diagnostic: &Diagnostic) -> Option<usize> {
    let start = usize::from(diagnostic.place.text_range()?.start());
    Some(report.sources.get(&diagnostic.place.path)?.get(..start)?.matches('\n').count() + 1)
}

/// A report for the eyes of whoever broke it.
pub(crate) fn shown(report: &Report) -> String {
    let mut out = String::new();
    for diagnostic in &report.diagnostics {
        let at = line(report, diagnostic).map(|line| format!(":{line}")).unwrap_or_default();
        let place = diagnostic.place.text_range().zip(report.sources.get(&diagnostic.place.path));
        let text = place.and_then(|(range, text)| text.get(usize::from(range.start())..usize::from(range.end()))).unwrap_or_default();
        let text = text.lines().next().unwrap_or_default();
        let help = diagnostic.help.as_deref().unwrap_or_default();
        let _ = writeln!(out, "  {} {}{at} `{text}` {} ({help})", diagnostic.code, diagnostic.place.path, diagnostic.message);
    }
    out
}

/// Collects what is wrong with many examples, so that one run shows all of it.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<String>);

impl Findings {
    /// Notes a problem.
    pub(crate) fn add(&mut self, problem: impl Into<String>) {
        self.0.push(problem.into());
    }

    /// Fails when there is any.
    pub(crate) fn settle(self) {
        assert!(self.0.is_empty(), "{} problems\n\n{}", self.0.len(), self.0.join("\n"));
    }
}
