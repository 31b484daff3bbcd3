//! Whom a change reaches, found in plans: scenarios, steps, sinks, contracts and columns, with file and line.
//!
//! Names are not enough: a contract has many readers and few of them read the column that changed, and a column goes on
//! under other names. So a changed column is followed through each plan (`flow`): into what is computed from it, into
//! the conditions that it decides, to the columns of the sinks; and from there into every scenario that reads what those
//! sinks write, however far.
//!
//! For what readers lose, ask the plans of the *old* version, whose readers exist; for what was added, those of the new.
//!
//! Contracts and reusable steps are names of one workspace, so only its own plans can read them. What crosses the border to
//! another workspace of the repository is data: a place that one of them writes and another one reads (`place`, `border`). The plans
//! of other workspaces are handed over by whoever found them ([`Reach::add_package`]); their hits carry the package's name.

mod border;
mod change;
mod flow;
pub(crate) mod place;

pub(crate) use change::reaches_somebody;

use super::finding::Hit;
use crate::ir::{Node, NodeKind, Pipeline, Route, SinkNode};
use crate::sql::{Influence, SqlEngine};
use flow::{Flow, Seeds, flow};
use place::Place;
use std::collections::{BTreeMap, BTreeSet};

/// The plans of another workspace of the repository.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// What people call it.
    pub name: String,
    /// Its directory from the repository's top, with `/`; empty for the top.
    pub directory: String,
    /// What it runs.
    pub pipelines: Vec<Pipeline>,
}

/// A plan and the package that it belongs to; `None` is this workspace.
#[derive(Debug)]
struct Planned<'a> {
    package: Option<&'a str>,
    /// Where its workspace is in the repository.
    directory: &'a str,
    pipeline: &'a Pipeline,
}

/// Who reads what, in a set of plans. Built once, asked often.
#[derive(Debug)]
pub struct Reach<'a> {
    engine: &'a dyn SqlEngine,
    /// Where this workspace is in the repository.
    directory: &'a str,
    plans: Vec<Planned<'a>>,
    /// Sources by the contract that they are read under: plan, node.
    by_contract: BTreeMap<&'a str, Vec<(usize, usize)>>,
    /// Nodes by the reusable step that they are.
    by_step: BTreeMap<&'a str, Vec<(usize, usize)>>,
    /// Sources by the place that they read.
    by_place: BTreeMap<String, Vec<(usize, usize)>>,
    /// Sources that read a pattern.
    by_glob: Vec<(Place, (usize, usize))>,
    /// Sources of packages.
    read_abroad: Vec<(Place, (usize, usize))>,
    /// Sinks of packages: plan, sink.
    written_abroad: Vec<(Place, (usize, usize))>,
}

/// What one scenario is given by the scenarios before it: for each source node, what its columns are made of.
type Arriving = BTreeMap<usize, BTreeMap<usize, Seeds>>;

impl<'a> Reach<'a> {
    /// Who reads what in these plans of one workspace and environment.
    #[must_use]
    pub fn new(pipelines: &'a [Pipeline], engine: &'a dyn SqlEngine) -> Self {
        Self::within("", pipelines, engine)
    }

    /// As [`Self::new`], for a workspace in this directory of its repository, with `/`; empty for the top.
    #[must_use]
    pub fn within(directory: &'a str, pipelines: &'a [Pipeline], engine: &'a dyn SqlEngine) -> Self {
        let mut reach = Self {
            engine,
            directory,
            plans: Vec::with_capacity(pipelines.len()),
            by_contract: BTreeMap::new(),
            by_step: BTreeMap::new(),
            by_place: BTreeMap::new(),
            by_glob: Vec::new(),
            read_abroad: Vec::new(),
            written_abroad: Vec::new(),
        };
        reach.add(None, directory, pipelines);
        reach
    }

    /// Adds the plans of another workspace. They read what this one writes where both name the same place.
    pub fn add_package(&mut self, package: &'a Package) {
        self.add(Some(&package.name), &package.directory, &package.pipelines);
    }

