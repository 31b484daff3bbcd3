//! The walk: a scenario, typed from its sources to its sinks.

use super::api::{Requirement, RequirementKind, ScenarioFacts, StepShape, slug};
use super::connector::{Reach, Side, is_misnamed, reach};
use super::ctx::{Ctx, snake_case};
use super::query::{Set, select, type_set};
use super::resolve::{apply, resolve};
use super::rows::{Rows, type_rows};
use super::scope::{Col, find, schema};
use super::{fit, labels, sources};
use crate::diagnostic::{Place, TextRange};
use crate::diagnostics::names::{duplicate_name, no_source, unknown_contract, unknown_herd, unknown_view};
use crate::diagnostics::{contracts, privacy, types};
use crate::ir::{Node, NodeId, NodeKind, Origin, QueryNode, RowsNode, SourceNode};
use crate::model::{FeatureFile, Narration, NarrationWord, OnFail, Scenario, Source, StepUse};
use crate::sql::{Bindings, ColumnRef, Influence};
use std::collections::BTreeMap;

/// A source or a step under its name.
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) cols: Vec<Col>,
    /// Whether its columns are not known; nothing below is checked against it then.
    pub(crate) broken: bool,
    pub(crate) node: NodeId,
    /// Where the name was written.
    pub(crate) place: Place,
    /// How many step uses of the scenario stand above it; sources have none.
    pub(crate) source: bool,
}

/// A scenario on its way to a pipeline.
pub(crate) struct Walk<'w, 'a> {
    pub(crate) ctx: &'w Ctx<'a>,
    pub(crate) file: &'w FeatureFile,
    pub(crate) scenario: &'w Scenario,
    pub(crate) slug: String,
    /// Whether bodies of reusable steps are unfolded.
    unfold: bool,
    pub(crate) views: Vec<View>,
    /// The view of each step use, by position.
    pub(crate) step_views: Vec<usize>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) reaches: Vec<Reach>,
    pub(crate) requirements: Vec<Requirement>,
    pub(crate) facts: ScenarioFacts,
    /// The endless source, if there is one.
    pub(crate) stream: Option<String>,
    line_of: &'w dyn Fn(u32) -> u32,
}

impl<'w, 'a> Walk<'w, 'a> {
    /// Types sources and steps.
    pub(crate) fn run(
        ctx: &'w Ctx<'a>,
        file: &'w FeatureFile,
        scenario: &'w Scenario,
        unfold: bool,
        line_of: &'w dyn Fn(u32) -> u32,
    ) -> Self {
        ctx.begin(scenario.damaged);
        let text = |value: &crate::model::Spanned<String>| value.value.clone();
        let slug = slug(&scenario.name.value);
        let facts = ScenarioFacts {
            slug: slug.clone(),
            name: scenario.name.value.clone(),
            labels: scenario.labels.iter().map(text).collect(),
            layer: scenario.module.layer.as_ref().map(text),
            domain: scenario.module.domain.as_ref().map(text),
            promises_checked: promises(&scenario.narration).filter(|line| line.checked).count(),
            promises_total: promises(&scenario.narration).count(),
            ..ScenarioFacts::default()
        };
        let mut walk = Self {
            ctx,
            file,
            scenario,
            slug,
            unfold,
            views: Vec::new(),
            step_views: Vec::new(),
            nodes: Vec::new(),
            reaches: Vec::new(),
            requirements: Vec::new(),
            facts,
            stream: None,
            line_of,
        };
        walk.head();
        for source in &scenario.sources {
            walk.source(source);
        }
        walk.window();
        for step in &scenario.steps {
            walk.step(step);
        }
        walk
    }

    /// Where a range of this file is, for the run.
    pub(crate) fn origin(&self, range: TextRange) -> Origin {
        let offset = u32::from(range.start());
        Origin { path: self.ctx.path.to_owned(), offset, line: (self.line_of)(offset) }
    }

    fn head(&mut self) {
        if let Some(herd) = &self.scenario.herd
            && self.ctx.lookup.herd(&herd.value).is_none()
        {
            self.ctx.emit(unknown_herd(self.ctx.place(herd.range), &herd.value, &self.ctx.lookup.herd_names()));
        }
        if self.scenario.sources.is_empty() && !(self.scenario.steps.is_empty() && self.scenario.sinks.is_empty()) {
            self.ctx.emit(no_source(self.ctx.place(self.scenario.name.range), &self.scenario.name.value));
        }
    }

