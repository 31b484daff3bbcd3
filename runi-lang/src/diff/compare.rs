//! The comparison: both sides' items paired by name, compared, judged, and followed to whom they reach.

use super::change::{Change, Item, ItemKind, Spot};
use super::contract;
use super::drift::{Drifted, placed};
use super::environments;
use super::feature::{self, Features};
use super::finding::Finding;
use super::focus::Seeds;
use super::history::{self, Tagged};
use super::impact::{self, Reach};
use super::judge::{Earlier, ItemChanges, Judge, Settings};
use super::neighbours::Search;
use super::plans::{Plans, plans};
use super::policy;
use super::report::{Diff, ItemDiff, Status};
use super::request::{Pair, RequestError};
use super::rules::{I001, X006};
use super::side::{Found, Said, step_name};
use super::twice::twice;
use crate::diagnostic::render::LineIndex;
use crate::diagnostic::{At, Diagnostic, Place, TextRange, TextSize};
use crate::diagnostics::history::old_version_broken;
use crate::git::{CodeOwners, Tag};
use crate::model::{Accept, Contract, Date, FeatureFile, History, Spans};
use crate::sql::SqlEngine;
use crate::workspace::{OpenError, manifest};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a comparison depends on besides its two sides.
pub struct CompareOptions<'a> {
    /// The day for which `@accept`, `@deprecated` and `@renamed_from` are judged.
    pub today: Date,
    /// How far back contracts are compared, whatever their `@compatibility` says.
    pub history: Option<History>,
    /// Makes the engine that types SQL; called only when a feature or the words of a rule differ, or a plan is needed.
    pub engine: contract::MakeEngine<'a>,
}

impl std::fmt::Debug for CompareOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompareOptions").field("today", &self.today).field("history", &self.history).finish_non_exhaustive()
    }
}

/// One item that may differ, before it is judged.
#[derive(Debug)]
struct Draft {
    item: Item,
    status: Status,
    paths: [Option<Arc<str>>; 2],
    contracts: [Option<Arc<Contract>>; 2],
    /// Where the parts of those stand.
    spans: [Option<Arc<Spans>>; 2],
    /// Whether each contract has a `@compatibility` of its own.
    declared: [bool; 2],
    /// What a scenario or step accepts.
    accepted: Vec<(Accept, Place)>,
    changes: Vec<Change>,
}

