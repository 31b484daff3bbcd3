//! Markdown for a pull request: a verdict in the first line, what to do, and the rest behind folds.
//!
//! The first line is an HTML comment that stays the same for a workspace, so that a bot finds its own comment and updates it.
//! Names and messages come from files that anybody may send: everything is escaped, and nothing mentions a person by accident.

use super::{Headline, Lines, Located, Tally, Version, counted, evidence, headline, position, subject};
use crate::diff::finding::{Decision, Finding, Hit};
use crate::diff::report::{Diff, LiveDrift, SideInfo, Status};
use std::fmt::Write as _;

/// GitHub refuses a comment of more than 65,536 characters; the rest is for what a caller adds.
const LONGEST: usize = 60_000;
/// Rows of a table before it says how many more there are.
const ROWS: usize = 50;
/// Versions in the first lines.
const VERSIONS: usize = 8;
/// Versions behind the fold.
const MOST_VERSIONS: usize = 200;

/// What the text needs to know besides the diff.
#[derive(Debug, Clone, Default)]
pub struct Markdown {
    /// The workspace's name, part of the anchor.
    pub workspace: String,
    /// The workspace's directory in the repository, with `/` at the end, so that links work; empty at the root.
    pub prefix: String,
    /// Where files of the new version are shown, such as `https://github.com/o/r/blob/<commit>/`; without it there are no links.
    pub blob_url: Option<String>,
    /// What else failed for this version, such as its check or its tests: it comes before the verdict.
    pub failures: Vec<Failure>,
}

/// Something besides the comparison that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For the first line: `check failed: 3 errors`.
    pub headline: String,
    /// Each of them, a place and a sentence.
    pub items: Vec<(String, String)>,
}

impl Markdown {
    /// The first line: the same for a workspace of a repository in every version, and for no other one.
    #[must_use]
    pub fn anchor(&self) -> String {
        let name = match self.prefix.trim_end_matches('/') {
            "" => self.workspace.clone(),
            folder => format!("{} in {folder}", self.workspace),
        };
        let name: String = name.chars().map(|c| if c.is_control() || matches!(c, '<' | '>') { ' ' } else { c }).collect();
        format!("<!-- runi-diff: {} -->", name.replace("--", "- -"))
    }
}

/// The comment of a pull request.
#[must_use]
pub fn markdown(diff: &Diff, options: &Markdown) -> String {
    let page = Page { diff, options, lines: Lines::new(diff) };
    let mut out = page.head();
    let sections = [
        page.failures(),
        page.broken(),
        page.denied(),
        page.warned(),
        page.accepted(),
        page.drifted(),
        page.reached(),
        page.data(),
        page.all(),
        page.versions(),
    ];
    for section in sections {
        if out.len() + section.len() > LONGEST {
            out.push_str("\n> The rest does not fit into a comment; `runi diff` shows it.\n");
            break;
        }
        out.push_str(&section);
    }
    out.push_str(&page.foot());
    out
}

struct Page<'d> {
    diff: &'d Diff,
    options: &'d Markdown,
    lines: Lines<'d>,
}