    /// Adds a view; a taken name is reported and the second one renamed, so that both can be checked.
    fn add(&mut self, name: &str, range: TextRange, cols: Vec<Col>, broken: bool, source: bool) -> NodeId {
        let node = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let place = self.ctx.place(range);
        let first = self.views.iter().find(|view| view.name == name).map(|view| view.place.clone());
        if first.is_some() || name == "input" {
            self.ctx.emit(duplicate_name(place.clone(), "view", name, first));
        }
        self.views.push(View { name: name.to_owned(), cols, broken, node, place, source });
        node
    }

    pub(crate) fn push(&mut self, id: NodeId, name: String, cols: &[Col], kind: NodeKind, range: TextRange) {
        let sensitive = cols.iter().filter(|col| !col.labels.is_empty()).map(|col| col.column.name.clone()).collect();
        let origin = self.origin(range);
        self.nodes.push(Node { id, name, schema: schema(cols), kind, contract: None, sensitive, origin });
    }

    fn source(&mut self, source: &Source) {
        let contract = source.args.named("contract");
        let name = match (&source.name, contract) {
            (Some(name), _) => name.value.clone(),
            (None, Some(contract)) => snake_case(contract.value.as_str()),
            (None, None) => "source".to_owned(),
        };
        let range = source.name.as_ref().map_or(source.range, |name| name.range);
        // What a source that was not read in full lacks is not said too.
        let muted = self.ctx.aside(self.ctx.path);
        let ctx = if source.damaged { &muted } else { self.ctx };
        let reach = reach(ctx, Side::Source, &self.slug, &name, &source.args, source.range);
        if reach.unbounded && self.stream.is_none() {
            self.stream = Some(name.clone());
        }
        let entry = match contract {
            None => {
                if !source.args.items.iter().any(|arg| is_misnamed(arg, "contract")) {
                    ctx.emit(contracts::source_without_contract(self.ctx.place(source.range), &name));
                }
                None
            }
            Some(contract) => {
                let entry = self.ctx.lookup.contract(contract.value.as_str());
                if entry.is_none() {
                    let known = self.ctx.lookup.contract_names();
                    ctx.emit(unknown_contract(self.ctx.place(contract.range), contract.value.as_str(), &known));
                }
                entry
            }
        };
        let entry = entry.filter(|_| !source.damaged);
        let mut cols = entry.as_ref().map(sources::columns).unwrap_or_default();
        for col in &mut cols {
            let station = format!("{name}.{}", col.column.name);
            col.labels.pass(&self.ctx.place(source.range), &format!("read as `{station}`"), &station);
            col.labels.read_from(&name);
            col.from.insert(ColumnRef { view: name.clone(), column: col.column.name.clone() }, Influence::Identity);
        }
        let needed = reach.connector.as_ref().filter(|_| !source.damaged);
        self.requirements.extend(needed.map(|connector| sources::requirement(connector, &reach.place)));
        if let Some(connector) = &reach.connector {
            self.facts.inputs.push(connector.path().to_owned());
        }
        if let Some(entry) = &entry {
            self.facts.contracts.push(entry.binding.contract.name.clone());
        }
        let id = self.add(&name, range, cols.clone(), entry.is_none(), true);
        if let (Some(connector), contract) = (reach.connector.clone(), entry.map(|entry| entry.binding)) {
            self.push(id, name, &cols, NodeKind::Source(SourceNode { connector, contract }), source.range);
        } else {
            // The scenario has an error; the node only keeps the numbering.
            let nowhere = crate::ir::Connector::Parquet { path: String::new() };
            self.push(id, name, &cols, NodeKind::Source(SourceNode { connector: nowhere, contract: None }), source.range);
        }
        self.reaches.push(reach);
    }

    /// The view that a step reads as `input`.
    fn input(&self, step: &StepUse) -> Option<usize> {
        if let Some(from) = &step.from {
            let found = self.views.iter().position(|view| view.name == from.value);
            if found.is_none() {
                let known: Vec<String> = self.views.iter().map(|view| view.name.clone()).collect();
                let later = self.scenario.steps.iter().any(|other| name_of(other).value == from.value);
                self.ctx.emit(unknown_view(self.ctx.place(from.range), &from.value, &known, later));
            }
            return found;
        }
        match self.step_views.last() {
            Some(above) => Some(*above),
            None => (!self.views.is_empty()).then_some(0),
        }
    }

