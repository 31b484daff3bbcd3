//! Applying fixes: all edits of a fix or none, no two over the same bytes, and never a change that breaks something.

use super::{FileTree, OpenError, Report, Workspace};
use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix};
use crate::sql::SqlEngine;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What fixing would change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// New texts by path.
    pub files: BTreeMap<String, String>,
    /// Titles of the fixes that were taken, in order.
    pub applied: Vec<String>,
    /// How many were left out because they touch the same bytes as another one; a second round may take them.
    pub skipped: usize,
    /// Titles of the fixes that were left out because their file would have new errors.
    pub refused: Vec<String>,
    /// How many may change the meaning, and were not asked for.
    pub unasked: usize,
}

/// The first applicable fix of each diagnostic, in their order, and how many more there are with a change of meaning. With `safe_only`, a
/// fix that may change the meaning is not taken.
fn chosen(diagnostics: &[Diagnostic], safe_only: bool) -> (Vec<&Fix>, usize) {
    let first =
        |trust: &[Applicability], diagnostic: &'_ Diagnostic| diagnostic.fixes.iter().position(|fix| trust.contains(&fix.applicability));
    let wanted: &[Applicability] = if safe_only { &[Applicability::Safe] } else { &[Applicability::Safe, Applicability::Unsafe] };
    let taken = diagnostics.iter().filter_map(|diagnostic| diagnostic.fixes.get(first(wanted, diagnostic)?)).collect();
    let unasked = |diagnostic: &&Diagnostic| first(wanted, diagnostic).is_none() && first(&[Applicability::Unsafe], diagnostic).is_some();
    (taken, diagnostics.iter().filter(unasked).count())
}

/// Makes the edits of these fixes; `text` gives the file that they were made for.
fn apply(fixes: &[&Fix], text: impl Fn(&str) -> Option<Arc<str>>) -> Changes {
    let mut changes = Changes::default();
    let mut taken: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for fix in fixes {
        let known = |edit: &Edit| taken.get(edit.path.as_str()).is_some_and(|others| others.contains(&edit));
        if fix.edits.iter().all(known) {
            // Two diagnostics may offer the very same edit; it is applied once.
            continue;
        }
        let clashes = |edit: &Edit| taken.get(edit.path.as_str()).is_some_and(|others| others.iter().any(|other| overlap(edit, other)));
        if fix.edits.iter().any(clashes) {
            changes.skipped += 1;
            continue;
        }
        for edit in &fix.edits {
            taken.entry(&edit.path).or_default().push(edit);
        }
        changes.applied.push(fix.title.clone());
    }
    for (path, mut edits) in taken {
        let Some(before) = text(path) else { continue };
        edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
        if let Some(after) = rewrite(&before, &edits)
            && *after != *before
        {
            changes.files.insert(path.to_owned(), after);
        }
    }
    changes
}

/// Whether two edits cannot both be made. Two insertions at one place cannot: their order would be a guess.
fn overlap(a: &Edit, b: &Edit) -> bool {
    a.range.start() == b.range.start() || (a.range.start() < b.range.end() && b.range.start() < a.range.end())
}

fn rewrite(before: &str, edits: &[&Edit]) -> Option<String> {
    let mut after = String::with_capacity(before.len());
    let mut at = 0;
    for edit in edits {
        let (start, end) = (usize::from(edit.range.start()), usize::from(edit.range.end()));
        after.push_str(before.get(at..start)?);
        after.push_str(&edit.text);
        at = end;
    }
    after.push_str(before.get(at..)?);
    Some(after)
}

impl Workspace {
    /// Computes the fixes of a report and checks the workspace as it would be: a fix that would give a file errors of a kind that it did not
    /// have is left out, and the others stay. Writes nothing: the caller writes [`Changes::files`].
    ///
    /// # Errors
    /// When the workspace cannot be read.
    pub fn fix(&self, report: &Report, safe_only: bool, engine: impl Fn() -> Arc<dyn SqlEngine>) -> Result<Changes, OpenError> {
        let (fixes, unasked) = chosen(&report.diagnostics, safe_only);
        let mut trial = Trial { workspace: self, report, engine: &engine, taken: Vec::new(), refused: Vec::new() };
        trial.admit(&fixes)?;
        let refused = trial.refused.iter().map(|fix| fix.title.clone()).collect();
        Ok(Changes { refused, unasked, ..trial.changes(&trial.taken) })
    }
}

/// The search for the fixes that break nothing together.
struct Trial<'t> {
    workspace: &'t Workspace,
    report: &'t Report,
    engine: &'t dyn Fn() -> Arc<dyn SqlEngine>,
    taken: Vec<&'t Fix>,
    refused: Vec<&'t Fix>,
}

