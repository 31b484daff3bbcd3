//! The view of a comparison at a terminal: spans of both versions, who is reached, what data says.

use crate::human::Human;
use crate::table::{count, counted};
use runi_lang::diagnostic::{Diagnostic, Label, Place, Severity};
use runi_lang::diff::render::{Tally, evidence, headline, position, subject};
use runi_lang::diff::{Bump, Decision, Diff, Finding, Hit, ItemDiff, ItemKind, LiveDrift, Spot, Status};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Places of impact under one finding before it says how many more there are.
const PLACES: usize = 8;

/// Draws a comparison; `color` is for the terminal, `all` shows compatible changes in full.
pub(crate) fn human(diff: &Diff, color: bool, all: bool) -> String {
    let view = View { diff, human: Human::new(color, 110), all };
    let mut out = String::new();
    for problem in &diff.problems {
        let _ = writeln!(out, "{}", view.human.render(problem, &|path| view.text(path)).trim_end());
    }
    for item in &diff.items {
        view.item(item, &mut out);
    }
    for drift in &diff.drift {
        let mark = match drift.decision() {
            Decision::Denied => "×",
            Decision::Warned => "!",
            Decision::Accepted { .. } | Decision::Allowed => "✓",
        };
        let LiveDrift { source, scenario, path, line, location, .. } = drift;
        let _ = writeln!(out, "Drift ({}) of {source} in {scenario} ({path}:{line}), {location}", LiveDrift::RULE.id);
        for difference in &drift.differences {
            let _ = writeln!(out, "  {mark} {difference} ({})", drift.contract);
        }
        out.push('\n');
    }
    for unasked in &diff.unasked {
        let _ = writeln!(out, "  not asked: {unasked}");
    }
    out
}

/// The last line: `2 denied, 1 to review, 3 compatible; merge-base with main (1a2b3c4d5e6f) → working copy`.
pub(crate) fn summary(diff: &Diff) -> String {
    let tally = Tally::of(diff);
    let parts = [(tally.denied, "denied"), (tally.warned, "to review"), (tally.accepted, "accepted"), (tally.allowed, "compatible")];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let mut parts = parts;
    if tally.uncompared > 0 {
        parts.push(format!("{} could not be compared", counted(tally.uncompared as u64, "file")));
    }
    let what = if parts.is_empty() { headline(diff).text } else { parts.join(", ") };
    format!("{what}; {} → {}", side(&diff.base), side(&diff.head))
}

fn side(info: &runi_lang::diff::SideInfo) -> String {
    match info.commit.as_deref().and_then(|commit| commit.get(..12)) {
        Some(short) if !info.name.starts_with(short) => format!("{} ({short})", info.name),
        _ => info.name.clone(),
    }
}

struct View<'d> {
    diff: &'d Diff,
    human: Human,
    all: bool,
}

