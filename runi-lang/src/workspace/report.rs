//! The outcome of a check: every problem with its place found, in order, within limits.

use super::Workspace;
use super::scan::FileState;
use crate::db::{self, Counts};
use crate::diagnostic::{At, Diagnostic, Place, Severity, TextRange};
use crate::diagnostics::names::{UNKNOWN_COLUMN, UNKNOWN_CONTRACT};
use crate::diagnostics::syntax::{is_contract_name_missing, is_field_name_missing};
use crate::model::Spans;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// At most this many problems of one file are shown.
const SHOWN_PER_FILE: usize = 50;

/// The outcome of a check.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Every shown problem, by path and offset; places are ranges or whole files.
    pub diagnostics: Vec<Diagnostic>,
    /// How many more there are in a file than are shown.
    pub hidden: BTreeMap<String, usize>,
    /// The texts of the files that the problems speak of.
    pub sources: BTreeMap<String, Arc<str>>,
    /// What was done.
    pub stats: Stats,
    /// `Then` lines of all scenarios.
    pub promises: Promises,
}

/// What a check did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Contracts, features and herds.
    pub files: usize,
    /// Files that were parsed.
    pub parsed: usize,
    /// Summaries that were made.
    pub summarised: usize,
    /// Files that were checked.
    pub checked: usize,
    /// Contracts and features whose result was known.
    pub cached: usize,
}

/// How many promises there are, and how many are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Promises {
    /// With a check.
    pub checked: usize,
    /// All.
    pub total: usize,
}

impl Report {
    /// How many problems have this severity, the hidden ones not counted.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// Whether anything is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

impl Workspace {
    /// What the checks of single files found, with places as they were written: an item of another file is still a name.
    pub(crate) fn found(&self) -> impl Iterator<Item = &Diagnostic> {
        self.files.values().flat_map(|file| &file.check.checked.diagnostics)
    }

    /// Puts together what every check and the workspace as a whole found.
    pub(super) fn report(&self, counts: Counts) -> Report {
        let mut all = self.verify();
        all.extend(self.files.values().flat_map(|file| file.check.checked.diagnostics.iter().cloned()));
        let manifest = self.manifest();
        let mut places = Places { workspace: self, spans: FxHashMap::default() };
        let mut all: Vec<Diagnostic> =
            all.into_iter().filter_map(|diagnostic| manifest.apply_lint(diagnostic)).map(|diagnostic| places.resolve(diagnostic)).collect();
        if all.iter().any(is_contract_name_missing) {
            // Any contract that is not found may be the one that has no name, unless another was nearly named.
            all.retain(|diagnostic| diagnostic.code != UNKNOWN_CONTRACT.id || !diagnostic.fixes.is_empty());
        }
        if all.iter().any(is_field_name_missing) {
            // And any column that is not found the one of the field without a name.
            all.retain(|diagnostic| diagnostic.code != UNKNOWN_COLUMN.id || !diagnostic.fixes.is_empty());
        }
        all.sort_by(|a, b| key(a).cmp(&key(b)));
        all.dedup();

        let mut report = Report { stats: self.stats(counts), promises: self.promises(), ..Report::default() };
        let mut shown: BTreeMap<String, usize> = BTreeMap::new();
        // Errors first, so that fifty warnings never hide the reason of a failure.
        for errors in [true, false] {
            for diagnostic in all.iter().filter(|diagnostic| diagnostic.is_error() == errors) {
                let count = shown.entry(diagnostic.place.path.clone()).or_default();
                if *count < SHOWN_PER_FILE {
                    *count += 1;
                    report.diagnostics.push(diagnostic.clone());
                } else {
                    *report.hidden.entry(diagnostic.place.path.clone()).or_default() += 1;
                }
            }
        }
        report.diagnostics.sort_by(|a, b| key(a).cmp(&key(b)));
        for diagnostic in &report.diagnostics {
            let paths = std::iter::once(&diagnostic.place.path)
                .chain(diagnostic.labels.iter().map(|label| &label.place.path))
                .chain(diagnostic.fixes.iter().flat_map(|fix| fix.edits.iter().map(|edit| &edit.path)));
            for path in paths {
                if !report.sources.contains_key(path)
                    && let Some(text) = self.text(path)
                {
                    report.sources.insert(path.clone(), text);
                }
            }
        }
        report
    }

    fn stats(&self, counts: Counts) -> Stats {
        let readable = self.files.values().filter(|file| file.is_readable()).count();
        Stats {
            files: self.files.len(),
            parsed: counts.parsed,
            summarised: counts.summarised,
            checked: counts.checked,
            cached: readable.saturating_sub(counts.checked),
        }
    }

    fn promises(&self) -> Promises {
        self.scenarios().fold(Promises::default(), |sum, (_, facts)| Promises {
            checked: sum.checked + facts.promises_checked,
            total: sum.total + facts.promises_total,
        })
    }
}

fn key(diagnostic: &Diagnostic) -> (&str, Offsets, &str, &str) {
    (
        &diagnostic.place.path,
        diagnostic.place.text_range().map(|range| (range.start().into(), range.end().into())),
        &diagnostic.code,
        &diagnostic.message,
    )
}

type Offsets = Option<(u32, u32)>;

/// Finds where items stand.
struct Places<'w> {
    workspace: &'w Workspace,
    spans: FxHashMap<String, Arc<Spans>>,
}

impl Places<'_> {
    fn resolve(&mut self, mut diagnostic: Diagnostic) -> Diagnostic {
        self.place(&mut diagnostic.place);
        for label in &mut diagnostic.labels {
            self.place(&mut label.place);
        }
        diagnostic
    }

    fn place(&mut self, place: &mut Place) {
        let At::Item(item) = &place.at else { return };
        let spans = match self.spans.get(&place.path) {
            Some(spans) => Arc::clone(spans),
            None => {
                let spans = Arc::new(self.workspace.spans(&place.path).unwrap_or_default());
                self.spans.insert(place.path.clone(), Arc::clone(&spans));
                spans
            }
        };
        place.at = find(&spans, &item.0).map_or(At::File, At::Range);
    }
}

/// The range of an item, or of the nearest thing around it.
fn find(spans: &Spans, item: &str) -> Option<TextRange> {
    let mut item = item;
    loop {
        if let Some(range) = spans.get(item) {
            return Some(range);
        }
        item = item.rsplit_once('/')?.0;
    }
}

impl Workspace {
    fn spans(&self, path: &str) -> Option<Spans> {
        let file: &FileState = self.files.get(path)?;
        if let Some(input) = file.input {
            return Some(db::model(&self.db, input).items.spans().clone());
        }
        let text = self.text(path)?;
        Some(db::read_model(path, file.role.grammar()?, &text).items.spans().clone())
    }
}