impl<'t> Trial<'t> {
    fn changes(&self, fixes: &[&Fix]) -> Changes {
        apply(fixes, |path| self.report.sources.get(path).cloned().or_else(|| self.workspace.text(path)))
    }

    /// Takes those of `fixes` that break nothing beside what was taken; halves that break are searched, so that a single bad one among many
    /// costs few checks.
    fn admit(&mut self, fixes: &[&'t Fix]) -> Result<(), OpenError> {
        let together = [self.taken.as_slice(), fixes].concat();
        if fixes.is_empty() || self.is_sound(&self.changes(&together))? {
            self.taken = together;
            return Ok(());
        }
        if let [bad] = fixes {
            self.refused.push(bad);
            return Ok(());
        }
        let (first, second) = fixes.split_at(fixes.len() / 2);
        self.admit(first)?;
        self.admit(second)
    }

    fn is_sound(&self, changes: &Changes) -> Result<bool, OpenError> {
        if changes.files.is_empty() {
            return Ok(true);
        }
        let tree = Overlay { below: Arc::clone(self.workspace.tree()), files: changes.files.clone() };
        let after = Workspace::with_tree(Arc::new(tree), Some(&self.workspace.environment_name))?.check(self.engine)?;
        Ok(new_errors(self.report, &after).is_empty())
    }
}

/// Errors of which there are more than before, by file and code: offsets move when a text is edited.
fn new_errors(before: &Report, after: &Report) -> Vec<Diagnostic> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for diagnostic in before.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()) {
        *counts.entry((&diagnostic.place.path, &diagnostic.code)).or_default() += 1;
    }
    let mut new = Vec::new();
    for diagnostic in after.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()) {
        match counts.get_mut(&(diagnostic.place.path.as_str(), diagnostic.code.as_str())) {
            Some(count) if *count > 0 => *count -= 1,
            _ => new.push(diagnostic.clone()),
        }
    }
    new
}

/// A tree with some files replaced. Has no disk root, so that checking it leaves the cache alone.
#[derive(Debug)]
struct Overlay {
    below: Arc<dyn FileTree>,
    files: BTreeMap<String, String>,
}

impl FileTree for Overlay {
    fn list(&self, scope: &super::files::Scope) -> std::io::Result<Vec<super::files::Entry>> {
        self.below.list(scope)
    }

    fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        match self.files.get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.below.read(path),
        }
    }

    fn stat(&self, path: &str) -> Option<super::files::Stat> {
        self.below.stat(path)
    }

    fn names(&self, dir: &str) -> Vec<String> {
        self.below.names(dir)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::diagnostic::{Place, TextRange};
    use crate::diagnostics::workspace::INVALID_TOML;

    fn fixing(at: std::ops::Range<u32>, text: &str, applicability: Applicability) -> Diagnostic {
        let range = TextRange::new(at.start.into(), at.end.into());
        Diagnostic::new(&INVALID_TOML, Place::range("a.dsl", range), "x").with_fix(applicability, text, range, text)
    }

    fn fixed(diagnostics: &[Diagnostic], safe_only: bool) -> (Option<String>, usize) {
        let changes = apply(&chosen(diagnostics, safe_only).0, |_| Some("hello world".into()));
        (changes.files.get("a.dsl").cloned(), changes.skipped)
    }

    #[test]
    fn edits_are_made_together_and_overlapping_ones_wait() {
        let diagnostics =
            [fixing(6..11, "moon", Applicability::Safe), fixing(0..5, "bye", Applicability::Safe), fixing(3..7, "x", Applicability::Safe)];
        assert_eq!(fixed(&diagnostics, true), (Some("bye moon".to_owned()), 1));
    }

    #[test]
    fn what_may_change_the_meaning_is_asked_for() {
        let diagnostics = [fixing(0..5, "bye", Applicability::Unsafe), fixing(6..11, "x", Applicability::DisplayOnly)];
        assert_eq!(fixed(&diagnostics, true), (None, 0));
        assert_eq!((chosen(&diagnostics, true).1, chosen(&diagnostics, false).1), (1, 0));
        assert_eq!(fixed(&diagnostics, false), (Some("bye world".to_owned()), 0));
    }

    #[test]
    fn one_edit_offered_twice_is_made_once() {
        let diagnostics = [fixing(0..5, "bye", Applicability::Safe), fixing(0..5, "bye", Applicability::Safe)];
        assert_eq!(fixed(&diagnostics, true), (Some("bye world".to_owned()), 0));
    }
}