    fn add(&mut self, package: Option<&'a str>, directory: &'a str, pipelines: &'a [Pipeline]) {
        for pipeline in pipelines {
            let plan = self.plans.len();
            for (at, node) in pipeline.nodes.iter().enumerate() {
                match &node.kind {
                    NodeKind::Source(source) => {
                        if let Some(binding) = source.contract.as_deref().filter(|_| package.is_none()) {
                            self.by_contract.entry(&binding.contract.name).or_default().push((plan, at));
                        }
                        let Some(place) = Place::new(directory, source.connector.path()) else { continue };
                        if package.is_some() {
                            self.read_abroad.push((place.clone(), (plan, at)));
                        }
                        if place.is_pattern() {
                            self.by_glob.push((place, (plan, at)));
                        } else {
                            self.by_place.entry(place.text().to_owned()).or_default().push((plan, at));
                        }
                    }
                    NodeKind::Rows(crate::ir::RowsNode { uses: Some(uses), .. })
                    | NodeKind::Query(crate::ir::QueryNode { uses: Some(uses), .. }) => {
                        if package.is_none() {
                            self.by_step.entry(uses).or_default().push((plan, at));
                        }
                    }
                    NodeKind::Rows(_) | NodeKind::Query(_) => {}
                }
            }
            for (at, sink) in pipeline.sinks.iter().enumerate().filter(|(_, sink)| package.is_some() && sink.route != Route::Invalid) {
                self.written_abroad.extend(Place::new(directory, sink.connector.path()).map(|place| (place, (plan, at))));
            }
            self.plans.push(Planned { package, directory, pipeline });
        }
    }

    /// Whoever reads these columns of a contract; without columns, whoever reads the contract. A package reads it where it reads data
    /// that is under the contract here.
    ///
    /// A column that nobody reads gives nothing. One that only decides which rows there are (a guard, a filter, a key of a
    /// join, a promise) is hit without an influence, and is not followed further: no value of it reaches anybody.
    #[must_use]
    pub fn hits(&self, contract: &str, columns: &[String]) -> Vec<Hit> {
        let own = self.by_contract.get(contract).into_iter().flatten().copied();
        self.readers_of(contract, own.chain(self.strangers(contract)).collect(), columns)
    }

    /// Whoever is reached by columns of a contract that these sources read.
    fn readers_of(&self, contract: &str, sources: Vec<(usize, usize)>, columns: &[String]) -> Vec<Hit> {
        let mut arriving = Arriving::new();
        let mut hits = BTreeSet::new();
        for (plan, at) in sources {
            let Some((planned, node)) = self.node(plan, at) else { continue };
            let mut seeds = Seeds::new();
            for column in &node.schema.columns {
                if columns.iter().any(|wanted| is_in(wanted, &column.name)) {
                    seeds.insert(column.name.clone(), BTreeMap::from([(column.name.clone(), Influence::Identity)]));
                }
            }
            if columns.is_empty() {
                hits.insert(self.hit(planned, &node.origin, "", "", 0));
                seeds = anything(node.schema.names());
            }
            arriving.entry(plan).or_default().insert(at, seeds);
        }
        // Rules of other sources may look into this one's rows.
        for (plan, at, column) in self.references(contract, columns) {
            hits.extend(self.node(plan, at).map(|(planned, node)| self.hit(planned, &node.origin, &node.name, &column, 0)));
        }
        self.follow(arriving, columns.is_empty(), 0, &mut hits);
        sorted(hits)
    }

    /// Whoever uses a reusable step (`Name`, `Name@2`), and whoever is reached by the columns that it computes; only by
    /// these, when some are named.
    #[must_use]
    pub fn step_hits(&self, step: &str, columns: &[String]) -> Vec<Hit> {
        let mut arriving = Arriving::new();
        let mut hits = BTreeSet::new();
        for (plan, at) in self.by_step.get(step).map(Vec::as_slice).unwrap_or_default() {
            let Some((planned, node)) = self.node(*plan, *at) else { continue };
            hits.insert(self.hit(planned, &node.origin, stage(node), "", 0));
            let made = flow::made(node).into_iter().filter(|made| columns.is_empty() || columns.contains(made));
            let seeds: Seeds = made.map(|made| (made.clone(), BTreeMap::from([(made, Influence::Identity)]))).collect();
            arriving.entry(*plan).or_default().insert(*at, seeds);
        }
        self.follow(arriving, false, 0, &mut hits);
        sorted(hits)
    }

