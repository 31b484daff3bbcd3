//! A section of a changelog, as <https://keepachangelog.com/en/1.1.0/> has it: what people who use the data must know.

use super::subject;
use crate::diff::finding::Finding;
use crate::diff::report::{Diff, Status};
use crate::diff::rule::{Bump, Group};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The name of what has no version yet; it stays on top.
pub const UNRELEASED: &str = "Unreleased";
/// The kinds of changes, in their order.
const KINDS: [&str; 5] = ["Added", "Changed", "Deprecated", "Removed", "Security"];

/// `## [1.2.0] - 2026-11-22` with a list for each kind of change; `Unreleased` has no day.
#[must_use]
pub fn changelog(diff: &Diff, version: &str, day: Option<&str>) -> String {
    let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for item in &diff.items {
        let whole = match item.status {
            Status::Added => Some("Added"),
            Status::Removed => Some("Removed"),
            Status::Changed | Status::Moved => None,
        };
        // Which version is due is for the author to know, not for those who use the data; what only an earlier version would see, that
        // version's own section said.
        let told = |finding: &&Finding| finding.change.rule.name != "version-bump-too-small" && finding.against.is_none();
        for finding in item.findings.iter().filter(told) {
            let kind = whole.filter(|_| finding.change.part.is_empty()).unwrap_or_else(|| kind(finding));
            lists.entry(kind).or_default().push(line(finding));
        }
    }
    let mut out = match day {
        Some(day) => format!("## [{version}] - {day}\n"),
        None => format!("## [{version}]\n"),
    };
    for kind in KINDS {
        let Some(lines) = lists.get(kind) else { continue };
        let _ = write!(out, "\n### {kind}\n\n{}\n", lines.join("\n"));
    }
    out
}

/// Puts a section into a changelog: in place of the section of the same version, else before the newest release.
#[must_use]
pub fn insert_section(changelog: &str, section: &str) -> String {
    let heading = |line: &str| line.strip_prefix("## [").and_then(|rest| rest.split(']').next()).map(str::to_owned);
    let version = section.lines().next().and_then(heading);
    let lines: Vec<&str> = changelog.lines().collect();
    let starts: Vec<usize> = lines.iter().enumerate().filter(|(_, line)| line.starts_with("## ")).map(|(at, _)| at).collect();
    let same = starts.iter().position(|at| lines.get(*at).and_then(|line| heading(line)) == version);
    let (from, to) = match same {
        Some(index) => (starts.get(index).copied(), starts.get(index + 1).copied()),
        None => {
            let is_release = |at: &&usize| lines.get(**at).and_then(|line| heading(line)).is_none_or(|name| name != UNRELEASED);
            let newest = starts.iter().find(is_release).copied();
            (newest, newest)
        }
    };
    let (from, to) = (from.unwrap_or(lines.len()), to.unwrap_or(lines.len()));
    let (before, after) = (lines.get(..from).unwrap_or_default(), lines.get(to..).unwrap_or_default());
    let mut out = before.join("\n").trim_end().to_owned();
    if out.is_empty() {
        out.push_str("# Changelog");
    }
    let _ = write!(out, "\n\n{}\n", section.trim_end());
    if !after.is_empty() {
        let _ = writeln!(out, "\n{}", after.join("\n").trim_end());
    }
    out
}

fn kind(finding: &Finding) -> &'static str {
    let name = finding.change.rule.name;
    let words: Vec<&str> = name.split('-').collect();
    if finding.change.rule.group == Group::Governance {
        return "Security";
    }
    match (words.contains(&"deprecated"), words.last().copied()) {
        (true, _) => "Deprecated",
        (_, Some("added")) => "Added",
        (_, Some("removed")) => "Removed",
        _ => "Changed",
    }
}

fn line(finding: &Finding) -> String {
    let change = &finding.change;
    let breaking = if finding.bump == Bump::Major { "**Breaking:** " } else { "" };
    let message: String = change.message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("- {breaking}`{}`: {message} ({})", subject(finding).replace('`', "'"), change.rule.id)
}

#[cfg(test)]
mod tests {
    use super::insert_section;

    #[test]
    fn a_section_replaces_its_own_version_and_goes_before_others() {
        let old = "# Changelog\n\nAll of it.\n\n## [Unreleased]\n\n### Added\n\n- a\n\n## [1.0.0] - 2026-01-01\n\n- first\n";
        let new = insert_section(old, "## [Unreleased]\n\n### Removed\n\n- b\n");
        assert_eq!(new, "# Changelog\n\nAll of it.\n\n## [Unreleased]\n\n### Removed\n\n- b\n\n## [1.0.0] - 2026-01-01\n\n- first\n");
        let released = insert_section(&new, "## [1.1.0] - 2026-02-02\n\n- c\n");
        assert!(released.contains("- b\n\n## [1.1.0] - 2026-02-02\n\n- c\n\n## [1.0.0]"), "{released}");
        assert_eq!(insert_section("", "## [1.0.0]\n"), "# Changelog\n\n## [1.0.0]\n");
    }
}