    fn step(&mut self, step: &'w StepUse) {
        let name = name_of(step).value.clone();
        let range = name_of(step).range;
        let input = self.input(step);
        let made = match input {
            None => None,
            Some(input) if step.body.is_empty() => self.reusable(step, input),
            Some(input) => self.inline(step, input),
        };
        let (mut cols, broken, kind) = match made {
            Some((cols, broken, kind)) => (cols, broken, kind),
            None => (Vec::new(), true, None),
        };
        let contract = step.contract.as_ref().and_then(|contract| {
            let entry = self.ctx.lookup.contract(&contract.value);
            match &entry {
                None => {
                    self.ctx.emit(unknown_contract(self.ctx.place(contract.range), &contract.value, &self.ctx.lookup.contract_names()));
                }
                Some(entry) if !broken => fit::validate(self.ctx, &mut cols, entry, &self.ctx.place(contract.range)),
                Some(_) => {}
            }
            entry
        });
        // An unfolded step may have put nodes of its own before this one.
        let id = self.add(&name, range, cols.clone(), broken, false);
        self.step_views.push(self.views.len() - 1);
        let kind = kind.unwrap_or_else(|| nothing(input.and_then(|at| self.views.get(at)).map_or(NodeId(0), |view| view.node)));
        self.push(id, name, &cols, kind, step.range);
        if let (Some(node), Some(entry)) = (self.nodes.last_mut(), contract) {
            self.facts.contracts.push(entry.binding.contract.name.clone());
            node.contract = Some(entry.binding);
        }
    }

    fn inline(&mut self, step: &'w StepUse, input: usize) -> Option<(Vec<Col>, bool, Option<NodeKind>)> {
        let on_fail = step.on_fail.as_ref().map_or(OnFail::default(), |on_fail| on_fail.value);
        if let Some(arg) = step.args.items.first() {
            let place = self.ctx.place(arg.name.as_ref().map_or(arg.value.range, |name| name.range));
            let name = arg.name.as_ref().map_or(arg.value.value.as_str(), |name| name.value.as_str());
            self.ctx.emit(crate::diagnostics::names::unknown_parameter(place, name, &[]));
        }
        let name = &name_of(step).value;
        let above = self.views.get(input)?;
        if let Some(sql) = select(&step.body) {
            if self.mentions_broken(&sql.text, above) {
                return None;
            }
            let mut views: Vec<(String, Vec<Col>)> = self.views.iter().map(|view| (view.name.clone(), view.cols.clone())).collect();
            views.push(("input".to_owned(), above.cols.clone()));
            let later = |wanted: &str| self.scenario.steps.iter().any(|other| name_of(other).value == wanted);
            let mut set = type_set(self.ctx, &views, &step.body, sql, &Bindings::new(), on_fail, &later);
            self.report(&set.choices, set.clock);
            let place = self.ctx.place(step.range);
            pass_all(&mut set, &place, name);
            let kind = NodeKind::Query(QueryNode {
                sql: sql.text.clone(),
                uses: None,
                bindings: Bindings::new(),
                views: self.view_nodes(&set, above.node),
                then: set.then.clone(),
                on_fail,
            });
            return Some((set.cols, set.broken, Some(kind)));
        }
        if above.broken {
            return None;
        }
        let rows = type_rows(self.ctx, &above.cols, &step.body, &Bindings::new(), on_fail);
        self.report(&rows.choices, rows.clock);
        let mut cols = rows.cols.clone();
        let place = self.ctx.place(step.range);
        for col in &mut cols {
            let unchanged = find(&above.cols, &col.column.name).is_some_and(|old| old.labels == col.labels);
            if !unchanged {
                let station = format!("{name}.{}", col.column.name);
                col.labels.pass(&place, &format!("`{name}` carries it into `{}`", col.column.name), &station);
            }
        }
        let broken = rows.broken;
        Some((cols, broken, Some(rows_kind(rows, above.node, None, Bindings::new(), on_fail))))
    }