    /// The sinks that write rows under a contract, with those of its columns that are named; all of them when none is.
    /// These are hit by what a contract newly asks for. A package writes under it where it writes what is read under the contract here.
    #[must_use]
    pub fn writers(&self, contract: &str, columns: &[String]) -> Vec<Hit> {
        let mut hits = BTreeSet::new();
        for planned in self.plans.iter().filter(|planned| planned.package.is_none()) {
            for sink in &planned.pipeline.sinks {
                if sink.contract.as_ref().is_some_and(|binding| binding.contract.name == contract) {
                    self.written(planned, sink, columns, &mut hits);
                }
            }
        }
        for (planned, sink) in self.suppliers(contract) {
            self.written(planned, sink, columns, &mut hits);
        }
        sorted(hits)
    }

    /// The columns that a sink writes, of those that are named.
    fn written(&self, planned: &Planned<'_>, sink: &SinkNode, columns: &[String], hits: &mut BTreeSet<Hit>) {
        let mut whole = self.hit(planned, &sink.origin, &sink.name, "", 0);
        whole.sink = Some(sink.name.clone());
        whole.contract = sink.contract.as_ref().map(|binding| binding.contract.name.clone());
        let written: Vec<&str> = sink.columns.iter().map(|column| column.name.as_str()).collect();
        for column in columns.iter().filter(|column| written.iter().any(|name| is_in(column, name))) {
            let (column, output) = (column.clone(), Some(column.clone()));
            hits.insert(Hit { column, output, influence: Some(Influence::Identity), ..whole.clone() });
        }
        if columns.is_empty() {
            hits.insert(whole);
        }
    }

    fn node(&self, plan: usize, at: usize) -> Option<(&Planned<'a>, &'a Node)> {
        let planned = self.plans.get(plan)?;
        Some((planned, planned.pipeline.nodes.get(at)?))
    }

    /// The plan of a scenario of this workspace.
    fn own<'s>(&'s self, scenario: &'s str) -> impl Iterator<Item = &'s Planned<'a>> {
        self.plans.iter().filter(move |planned| planned.package.is_none() && planned.pipeline.scenario == scenario)
    }

    /// Sources whose contract refers to these columns of `contract`: plan, node, column.
    fn references(&self, contract: &str, columns: &[String]) -> Vec<(usize, usize, String)> {
        let mut found = Vec::new();
        for (plan, planned) in self.plans.iter().enumerate().filter(|(_, planned)| planned.package.is_none()) {
            for (at, node) in planned.pipeline.nodes.iter().enumerate() {
                let NodeKind::Source(source) = &node.kind else { continue };
                for reference in source.contract.iter().flat_map(|binding| &binding.contract.references) {
                    let wanted = columns.iter().any(|wanted| is_in(wanted, &reference.target));
                    if reference.contract == contract && wanted {
                        found.push((plan, at, reference.target.clone()));
                    }
                }
            }
        }
        found
    }

    /// Follows what arrives at some scenarios through them and through those that read what they write.
    fn follow(&self, start: Arriving, whole: bool, from: u32, hits: &mut BTreeSet<Hit>) {
        let mut arriving = start;
        let mut seen: BTreeSet<(usize, usize, String, String)> = BTreeSet::new();
        let mut distance = from;
        while !arriving.is_empty() {
            let mut next = Arriving::new();
            for (plan, nodes) in arriving {
                let Some(planned) = self.plans.get(plan) else { continue };
                let mut fresh: BTreeMap<usize, Seeds> = BTreeMap::new();
                for (at, seeds) in nodes {
                    for (column, from) in seeds {
                        for (seed, influence) in from {
                            // What came by a shorter way, or goes round in a circle, says nothing new.
                            if seen.insert((plan, at, column.clone(), seed.clone())) {
                                fresh.entry(at).or_default().entry(column.clone()).or_default().insert(seed, influence);
                            }
                        }
                    }
                }
                if fresh.is_empty() {
                    continue;
                }
                if whole && distance > 0 {
                    let origins = fresh.keys().filter_map(|at| planned.pipeline.nodes.get(*at)).map(|node| &node.origin);
                    hits.extend(origins.map(|origin| self.hit(planned, origin, "", "", distance)));
                }
                let flow = if whole { everything(planned.pipeline) } else { flow(planned.pipeline, &fresh, self.engine) };
                if !whole {
                    self.report(planned, &flow, distance, hits);
                }
                for (at, columns) in &flow.sinks {
                    let Some(sink) = planned.pipeline.sinks.get(*at) else { continue };
                    for (reader, source) in self.readers(planned, sink) {
                        let into = next.entry(reader).or_default().entry(source).or_default();
                        merge(into, columns);
                    }
                }
            }
            arriving = next;
            distance += 1;
        }
    }

    /// The sources that read what a sink writes.
    fn readers(&self, writer: &Planned<'_>, sink: &SinkNode) -> Vec<(usize, usize)> {
        Place::new(writer.directory, sink.connector.path()).map_or_else(Vec::new, |place| self.reading(&place))
    }

    /// The sources that read a place.
    fn reading(&self, place: &Place) -> Vec<(usize, usize)> {
        let exact = self.by_place.get(place.text()).into_iter().flatten();
        let globs = self.by_glob.iter().filter(|(glob, _)| glob.meets(place)).map(|(_, reader)| reader);
        exact.chain(globs).copied().collect()
    }

    fn hit(&self, planned: &Planned<'_>, origin: &crate::ir::Origin, stage: &str, column: &str, distance: u32) -> Hit {
        let path = match planned.package {
            None => origin.path.clone(),
            Some(_) => place::relative(self.directory, &place::join(planned.directory, &origin.path)),
        };
        Hit {
            scenario: planned.pipeline.scenario.clone(),
            path,
            line: origin.line,
            stage: stage.to_owned(),
            column: column.to_owned(),
            sink: None,
            contract: None,
            output: None,
            influence: None,
            distance,
            package: planned.package.map(str::to_owned),
        }
    }

    /// Hits of one scenario.
    fn report(&self, planned: &Planned<'_>, flow: &Flow, distance: u32, hits: &mut BTreeSet<Hit>) {
        for read in &flow.reads {
            let found = self.hit(planned, &read.origin, &read.stage, &read.seed, distance);
            hits.insert(Hit { influence: read.influence, ..found });
        }
        for (at, columns) in &flow.sinks {
            let Some(sink) = planned.pipeline.sinks.get(*at) else { continue };
            let contract = sink.contract.as_ref().map(|binding| binding.contract.name.clone());
            for (column, from) in columns {
                for (seed, influence) in from {
                    let found = self.hit(planned, &sink.origin, &sink.name, seed, distance);
                    let (sink, output, influence) = (Some(sink.name.clone()), Some(column.clone()), Some(*influence));
                    hits.insert(Hit { sink, contract: contract.clone(), output, influence, ..found });
                }
            }
        }
    }
}