/// Compares two versions of a workspace.
///
/// # Errors
/// When a side cannot be listed, or history that is asked for is not there.
pub fn compare(pair: &Pair, options: &CompareOptions<'_>) -> Result<Diff, RequestError> {
    let (before, after) = rayon::join(|| Said::read(&pair.base, &pair.changed), || Said::read(&pair.head, &pair.changed));
    let (before, mut after) = (before?, after?);
    declared_twice(pair, &before, &mut after)?;
    let mut diff = Diff { base: pair.base.info.clone(), head: pair.head.info.clone(), ..Diff::default() };
    diff.problems = problems(pair, &before, &after);

    let settings = pair.settings();
    let mut drafts = contracts(&before, &after, settings, options.engine);
    let mut seeds = seeds(&drafts, &before, &after);
    let moved = if environments::differ(pair) { environments::moved(pair, options.engine)? } else { Vec::new() };
    // Whom that reaches is followed as if the feature had said it.
    seeds.paths.extend(moved.iter().flat_map(|moved| moved.paths.iter().flatten()).map(|path| path.to_string()));
    let nothing = seeds.names.is_empty() && seeds.paths.is_empty();
    let mut plans = if nothing { Plans::default() } else { plans(pair, &seeds, [&before, &after], options.engine)? };
    diff.problems.extend(plans.unknown.iter().chain(&plans.problems).cloned());
    if !seeds.paths.is_empty() {
        drafts.extend(features(&before, &after, &plans, &*(options.engine)()));
    }
    add_drift(&mut drafts, &plans.drifted);
    // What a feature says of the same sink or source is said once.
    let told = |drafts: &[Draft], change: &Change| {
        let same = |known: &Change| known.rule.id == change.rule.id && known.part == change.part;
        drafts.iter().any(|draft| draft.item == change.item && draft.changes.iter().any(same))
    };
    let moved: Vec<Drifted> = moved.into_iter().filter(|moved| !told(&drafts, &moved.change)).collect();
    add_drift(&mut drafts, &moved);
    drafts.extend(policy_draft(pair, &mut diff));
    let owners = if drafts.iter().any(Draft::accepts) { policy::owners(pair)? } else { CodeOwners::default() };
    let mut tags = Vec::new();
    for draft in drafts {
        let Draft { item, status, paths: [path_before, path_after], contracts, spans, declared, accepted, changes } = draft;
        let owners = |_: &str| policy::owners_of(&owners, [path_before.as_deref(), path_after.as_deref()]);
        let judge = Judge { settings, today: options.today, engine: options.engine, owners: &owners };
        let path = path_after.as_deref().or(path_before.as_deref()).unwrap_or_default();
        let [old, new] = &contracts;
        let promised = old.as_ref().map(|old| (old, declared[0])).or(new.as_ref().map(|new| (new, declared[1])));
        let tagged = match promised.filter(|_| new.is_some()) {
            Some((contract, own)) => {
                let history = options.history.clone().unwrap_or_else(|| settings.compatibility(contract, own).history);
                earlier(pair, history, &item.name, path, &mut tags, &mut diff.problems)?
            }
            None => Vec::new(),
        };
        let shown: Vec<String> = tagged.iter().map(|Tagged { tag, found }| format!("{} at {tag}", found.path)).collect();
        let versions: Vec<Earlier<'_>> = tagged
            .iter()
            .zip(&shown)
            .map(|(Tagged { tag, found }, path)| Earlier { name: tag, side: contract::Side::new(&found.contract, path, &found.spans) })
            .collect();
        let contracts_now = [old.as_deref(), new.as_deref()];
        let case = ItemChanges { item: &item, contracts: contracts_now, declared, accepted: &accepted, path, changes };
        let mut judged = judge.judge_with_history(case, &versions);
        diff.problems.extend(std::mem::take(&mut judged.problems));
        mend_first(&mut judged.findings, path, &plans.unknown);
        place_versions(&mut judged.findings, path_after.as_ref(), spans[1].as_deref());
        for (Tagged { tag, found }, path) in tagged.iter().zip(&shown) {
            if judged.findings.iter().any(|finding| finding.against.as_ref() == Some(tag)) {
                diff.sources_before.insert(path.clone(), Arc::clone(&found.text));
            }
        }
        for change in judged.findings.iter_mut().map(|finding| &mut finding.change).filter(|_| item.kind == ItemKind::Contract) {
            narrow(&change.part, &mut change.before, |path| diff.sources_before.get(path).or_else(|| before.texts.get(path)));
            narrow(&change.part, &mut change.after, |path| after.texts.get(path));
        }
        let [contract_before, contract_after] = contracts;
        diff.items.push(ItemDiff {
            item,
            status,
            path_before: path_before.map(|path| path.to_string()),
            path_after: path_after.map(|path| path.to_string()),
            version_before: contract_before.as_ref().and_then(|contract| contract.version),
            version_after: contract_after.as_ref().and_then(|contract| contract.version),
            contract_before,
            contract_after,
            bump: judged.bump,
            findings: judged.findings,
        });
    }
    diff.items.sort_by(|a, b| a.item.cmp(&b.item));
    reached(&mut diff, pair, &seeds, &mut plans, [&before, &after], options.engine);
    diff.sources_before.extend(before.texts);
    diff.sources_after.extend(after.texts);
    // A scenario that drifts may stand in a file that did not change.
    for Drifted { paths: [old, new], texts: [was, is], .. } in plans.drifted.into_iter().chain(moved) {
        diff.sources_before.extend(old.zip(was).map(|(path, text)| (path.to_string(), text)));
        diff.sources_after.extend(new.zip(is).map(|(path, text)| (path.to_string(), text)));
    }
    Ok(diff)
}

/// Puts drift to the scenario whose sink or step it is.
fn add_drift(drafts: &mut Vec<Draft>, drifted: &[Drifted]) {
    for Drifted { change, paths, accepted, .. } in drifted {
        match drafts.iter_mut().find(|draft| draft.item == change.item) {
            Some(draft) => draft.changes.push(change.clone()),
            None => {
                let status = if paths[0].is_none() { Status::Added } else { Status::Changed };
                let draft = Draft::of_feature(change.item.clone(), status, paths.clone(), accepted.clone());
                drafts.push(Draft { changes: vec![change.clone()], ..draft });
            }
        }
    }
}

impl Draft {
    fn of_feature(item: Item, status: Status, paths: [Option<Arc<str>>; 2], accepted: Vec<(Accept, Place)>) -> Self {
        Self { item, status, paths, contracts: [None, None], spans: [None, None], declared: [false; 2], accepted, changes: Vec::new() }
    }