impl Page<'_> {
    fn head(&self) -> String {
        let tally = Tally::of(self.diff);
        let mut out = format!("{}\n", self.options.anchor());
        let Headline { mark, text: verdict } = headline(self.diff);
        let mut parts: Vec<&str> = self.options.failures.iter().map(|failure| failure.headline.as_str()).collect();
        // Where something failed, that nothing else did is no news.
        let is_news = parts.is_empty() || mark != "✅";
        let mark = if parts.is_empty() { mark } else { "❌" };
        if is_news {
            parts.push(&verdict);
        }
        let _ = writeln!(out, "### Runi: {mark} {}\n", parts.join("; "));
        let _ = writeln!(out, "{} → {}", side(&self.diff.base), side(&self.diff.head));
        let counts = [(tally.denied, "denied"), (tally.warned, "to review"), (tally.accepted, "accepted"), (tally.allowed, "compatible")];
        let counts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("**{n}** {what}")).collect();
        if !counts.is_empty() {
            let _ = writeln!(out, "\n{}", counts.join(" · "));
        }
        let bumps: Vec<String> = self.diff.items.iter().filter_map(bump).collect();
        if let Some(shown) = bumps.get(..bumps.len().min(VERSIONS)).filter(|shown| !shown.is_empty()) {
            let more = bumps.len() - shown.len();
            let more = if more > 0 { format!(" and {more} more, below") } else { String::new() };
            let _ = writeln!(out, "\nVersions: {}{more}", shown.join(", "));
        }
        out
    }

    /// What failed besides the comparison.
    fn failures(&self) -> String {
        let mut out = String::new();
        for failure in &self.options.failures {
            let _ = writeln!(out, "\n#### {}\n", capital(&failure.headline));
            for (place, message) in failure.items.iter().take(ROWS) {
                let _ = writeln!(out, "- {}: {}", code(place), text(message));
            }
            more(&mut out, failure.items.len());
        }
        out
    }

    /// The versions that the first lines do not name.
    fn versions(&self) -> String {
        let bumps: Vec<String> = self.diff.items.iter().filter_map(bump).collect();
        let Some(rest) = bumps.get(VERSIONS..).filter(|rest| !rest.is_empty()) else { return String::new() };
        let mut body: String = rest.iter().take(MOST_VERSIONS).map(|bump| format!("- {bump}\n")).collect();
        if rest.len() > MOST_VERSIONS {
            let _ = writeln!(body, "\nand {} more.", rest.len() - MOST_VERSIONS);
        }
        fold(&format!("More versions ({})", rest.len()), &body)
    }

    /// What could not be compared.
    fn broken(&self) -> String {
        if self.diff.problems.is_empty() {
            return String::new();
        }
        let mut out = "\n#### Not compared\n\n".to_owned();
        for problem in self.diff.problems.iter().take(ROWS) {
            let _ = writeln!(out, "- {} {}: {}", code(&problem.code), code(&problem.place.path), text(&problem.message));
        }
        more(&mut out, self.diff.problems.len());
        out
    }

    fn denied(&self) -> String {
        let findings = self.with(|decision| matches!(decision, Decision::Denied));
        if findings.is_empty() {
            return String::new();
        }
        let mut out = format!("\n#### Breaks\n\n{}", self.table(&findings));
        out.push_str(&todo(&findings));
        out
    }

    fn warned(&self) -> String {
        let findings = self.with(|decision| matches!(decision, Decision::Warned));
        if findings.is_empty() {
            return String::new();
        }
        format!("\n#### To review\n\n{}{}", self.table(&findings), todo(&findings))
    }

    fn accepted(&self) -> String {
        let mut out = String::new();
        for finding in self.diff.findings() {
            let Decision::Accepted { by, because, until } = &finding.decision else { continue };
            if out.is_empty() {
                out.push_str("\n#### Accepted breaks\n\n| Rule | Change | By | Until | Because |\n|---|---|---|---|---|\n");
            }
            let change = &finding.change;
            let _ = writeln!(out, "| {} | {} | {} | {until} | {} |", code(change.rule.id), text(&change.message), code(by), text(because));
        }
        out
    }

    /// Sources whose columns are not what they are declared to be.
    fn drifted(&self) -> String {
        let mut out = String::new();
        for drift in self.diff.drift.iter().take(ROWS) {
            if out.is_empty() {
                out.push_str("\n#### Drift: what the sources really are\n\n| Rule | Source | Contract | Difference |\n|---|---|---|---|\n");
            }
            let differences: Vec<String> = drift.differences.iter().map(|difference| text(difference)).collect();
            let verdict = match drift.decision() {
                Decision::Denied => "❌ ",
                Decision::Warned => "⚠️ ",
                Decision::Accepted { .. } | Decision::Allowed => "",
            };
            let place = self.link(&drift.path, drift.line as usize);
            let source = code(&format!("{}.{}", drift.scenario, drift.source));
            let _ = writeln!(
                out,
                "| {verdict}{} {} | {source}, {place}<br>{} | {} | {} |",
                code(LiveDrift::RULE.id),
                text(LiveDrift::RULE.name),
                code(&drift.location),
                code(&drift.contract),
                differences.join("<br>")
            );
        }
        out
    }

    /// Who is reached, one line for each scenario and column.
    fn reached(&self) -> String {
        let mut rows: Vec<(&Finding, &Hit)> =
            self.diff.findings().flat_map(|finding| finding.impact.iter().map(move |hit| (finding, hit))).collect();
        rows.dedup();
        if rows.is_empty() {
            return String::new();
        }
        let mut body = "| Change | Scenario | Reads | Reaches |\n|---|---|---|---|\n".to_owned();
        for (finding, hit) in rows.iter().take(ROWS) {
            let place = self.link(&hit.path, hit.line as usize);
            let stage = if hit.stage.is_empty() { String::new() } else { format!(" in {}", code(&hit.stage)) };
            let reaches = match (&hit.sink, &hit.output) {
                (Some(sink), Some(output)) => format!("{} {}", code(&format!("{sink}.{output}")), contract(hit)),
                (Some(sink), None) => format!("{} (which rows) {}", code(sink), contract(hit)),
                _ => "–".to_owned(),
            };
            let package = hit.package.as_ref().map_or(String::new(), |package| format!(" of {}", code(package)));
            let _ = writeln!(
                body,
                "| {} {} | {}{package} | {}{stage}, {place} | {} |",
                code(finding.change.rule.id),
                code(&subject(finding)),
                code(&hit.scenario),
                if hit.column.is_empty() { "its rows".to_owned() } else { code(&hit.column) },
                reaches.trim_end(),
            );
        }
        more(&mut body, rows.len());
        fold(&format!("Who is reached ({})", counted(rows.len(), "place")), &body)
    }

    /// What current data says.
    fn data(&self) -> String {
        let mut body = String::new();
        for finding in self.diff.findings() {
            for (phrase, found) in evidence(finding).iter().zip(&finding.evidence) {
                let _ = writeln!(body, "- {} {}: {}", code(finding.change.rule.id), code(&subject(finding)), text(phrase));
                for sample in &found.samples {
                    let _ = writeln!(body, "  - {}: {}", code(&position(sample)), text(&sample.value));
                }
            }
        }
        for unasked in &self.diff.unasked {
            let _ = writeln!(body, "- not asked: {}", text(unasked));
        }
        if body.is_empty() { body } else { fold("What current data says", &body) }
    }

    /// Every change, with the compatible ones.
    fn all(&self) -> String {
        let mut findings: Vec<&Finding> = self.diff.findings().collect();
        let moved: Vec<String> = self
            .diff
            .items
            .iter()
            .filter(|item| item.status == Status::Moved)
            .filter_map(|item| {
                Some(format!(
                    "- {} moved from {} to {}",
                    code(&item.item.name),
                    code(item.path_before.as_ref()?),
                    code(item.path_after.as_ref()?)
                ))
            })
            .collect();
        findings.retain(|finding| matches!(finding.decision, Decision::Allowed));
        if findings.is_empty() && moved.is_empty() {
            return String::new();
        }
        let mut body = if findings.is_empty() { String::new() } else { self.table(&findings) };
        if !moved.is_empty() {
            let _ = writeln!(body, "\n{}", moved.join("\n"));
        }
        fold(&format!("Compatible changes ({})", findings.len() + moved.len()), &body)
    }

    fn foot(&self) -> String {
        let base = self.diff.base.commit.as_deref().map_or(self.diff.base.name.as_str(), short);
        format!(
            "\n<sub>Reproduce with `runi diff --against {}`; `runi explain RULE` tells what a rule means.</sub>\n",
            base.replace(['`', '\n'], "")
        )
    }

    fn with(&self, wanted: impl Fn(&Decision) -> bool) -> Vec<&Finding> {
        self.diff.findings().filter(|finding| wanted(&finding.decision)).collect()
    }

    fn table(&self, findings: &[&Finding]) -> String {
        let mut out = "| Rule | Where | Change | Readers | Writers, data | Reached |\n|---|---|---|---|---|---|\n".to_owned();
        for finding in findings.iter().take(ROWS) {
            let change = &finding.change;
            let place = match self.lines.of(finding) {
                Some((Located { path, start, .. }, Version::After)) => format!("<br>{}", self.link(&path, start.line)),
                Some((Located { path, start, .. }, Version::Before)) => format!("<br>{} before", code(&format!("{path}:{}", start.line))),
                None => String::new(),
            };
            let mut scenarios: Vec<(Option<&str>, &str)> =
                finding.impact.iter().map(|hit| (hit.package.as_deref(), hit.scenario.as_str())).collect();
            scenarios.sort_unstable();
            scenarios.dedup();
            let reached = if scenarios.is_empty() { "–".to_owned() } else { counted(scenarios.len(), "scenario") };
            let data = evidence(finding).first().map_or(String::new(), |phrase| format!("<br>{}", text(phrase)));
            let _ = writeln!(
                out,
                "| {} {} | {}{place} | {}{data} | {} | {} | {reached} |",
                code(change.rule.id),
                text(change.rule.name),
                code(&subject(finding)),
                text(&change.message),
                change.consumer,
                change.producer,
            );
        }
        more(&mut out, findings.len());
        out
    }

    /// `path:line`, as a link when it is known where files are shown.
    fn link(&self, path: &str, line: usize) -> String {
        let shown = code(&format!("{path}:{line}"));
        match &self.options.blob_url {
            Some(url) => {
                let target = crate::diagnostic::render::uri(&crate::diagnostic::render::behind(&self.options.prefix, path));
                format!("[{shown}]({}/{target}#L{line})", url.trim_end_matches('/'))
            }
            None => shown,
        }
    }
}