impl View<'_> {
    fn item(&self, item: &ItemDiff, out: &mut String) {
        let kind = match item.item.kind {
            ItemKind::Workspace => "Workspace",
            ItemKind::Contract => "Contract",
            ItemKind::Scenario => "Scenario",
            ItemKind::Step => "Step",
        };
        let path = item.path_after.as_ref().or(item.path_before.as_ref()).map_or("", String::as_str);
        let _ = write!(out, "{kind} {} ({path})", item.item.name);
        match (item.status, &item.path_before) {
            (Status::Added, _) => out.push_str(", new"),
            (Status::Removed, _) => out.push_str(", gone"),
            (Status::Moved, Some(before)) => {
                let _ = write!(out, ", moved from {before}");
            }
            _ => {}
        }
        if let (Some(before), Some(after)) = (item.version_before, item.version_after)
            && (item.bump > Bump::None || before != after)
        {
            let _ = write!(out, ", {before} → {after}, a {} bump is due", item.bump);
        }
        out.push('\n');
        let (brief, full): (Vec<&Finding>, Vec<&Finding>) =
            item.findings.iter().partition(|finding| finding.decision == Decision::Allowed && !self.all);
        for finding in full {
            let drawn = self.human.render(&self.diagnostic(finding), &|path| self.text(path));
            let _ = writeln!(out, "{}", drawn.trim_end());
        }
        for finding in brief {
            let _ = writeln!(out, "  ✓ {} {}", finding.change.rule.id, finding.change.message);
        }
        out.push('\n');
    }

    /// The finding as a diagnostic whose second place is in the old version.
    fn diagnostic(&self, finding: &Finding) -> Diagnostic {
        let change = &finding.change;
        let severity = match finding.decision {
            Decision::Denied => Severity::Error,
            Decision::Warned => Severity::Warning,
            Decision::Accepted { .. } | Decision::Allowed => Severity::Note,
        };
        let (now, then) = (change.after.as_ref().map(place), change.before.as_ref().map(|spot| self.old(spot)));
        let labels = match (&now, &then) {
            (Some(_), Some(then)) => vec![Label { place: then.clone(), message: "it was".to_owned() }],
            _ => Vec::new(),
        };
        let mut notes = vec![format!("consumers: {}, producers: {}, {} bump", change.consumer, change.producer, finding.bump)];
        if let Some(against) = &finding.against {
            notes.push(format!("found against {against}"));
        }
        if let Decision::Accepted { by, because, until } = &finding.decision {
            notes.push(format!("accepted by {by} until {until}: {because}"));
        }
        notes.extend(reached(&finding.impact));
        for (phrase, found) in evidence(finding).into_iter().zip(&finding.evidence) {
            notes.push(phrase);
            notes.extend(found.samples.iter().map(|sample| format!("{}: {}", position(sample), sample.value)));
        }
        Diagnostic {
            code: change.rule.id.to_owned(),
            severity,
            message: change.message.clone(),
            place: now.or(then).unwrap_or_else(|| Place::file(subject(finding))),
            label: String::new(),
            labels,
            notes,
            help: Some(finding.help.clone()).filter(|help| !help.is_empty()),
            fixes: Vec::new(),
        }
    }

    /// A place of the old version goes by a name of its own, because both versions mostly have the same path.
    fn old(&self, spot: &Spot) -> Place {
        Place::range(format!("{} at {}", spot.path, side(&self.diff.base)), spot.range)
    }

    fn text(&self, path: &str) -> Option<String> {
        let old = format!(" at {}", side(&self.diff.base));
        let text = match path.strip_suffix(&old) {
            Some(path) => self.diff.sources_before.get(path),
            None => self.diff.sources_after.get(path).or_else(|| self.diff.sources_before.get(path)),
        };
        text.map(ToString::to_string)
    }
}

fn place(spot: &Spot) -> Place {
    Place::range(spot.path.clone(), spot.range)
}

/// One line for each scenario and sink that is reached.
fn reached(hits: &[Hit]) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for hit in hits {
        let sink = match (&hit.sink, &hit.output) {
            (Some(sink), Some(output)) => format!(" → {sink}.{output}"),
            (Some(sink), None) => format!(" → which rows reach {sink}"),
            _ => String::new(),
        };
        let contract = hit.contract.as_ref().map_or(String::new(), |contract| format!(" ({contract})"));
        let package = hit.package.as_ref().map_or(String::new(), |package| format!("{package}: "));
        let column = if hit.column.is_empty() { "its rows".to_owned() } else { format!("`{}`", hit.column) };
        lines.insert((hit.distance, format!("{package}{} reads {column} at {}:{}{sink}{contract}", hit.scenario, hit.path, hit.line)));
    }
    let all = lines.len();
    let mut out: Vec<String> = lines.into_iter().take(PLACES).map(|(_, line)| line).collect();
    if all > PLACES {
        out.push(format!("and {} more", counted((all - PLACES) as u64, "place")));
    }
    if let Some(first) = out.first_mut() {
        first.insert_str(0, &format!("{} reached: ", count(all as u64)));
    }
    out
}