    /// Whether somebody answers for a part of it.
    fn accepts(&self) -> bool {
        !self.accepted.is_empty() || self.contracts.iter().flatten().any(|contract| !contract.accepted.is_empty())
    }
}

/// The place of a nested part instead of that of the whole type around it.
fn narrow<'t>(part: &str, spot: &mut Option<Spot>, text: impl Fn(&str) -> Option<&'t Arc<str>>) {
    let (Some(spot), Some((_, below))) = (spot, part.split_once('.')) else { return };
    let range = std::ops::Range::<usize>::from(spot.range);
    let Some(ty) = text(&spot.path).and_then(|text| text.get(range.clone())) else { return };
    if let Some(found) = contract::part(ty, &below.split('.').collect::<Vec<_>>()) {
        let size = |at: usize| TextSize::try_from(range.start + at).unwrap_or_default();
        spot.range = TextRange::new(size(found.start), size(found.end));
    }
}

/// What the new `Runi.toml` makes looser, or stricter; its texts come with it.
fn policy_draft(pair: &Pair, diff: &mut Diff) -> Option<Draft> {
    let changes = policy::compare(pair);
    if changes.is_empty() {
        return None;
    }
    let texts = [(&mut diff.sources_before, &pair.base), (&mut diff.sources_after, &pair.head)];
    for (texts, side) in texts {
        texts.extend(side.text.clone().map(|text| (manifest::FILE.to_owned(), text)));
    }
    let path = || Some(Arc::<str>::from(manifest::FILE));
    let draft = Draft::of_feature(pair.workspace(), Status::Changed, [path(), path()], policy::accepted(pair));
    Some(Draft { changes, ..draft })
}

/// Gives a finding about a version, which is judged and not compared, its place: the `@version`, or the contract's name.
fn place_versions(findings: &mut [Finding], path: Option<&Arc<str>>, spans: Option<&Spans>) {
    let (Some(path), Some(spans)) = (path, spans) else { return };
    for change in findings.iter_mut().map(|finding| &mut finding.change).filter(|change| change.rule.id == X006.id) {
        let name = &change.item.name;
        let range = spans.get(&format!("{name}/@version")).or_else(|| spans.get(name));
        change.after = range.map(|range| Spot { path: path.to_string(), range });
    }
}

/// Where a file names a contract that there is not, what follows from that name is not to be approved but mended.
fn mend_first(findings: &mut [Finding], path: &str, unknown: &[Diagnostic]) {
    let Some(problem) = unknown.iter().find(|problem| problem.place.path == path) else { return };
    for finding in findings.iter_mut().filter(|finding| !finding.help.is_empty()) {
        finding.help = format!("mend the file first: {} ({})", problem.message, problem.code);
    }
}

/// Takes contracts that the new version declares in a second file for what they are: neither new nor comparable.
fn declared_twice(pair: &Pair, before: &Said, after: &mut Said) -> Result<(), RequestError> {
    let new: Vec<&Found<Contract>> =
        after.contracts.iter().filter(|(name, _)| !before.contracts.contains_key(*name)).map(|(_, found)| found).collect();
    let twice = twice(&pair.head, after, &new).map_err(|source| OpenError::Io { path: pair.head.info.name.clone(), source })?;
    for (name, problem) in twice {
        after.contracts.remove(&name);
        after.doubtful.insert(Item { kind: ItemKind::Contract, name });
        after.problems.push(problem);
    }
    Ok(())
}

/// What a scenario or step accepts in the new version; in the old one, when it is gone.
fn accepted(before: &Said, after: &Said, item: &Item) -> Vec<(Accept, Place)> {
    let of = |said: &Said| {
        said.features.iter().find_map(|(path, feature)| {
            let accepted = match item.kind {
                ItemKind::Scenario => &feature.scenarios.iter().find(|scenario| scenario.name.value == item.name)?.accepted,
                ItemKind::Step => &feature.steps.iter().find(|step| step_name(step) == item.name)?.accepted,
                ItemKind::Contract | ItemKind::Workspace => return None,
            };
            Some(placed(path, accepted))
        })
    };
    of(after).or_else(|| of(before)).unwrap_or_default()
}