    fn reusable(&mut self, step: &'w StepUse, input: usize) -> Option<(Vec<Col>, bool, Option<NodeKind>)> {
        let entry = resolve(self.ctx, self.file, self.scenario, step)?;
        let above = self.views.get(input)?;
        if above.broken {
            return None;
        }
        let views: Vec<(String, Vec<Col>)> =
            self.views.iter().filter(|view| !view.broken).map(|view| (view.name.clone(), view.cols.clone())).collect();
        let mut applied = apply(self.ctx, &entry, step, &above.cols, &views)?;
        let name = &name_of(step).value;
        let place = self.ctx.place(step.range);
        for col in applied.cols.iter_mut().filter(|col| applied.written.contains(&col.column.name)) {
            let station = format!("{name}.{}", col.column.name);
            let what = format!("`{}` is handed this and may carry it into `{}`", entry.key.display(), col.column.name);
            col.labels.pass(&place, &what, &station);
        }
        let on_fail = step.on_fail.as_ref().map_or(entry.on_fail, |on_fail| on_fail.value);
        if !self.unfold {
            // The body stays closed, but whether it reads row by row is known.
            let set = (entry.shape == StepShape::Set).then(|| {
                let (sql, views, then) = (String::new(), Vec::new(), Vec::new());
                NodeKind::Query(QueryNode { sql, uses: None, bindings: Bindings::new(), views, then, on_fail })
            });
            return Some((applied.cols, false, set));
        }
        let above = above.node;
        let kind = self.unfolded(&entry, &mut applied, input, above, on_fail)?;
        Some((applied.cols, false, Some(kind)))
    }

    /// The node of each view that a `select` reads.
    fn view_nodes(&self, set: &Set, input: NodeId) -> Vec<(String, NodeId)> {
        let node = |name: &String| {
            let found = self.views.iter().find(|view| view.name == *name).map(|view| view.node);
            let id = if name == "input" { Some(input) } else { found };
            id.map(|id| (name.clone(), id))
        };
        set.views.iter().filter_map(node).collect()
    }

    /// Whether a query names a view that could not be typed: its own error is reported there.
    fn mentions_broken(&self, sql: &str, above: &View) -> bool {
        let words: Vec<&str> = sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        let named = |name: &str| words.contains(&name);
        (above.broken && named("input")) || self.views.iter().any(|view| view.broken && named(&view.name))
    }

    /// Says what is not proved, and what has no meaning in a stream.
    fn report(&self, choices: &[(Place, &'static str, Vec<String>)], clock: Option<TextRange>) {
        for (place, what, columns) in choices {
            self.ctx.emit(privacy::rows_chosen_by_sensitive(place.clone(), what, columns));
        }
        if let (Some(range), Some(stream)) = (clock, &self.stream) {
            self.ctx.emit(types::clock_in_stream(self.ctx.place(range), stream));
        }
    }

    /// A requirement of this scenario.
    pub(crate) fn require(&mut self, kind: RequirementKind, value: String, place: Place) {
        self.requirements.push(Requirement { kind, value, place, produced: false });
    }

    /// Whether the scenario's herd lets the quarantine keep records as they were read.
    pub(crate) fn keeps_raw_records(&self) -> bool {
        let herd = self.scenario.herd.as_ref().and_then(|herd| self.ctx.lookup.herd(&herd.value));
        herd.is_some_and(|herd| herd.permissions.raw_quarantine)
    }

    /// The names of the sources.
    pub(crate) fn source_names(&self) -> Vec<String> {
        self.views.iter().filter(|view| view.source).map(|view| view.name.clone()).collect()
    }
}

/// The lines that promise something.
fn promises(narration: &[Narration]) -> impl Iterator<Item = &Narration> {
    narration.iter().filter(|line| line.kind == NarrationWord::Then)
}

/// The name of a step as a view.
pub(crate) fn name_of(step: &StepUse) -> &crate::model::Spanned<String> {
    step.alias.as_ref().unwrap_or(&step.name)
}

/// A step that does nothing: keeps the numbering of a scenario that has an error.
fn nothing(input: NodeId) -> NodeKind {
    rows_kind(Rows::default(), input, None, Bindings::new(), OnFail::default())
}

pub(crate) fn rows_kind(rows: Rows, input: NodeId, uses: Option<String>, bindings: Bindings, on_fail: OnFail) -> NodeKind {
    NodeKind::Rows(RowsNode { input, uses, bindings, when: rows.when, actions: rows.actions, then: rows.then, on_fail })
}

/// Adds the station of a `select` to every label.
fn pass_all(set: &mut Set, place: &Place, name: &str) {
    let origins: &BTreeMap<String, String> = &set.origins;
    for col in &mut set.cols {
        let column = &col.column.name;
        let from = origins.get(column).map_or("", String::as_str);
        let what =
            if from.is_empty() { format!("`{name}` carries it into `{column}`") } else { format!("`{name}` makes `{column}` of {from}") };
        col.labels.pass(place, &what, &format!("{name}.{column}"));
    }
}

/// The labels of a contract's field, for the modules of the walk.
pub(crate) fn field_labels(entry: &super::ContractEntry, field: &crate::model::Field) -> labels::LabelSet {
    labels::of_field(&entry.binding.contract, field, &entry.path)
}