fn todo(findings: &[&Finding]) -> String {
    let mut out = String::new();
    let mut seen: Vec<&str> = Vec::new();
    for finding in findings.iter().take(ROWS).filter(|finding| !finding.help.is_empty()) {
        if seen.contains(&finding.help.as_str()) {
            continue;
        }
        seen.push(&finding.help);
        if out.is_empty() {
            out.push_str("\n**What to do**\n\n");
        }
        let _ = writeln!(out, "- {}: {}", code(&subject(finding)), text(&finding.help));
    }
    out
}

fn bump(item: &crate::diff::ItemDiff) -> Option<String> {
    let (before, after) = (item.version_before?, item.version_after?);
    if item.bump == crate::diff::Bump::None && before == after {
        return None;
    }
    Some(format!("{} {before} → {after} (a {} bump is due)", code(&item.item.name), item.bump))
}

fn contract(hit: &Hit) -> String {
    hit.contract.as_ref().map_or(String::new(), |name| format!("({})", code(name)))
}

fn side(info: &SideInfo) -> String {
    match &info.commit {
        Some(commit) if short(commit) != info.name => format!("{} ({})", code(&info.name), code(short(commit))),
        _ => code(&info.name),
    }
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

fn fold(title: &str, body: &str) -> String {
    format!("\n<details><summary>{title}</summary>\n\n{body}\n</details>\n")
}

fn more(out: &mut String, all: usize) {
    if all > ROWS {
        let _ = writeln!(out, "\nand {} more.", all - ROWS);
    }
}

/// As a heading begins.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A code span that holds any text on one line, in a table too: a mention or a link in it stays text.
fn code(content: &str) -> String {
    let flat: String = content.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let flat = flat.replace('|', "\\|");
    let longest = flat.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if flat.starts_with('`') || flat.ends_with('`') || flat.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{flat}{pad}{fence}")
}

/// Prose on one line: code spans stay, everything else that Markdown or HTML would read is escaped.
fn text(content: &str) -> String {
    let mut out = String::with_capacity(content.len());
    for (index, part) in content.split('`').enumerate() {
        let closed = content.matches('`').count().is_multiple_of(2);
        if index % 2 == 1 && closed {
            out.push_str(&code(part));
            continue;
        }
        if index > 0 && !closed {
            out.push_str("\\`");
        }
        for c in part.chars() {
            match c {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                // A zero-width joiner would do too; the entity is visible in the source.
                '@' => out.push_str("&#64;"),
                '#' => out.push_str("&#35;"),
                '|' | '*' | '_' | '[' | ']' | '\\' | '~' | '!' => {
                    out.push('\\');
                    out.push(c);
                }
                c if c.is_control() => out.push(' '),
                c => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn what_people_write_stays_text() {
        assert_eq!(text("ask @org/team <img src=x> a|b #1"), "ask &#64;org/team &lt;img src=x&gt; a\\|b &#35;1");
        assert_eq!(text("`a|b` is\nnew"), "`a\\|b` is new");
        assert_eq!(text("a lone ` quote"), "a lone \\` quote");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("``"), "``` `` ```");
    }
}