/// Fills in whom each finding reaches.
fn reached(diff: &mut Diff, pair: &Pair, seeds: &Seeds, plans: &mut Plans, said: [&Said; 2], engine: &dyn Fn() -> Arc<dyn SqlEngine>) {
    let contracts = diff.items.iter().filter(|item| item.item.kind == ItemKind::Contract && !item.findings.is_empty());
    let contracts: BTreeSet<String> = contracts.map(|item| item.item.name.clone()).collect();
    // Readers that exist are in the old plans; what only the new version has is read there. Uses of a step that newly asks for something
    // exist, too, and may have no plan any more.
    let side_of = |change: &Change| {
        let asks_more =
            change.item.kind == ItemKind::Step && change.rule.id != I001.id && (change.consumer.breaks() || change.producer.breaks());
        usize::from(change.before.is_none() && !asks_more)
    };
    for (side, (own, said)) in [&mut plans.before, &mut plans.after].into_iter().zip(said).enumerate() {
        let asks = |finding: &&mut Finding| side_of(&finding.change) == side && impact::reaches_somebody(&finding.change);
        let mut findings = diff.items.iter_mut().flat_map(|item| &mut item.findings).filter(asks).peekable();
        if own.is_empty() || findings.peek().is_none() {
            continue;
        }
        let found = Search { pair, side, seeds, contracts: &contracts, broken: &said.broken, engine }.run(own);
        if let Some(more) = found.own {
            *own = more;
        }
        let engine = engine();
        let mut reach = Reach::within(pair.repository.as_ref().map_or("", |repository| repository.prefix()), own, &*engine);
        found.packages.iter().for_each(|package| reach.add_package(package));
        findings.for_each(|finding| finding.impact = reach.of_change(&finding.change));
        // What was said of the old version, or of our own plans, is not said again.
        let known: BTreeSet<(String, String)> =
            diff.problems.iter().map(|problem| (problem.code.clone(), problem.place.path.clone())).collect();
        let is_new = |problem: &Diagnostic| !known.contains(&(problem.code.clone(), problem.place.path.clone()));
        diff.problems.extend(found.problems.into_iter().filter(is_new));
    }
}

/// The tagged versions of a contract that its history speaks of. `known` has the tags of the histories that were asked for already.
fn earlier(
    pair: &Pair,
    history: History,
    name: &str,
    path: &str,
    known: &mut Vec<(History, Vec<Tag>)>,
    problems: &mut Vec<Diagnostic>,
) -> Result<Vec<Tagged>, RequestError> {
    let (Some(repository), Some(base), true) = (&pair.repository, &pair.base_commit, history != History::Last) else {
        return Ok(Vec::new());
    };
    if !known.iter().any(|(asked, _)| *asked == history) {
        let tags = history::tags(repository, &history, base)?;
        known.push((history.clone(), tags));
    }
    let tags = known.iter().find(|(asked, _)| *asked == history).map(|(_, tags)| tags.as_slice()).unwrap_or_default();
    Ok(history::tagged(repository, tags, name, path, problems)?)
}

/// What could not be read: errors of the new version as they are, of the old one a warning for each file.
fn problems(pair: &Pair, before: &Said, after: &Said) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let old = before.problems.iter().filter(|problem| seen.insert(problem.place.path.clone())).map(|problem| {
        let path = &problem.place.path;
        let line = match (&problem.place.at, before.texts.get(path)) {
            (At::Range(range), Some(text)) => Some(LineIndex::new(text).position(range.start()).line),
            _ => None,
        };
        old_version_broken(path, line, &problem.code, &problem.message)
    });
    // A `Runi.toml` that did not change is for `runi check` to talk about.
    let is_changed = pair.changed.iter().any(|path| path == manifest::FILE);
    let manifest = pair.head.problems.iter().filter(|problem| is_changed && problem.is_error());
    old.chain(manifest.chain(&pair.refused).chain(&after.problems).cloned()).collect()
}

/// The contracts that may differ. What the other side could not be read for is left out: nothing is known of it.
fn contracts(before: &Said, after: &Said, settings: &Settings, engine: contract::MakeEngine<'_>) -> Vec<Draft> {
    let names: BTreeSet<&String> = before.contracts.keys().chain(after.contracts.keys()).collect();
    names.into_iter().filter_map(|name| contract_draft(name, before, after, settings, engine)).collect()
}