/// Whether a column, or a part of one such as `legs.id`, is or is in the column `name`.
fn is_in(wanted: &str, name: &str) -> bool {
    wanted == name || wanted.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// The name of a node as its author knows it; nodes that stand for a part of a step carry a `#`.
fn stage(node: &Node) -> &str {
    node.name.split_once('#').map_or(node.name.as_str(), |(name, _)| name)
}

/// Columns of which no more is known than that they are reached.
fn anything<'n>(columns: impl Iterator<Item = &'n str>) -> Seeds {
    columns.map(|column| (column.to_owned(), BTreeMap::from([(String::new(), Influence::Identity)]))).collect()
}

/// A change of a whole contract reaches every sink: also a count of its rows.
fn everything(pipeline: &Pipeline) -> Flow {
    let sinks = pipeline.sinks.iter().enumerate();
    let sinks = sinks.map(|(at, sink)| (at, anything(sink.columns.iter().map(|column| column.name.as_str()))));
    Flow { sinks: sinks.collect(), ..Flow::default() }
}

/// Takes over what columns are made of; the strongest influence counts.
fn merge(into: &mut Seeds, from: &Seeds) {
    for (column, seeds) in from {
        let known = into.entry(column.clone()).or_default();
        for (seed, influence) in seeds {
            known.entry(seed.clone()).and_modify(|known| *known = (*known).min(*influence)).or_insert(*influence);
        }
    }
}

/// The nearest first, then by scenario and line.
fn sorted(hits: BTreeSet<Hit>) -> Vec<Hit> {
    let mut hits: Vec<Hit> = hits.into_iter().collect();
    hits.sort_by(|a, b| (a.distance, &a.package, &a.path, a.line, a).cmp(&(b.distance, &b.package, &b.path, b.line, b)));
    hits
}
