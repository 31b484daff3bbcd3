//! Workflow commands of GitHub Actions: an annotation for each finding that is not simply allowed.

use super::{Lines, Version, evidence, reached_elsewhere};
use crate::diagnostic::render::{behind, github as diagnostics, github_data as data, github_property as property};
use crate::diff::finding::Decision;
use crate::diff::report::{Diff, LiveDrift};
use std::fmt::Write as _;

/// One annotation for each finding and each source that drifted, then one for each problem. `prefix` goes before every path: the workspace's directory in its repository
/// with `/` at the end, or nothing.
#[must_use]
pub fn github(diff: &Diff, prefix: &str) -> String {
    let file = |path: &str| format!("file={}", property(&behind(prefix, path)));
    let lines = Lines::new(diff);
    let mut out = String::new();
    for (item, finding) in diff.items.iter().flat_map(|item| item.findings.iter().map(move |finding| (item, finding))) {
        let command = match finding.decision {
            Decision::Denied => "error",
            Decision::Warned => "warning",
            Decision::Accepted { .. } => "notice",
            Decision::Allowed => continue,
        };
        let change = &finding.change;
        let mut properties = Vec::new();
        match lines.of(finding) {
            Some((located, Version::After)) => properties.push(format!("{},line={}", file(&located.path), located.start.line)),
            // The old line is not in the files that GitHub shows.
            Some((located, Version::Before)) => properties.push(file(&located.path)),
            None => {
                properties.extend(item.path_after.as_deref().or(item.path_before.as_deref()).map(|path| format!("{},line=1", file(path))))
            }
        }
        properties.push(format!("title={}", property(&format!("{} {}", change.rule.id, change.rule.name))));
        let mut message = format!("{} (consumers: {}, producers: {})", change.message, change.consumer, change.producer);
        for more in evidence(finding) {
            let _ = write!(message, "\n{more}");
        }
        if let Some(reached) = reached_elsewhere(finding) {
            let _ = write!(message, "\n{reached}");
        }
        if let Decision::Accepted { by, because, until } = &finding.decision {
            let _ = write!(message, "\naccepted by {by} until {until}: {because}");
        }
        if !finding.help.is_empty() {
            let _ = write!(message, "\nhelp: {}", finding.help);
        }
        let _ = writeln!(out, "::{command} {}::{}", properties.join(","), data(&message));
    }
    for drift in &diff.drift {
        let command = match drift.decision() {
            Decision::Denied => "error",
            Decision::Warned => "warning",
            Decision::Accepted { .. } | Decision::Allowed => continue,
        };
        let rule = LiveDrift::RULE;
        let title = property(&format!("{} {}", rule.id, rule.name));
        let message = format!("{} (consumers: {}, producers: {})", drift.message(), rule.consumer, rule.producer);
        let _ = writeln!(out, "::{command} {},line={},title={title}::{}", file(&drift.path), drift.line.max(1), data(&message));
    }
    out.push_str(&diagnostics(&diff.problems, &diff.sources_after, prefix));
    out
}