fn contract_draft(name: &str, before: &Said, after: &Said, settings: &Settings, engine: contract::MakeEngine<'_>) -> Option<Draft> {
    let item = Item { kind: ItemKind::Contract, name: name.to_owned() };
    let (old, new) = (before.contracts.get(name), after.contracts.get(name));
    let tag = format!("{name}/@compatibility");
    let is_declared = |found: &Found<Contract>| found.spans.get(&tag).is_some();
    let side = |found: &'_ Found<Contract>| {
        let mut value = Arc::clone(&found.value);
        // What a contract without the tag promises: so the tag cannot go, or come, without what that means.
        let promised = settings.compatibility(&value, is_declared(found));
        if promised != value.compatibility {
            value = Arc::new(Contract { compatibility: promised, ..Contract::clone(&value) });
        }
        (value, Arc::clone(&found.path), Arc::clone(&found.spans))
    };
    let (status, changes) = match (old, new) {
        (Some(old), Some(new)) => {
            let ((was, was_path, was_spans), (is, is_path, is_spans)) = (side(old), side(new));
            let changes = if was == is {
                Vec::new()
            } else {
                let was = contract::Side::new(&was, &was_path, &was_spans);
                contract::compare_sides(&was, &contract::Side::new(&is, &is_path, &is_spans), engine)
            };
            match (changes.is_empty(), old.path == new.path) {
                (true, true) => return None,
                (true, false) => (Status::Moved, changes),
                (false, _) => (Status::Changed, changes),
            }
        }
        (Some(old), None) if !is_unknown(&item, &old.path, after) => {
            (Status::Removed, vec![contract::removed(&contract::Side::new(&old.value, &old.path, &old.spans))])
        }
        (None, Some(new)) if !is_unknown(&item, &new.path, before) => {
            (Status::Added, vec![contract::added(&contract::Side::new(&new.value, &new.path, &new.spans))])
        }
        _ => return None,
    };
    let paths = [old, new].map(|found| found.map(|found| Arc::clone(&found.path)));
    let contracts = [old, new].map(|found| found.map(|found| Arc::clone(&found.value)));
    let declared = [old, new].map(|found| found.is_some_and(is_declared));
    let spans = [old, new].map(|found| found.map(|found| Arc::clone(&found.spans)));
    Some(Draft { item, status, paths, contracts, spans, declared, accepted: Vec::new(), changes })
}

/// Whether the other side may have the item in a file that could not be read.
fn is_unknown(item: &Item, path: &Arc<str>, other: &Said) -> bool {
    other.doubtful.contains(item) || other.broken.contains(path)
}

/// Where to begin looking for whom it reaches.
fn seeds(drafts: &[Draft], before: &Said, after: &Said) -> Seeds {
    let mut seeds = Seeds::default();
    seeds.names.extend(drafts.iter().filter(|draft| !draft.changes.is_empty()).map(|draft| draft.item.name.clone()));
    for (path, feature) in before.features.iter().chain(&after.features) {
        // A file that only moved or was laid out anew has to be looked at all the same: its meaning decides.
        seeds.paths.insert(path.to_string());
        seeds.names.extend(feature.steps.iter().map(|step| step.name.value.clone()));
    }
    seeds
}

/// The scenarios and reusable steps that differ.
fn features(before: &Said, after: &Said, plans: &Plans, engine: &dyn SqlEngine) -> Vec<Draft> {
    let old: Vec<(&str, &FeatureFile)> = before.features.iter().map(|(path, file)| (path.as_ref(), file)).collect();
    let new: Vec<(&str, &FeatureFile)> = after.features.iter().map(|(path, file)| (path.as_ref(), file)).collect();
    let (old, new) = (Features::of_files(&old, &plans.before), Features::of_files(&new, &plans.after));
    let changes = feature::compare(&old, &new, engine);
    let (was, is) = (places(before), places(after));
    let mut drafts: BTreeMap<Item, Draft> = BTreeMap::new();
    for change in changes {
        let item = change.item.clone();
        let paths = [was.get(&item).cloned(), is.get(&item).cloned()];
        let status = match &paths {
            [None, _] => Status::Added,
            [_, None] => Status::Removed,
            [Some(_), Some(_)] => Status::Changed,
        };
        let other = if status == Status::Added { before } else { after };
        let unknown = status != Status::Changed && paths.iter().flatten().any(|path| is_unknown(&item, path, other));
        if unknown {
            continue;
        }
        drafts
            .entry(item.clone())
            .or_insert_with(|| Draft::of_feature(item, status, paths, accepted(before, after, &change.item)))
            .changes
            .push(change);
    }
    drafts.into_values().collect()
}

/// The file of each scenario and step.
fn places(said: &Said) -> BTreeMap<Item, Arc<str>> {
    let mut places = BTreeMap::new();
    for (path, feature) in &said.features {
        for scenario in &feature.scenarios {
            places.insert(Item { kind: ItemKind::Scenario, name: scenario.name.value.clone() }, Arc::clone(path));
        }
        for step in &feature.steps {
            places.insert(Item { kind: ItemKind::Step, name: step_name(step) }, Arc::clone(path));
        }
    }
    places
}
