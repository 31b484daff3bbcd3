//! From a pipeline to compiled trees: schemas flow down, stages are compiled, feeds are laid.

use super::context::RunContext;
use super::contract_stage::{ContractStage, Known, SharedSet};
use super::finite::Finite;
use super::hub::Hub;
use super::layout::{Layout, children, readers, source_with_contract};
use super::meter::Meter;
use super::query::QueryPlan;
use super::sink_stage::{CompiledRoute, SinkStage};
use super::step_stage::StepStage;
use super::tree::{Collect, Keyed, NodeStage, Tree};
use crate::error::EngineError;
use crate::mask::MaskPlan;
use crate::record::StageKind;
use crate::source::{OpenSource, ReadOptions, SourceSpec};
use crate::sql::QuerySession;
use crate::sql::types::to_arrow_schema;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use runi_lang::ir::{Condition, NodeId, NodeKind, Pipeline, Route, RowAction, RowsNode, SinkColumn, SinkNode};
use runi_lang::model::OnFail;
use runi_lang::schema::{Column, Schema};
use runi_lang::sql::Bindings;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

/// A referenced column: `(tree, column name) → its values`.
pub(crate) type Sets = BTreeMap<(usize, String), (SharedSet, NodeId)>;

/// A run, compiled.
pub(crate) struct Built {
    pub(crate) layout: Layout,
    pub(crate) trees: Vec<Tree>,
    /// Node → its source, until the tree takes it.
    pub(crate) sources: BTreeMap<NodeId, OpenSource>,
    /// Node → its plan, until the tree takes it.
    pub(crate) plans: BTreeMap<NodeId, QueryPlan>,
    /// Node → its meter as a `select`.
    pub(crate) query_meters: BTreeMap<NodeId, Arc<Meter>>,
    /// Node → its feed.
    pub(crate) hubs: BTreeMap<NodeId, Hub>,
    pub(crate) sets: Sets,
    /// Data sinks: slot → index in the pipeline, and the schema that is written.
    pub(crate) slots: Vec<(usize, SchemaRef)>,
}

/// Compiles `pipeline`.
///
/// # Errors
/// A source that cannot be opened or has drifted, an expression that does not compile.
pub(crate) fn build(
    pipeline: &Pipeline,
    context: &RunContext,
    session: &QuerySession,
    read: &ReadOptions,
    workers: usize,
) -> Result<Built, EngineError> {
    let layout = Layout::of(pipeline);
    let mut builder = Builder {
        pipeline,
        context,
        built: Built {
            trees: Vec::new(),
            sources: BTreeMap::new(),
            plans: BTreeMap::new(),
            query_meters: BTreeMap::new(),
            hubs: BTreeMap::new(),
            sets: BTreeMap::new(),
            slots: Vec::new(),
            layout,
        },
        schemas: BTreeMap::new(),
        rows: BTreeMap::new(),
    };
    for tree in 0..builder.built.layout.trees.len() {
        builder.tree(tree, session, read, workers)?;
    }
    let Builder { mut built, schemas, .. } = builder;
    for ((tree, column), (_, source)) in &built.sets {
        let stage = built.trees.get_mut(*tree).and_then(|tree| tree.stages.get_mut(source));
        if let (Some(stage), Some(schema)) = (stage, schemas.get(source)) {
            stage.collects.push(Collect::new(column, schema)?);
        }
    }
    lay_feeds(&mut built, context, workers)?;
    Ok(built)
}

struct Builder<'a> {
    pipeline: &'a Pipeline,
    context: &'a RunContext,
    built: Built,
    /// Node → what leaves it.
    schemas: BTreeMap<NodeId, SchemaRef>,
    /// Node → an estimate of its rows.
    rows: BTreeMap<NodeId, usize>,
}

fn missing(what: &str) -> EngineError {
    EngineError::Engine { context: "building the run".to_owned(), message: format!("{what} is missing") }
}

impl Builder<'_> {
    fn tree(&mut self, index: usize, session: &QuerySession, read: &ReadOptions, workers: usize) -> Result<(), EngineError> {
        let layout = self.built.layout.trees.get(index).ok_or_else(|| missing("a tree"))?;
        let (root, nodes) = (layout.root, layout.nodes.clone());
        let mut stages = BTreeMap::new();
        for id in nodes {
            let stage = self.node(id, session, read, workers)?;
            stages.insert(id, stage);
        }
        self.built.trees.push(Tree { root, stages });
        Ok(())
    }

    fn node(&mut self, id: NodeId, session: &QuerySession, read: &ReadOptions, workers: usize) -> Result<NodeStage, EngineError> {
        let pipeline = self.pipeline;
        let node = pipeline.nodes.get(id.index()).ok_or_else(|| missing("a node"))?;
        let mut step = None;
        let mut contract = None;
        let (schema, meter) = match &node.kind {
            NodeKind::Source(source) => {
                let binding = source.contract.as_ref();
                let spec = SourceSpec {
                    name: &node.name,
                    connector: &source.connector,
                    contract: binding.map(|binding| &binding.contract),
                    root: &self.context.root,
                };
                let open = crate::source::open(&spec, read)?;
                let schema = open.schema();
                // A text row of a hundred bytes is a guess that joins can live with.
                let rows = open.rows().or_else(|| open.bytes().map(|bytes| bytes / 100));
                self.rows.insert(id, usize::try_from(rows.unwrap_or(0)).unwrap_or(usize::MAX));
                self.built.sources.insert(id, open);
                let meter = match binding {
                    None => Arc::new(Meter::new(&node.name, StageKind::Source, Vec::new(), Vec::new())),
                    Some(binding) => {
                        let keyed = self.contract(id, &node.name, StageKind::Source, binding, &schema, &node.sensitive)?;
                        let meter = Arc::clone(&keyed.stage.meter);
                        contract = Some(keyed);
                        meter
                    }
                };
                (schema, meter)
            }
            NodeKind::Rows(rows) => {
                let input = self.schemas.get(&rows.input).ok_or_else(|| missing("an input"))?;
                // A row whose action fails is set aside as it entered: it may hold columns that the step drops or renames.
                let mut sensitive = node.sensitive.clone();
                sensitive.extend(pipeline.nodes.get(rows.input.index()).into_iter().flat_map(|input| input.sensitive.iter().cloned()));
                let stage = StepStage::compile(&node.name, StageKind::Rows, rows, input, &sensitive, self.context)?;
                let estimate = self.rows.get(&rows.input).copied().unwrap_or(0);
                self.rows.insert(id, estimate);
                let (schema, meter) = (stage.output_schema(), Arc::clone(&stage.meter));
                step = Some(stage);
                (schema, meter)
            }
            NodeKind::Query(query) => {
                let meter = Arc::new(Meter::new(&node.name, StageKind::Query, Vec::new(), Vec::new()));
                let mut tables: Vec<(String, Arc<dyn TableProvider>)> = Vec::new();
                for (name, view) in &query.views {
                    let schema = self.schemas.get(view).ok_or_else(|| missing("a view"))?;
                    let hub = self.built.hubs.entry(*view).or_insert_with(|| Hub::new(Arc::clone(schema)));
                    tables.push((name.clone(), Arc::new(hub.table(workers, self.rows.get(view).copied()))));
                }
                let plan = QueryPlan::new(session, &query.sql, &query.bindings, &tables)?;
                for (name, view) in &query.views {
                    if let Some(hub) = self.built.hubs.get_mut(view) {
                        let scans = plan.scans(name);
                        hub.scans += scans;
                        if scans > 0 {
                            hub.read_by(&meter);
                        }
                    }
                }
                let largest = query.views.iter().filter_map(|(_, view)| self.rows.get(view)).max().copied().unwrap_or(0);
                self.rows.insert(id, largest);
                let schema = plan.schema();
                if !query.then.is_empty() {
                    let promises = only_promises(id, query.then.clone(), query.on_fail, query.bindings.clone());
                    step = Some(StepStage::compile(
                        &format!("{}:then", node.name),
                        StageKind::Then,
                        &promises,
                        &schema,
                        &node.sensitive,
                        self.context,
                    )?);
                }
                self.built.plans.insert(id, plan);
                self.built.query_meters.insert(id, Arc::clone(&meter));
                (schema, meter)
            }
        };
        if let Some(binding) = &node.contract {
            contract =
                Some(self.contract(id, &format!("{}:contract", node.name), StageKind::Contract, binding, &schema, &node.sensitive)?);
        }
        let conditions: Vec<Condition> =
            pipeline.checks.iter().filter(|check| check.input == id).map(|check| check.condition.clone()).collect();
        let checks = match conditions.is_empty() {
            true => None,
            false => {
                let promises = only_promises(id, conditions, OnFail::Quarantine, Bindings::new());
                Some(StepStage::compile(
                    &format!("{}:promises", node.name),
                    StageKind::Then,
                    &promises,
                    &schema,
                    &node.sensitive,
                    self.context,
                )?)
            }
        };
        let mut sinks = Vec::new();
        for (index, sink) in pipeline.sinks.iter().enumerate() {
            if sink.input == id && sink.route != Route::Invalid {
                sinks.push(self.sink(index, sink, &schema, &node.sensitive)?);
            }
        }
        self.schemas.insert(id, schema);
        Ok(NodeStage {
            id,
            meter,
            step,
            contract,
            checks,
            sinks,
            children: children(pipeline, id),
            fed: !readers(pipeline, id).is_empty(),
            sensitive: node.sensitive.clone(),
            collects: Vec::new(),
            rows_out: AtomicU64::new(0),
        })
    }

    /// The contract that rows of the node `at` must keep.
    fn contract(
        &mut self,
        at: NodeId,
        name: &str,
        kind: StageKind,
        binding: &Arc<runi_lang::ir::ContractBinding>,
        schema: &SchemaRef,
        sensitive: &[String],
    ) -> Result<Keyed, EngineError> {
        let (pipeline, layout, sets) = (self.pipeline, &self.built.layout, &mut self.built.sets);
        let mut set = |contract: &str, column: &str| -> Option<(SharedSet, Known)> {
            // Where no source has the contract, the compiler said that the reference is not checked.
            let source = source_with_contract(pipeline, contract)?;
            let tree = *layout.tree_of.get(source.index())?;
            let known = match layout.tree_of.get(at.index()) == Some(&tree) {
                true if kind == StageKind::Source => Known::Itself,
                true => Known::After,
                false => Known::Before,
            };
            let entry = sets.entry((tree, column.to_owned())).or_insert_with(|| (Arc::new(OnceLock::new()), source));
            Some((Arc::clone(&entry.0), known))
        };
        Ok(Keyed::new(ContractStage::compile(name, kind, binding, schema, sensitive, self.context, &mut set)?))
    }

    /// Whether every row that leaves `node` was checked against the contract with this digest by the node itself.
    fn is_proven(&self, node: NodeId, hash: &str) -> bool {
        let kind = self.pipeline.nodes.get(node.index()).map(|node| &node.kind);
        matches!(kind, Some(NodeKind::Source(source)) if source.contract.as_ref().is_some_and(|binding| binding.hash == hash))
    }

    fn sink(&mut self, index: usize, sink: &SinkNode, input: &SchemaRef, sensitive: &[String]) -> Result<SinkStage, EngineError> {
        let unmasked: Vec<SinkColumn> =
            sink.columns.iter().map(|column| SinkColumn { mask: None, nullable: true, ..column.clone() }).collect();
        let project = MaskPlan::compile(&unmasked, input, None)?;
        let schema = project.schema();
        let mask = MaskPlan::compile(&sink.columns, &schema, self.context.mask_key.as_ref())?;
        let name = format!("sink:{}", sink.name);
        let contract = match &sink.contract {
            None => None,
            // Rows that passed this very contract at their source, and nothing touched since, pass it again.
            Some(binding) if self.is_proven(sink.input, &binding.hash) => None,
            Some(binding) => Some(self.contract(sink.input, &name, StageKind::Sink, binding, &schema, sensitive)?),
        };
        let route = match &sink.route {
            Route::All | Route::Invalid => CompiledRoute::All,
            Route::Otherwise => CompiledRoute::Otherwise,
            Route::When(sql) => CompiledRoute::When(self.context.compile(sql, input)?),
        };
        let meter = match &contract {
            Some(contract) => Arc::clone(&contract.stage.meter),
            None => Arc::new(Meter::new(name, StageKind::Sink, Vec::new(), Vec::new())),
        };
        let finite = Finite::of(&sink.connector, &sink.columns, &schema);
        let sensitive = sensitive.to_vec();
        self.built.slots.push((index, written_schema(sink)));
        Ok(SinkStage { slot: self.built.slots.len() - 1, route, meter, project, contract, finite, sensitive, mask })
    }
}

/// What a sink writes: its columns' types, masks applied.
fn written_schema(sink: &SinkNode) -> SchemaRef {
    let columns = sink.columns.iter().map(|column| Column { name: column.name.clone(), ty: column.ty.clone(), nullable: column.nullable });
    to_arrow_schema(&Schema { columns: columns.collect() })
}

/// A step that only promises.
fn only_promises(input: NodeId, then: Vec<Condition>, on_fail: OnFail, bindings: Bindings) -> RowsNode {
    RowsNode { input, uses: None, bindings, when: Vec::new(), actions: Vec::<RowAction>::new(), then, on_fail }
}

/// Decides for each feed whether it streams or is spooled.
///
/// It streams when its tree feeds exactly one scan in all and nothing waits for the tree: then the trees form a forest along
/// which rows flow, and no cycle of waiting can arise.
fn lay_feeds(built: &mut Built, context: &RunContext, workers: usize) -> Result<(), EngineError> {
    for (node, hub) in &built.hubs {
        let tree = built.layout.tree_of.get(node.index()).copied().unwrap_or(0);
        let same_tree = built.hubs.iter().filter(|(other, _)| built.layout.tree_of.get(other.index()) == Some(&tree));
        let scans: usize = same_tree.map(|(_, hub)| hub.scans).sum();
        let awaited = built.layout.trees.iter().any(|other| other.waits_for.contains(&tree));
        if hub.scans == 0 {
            continue;
        }
        if scans == 1 && !awaited { hub.stream(workers) } else { hub.spool(&context.spool_dir)? }
    }
    Ok(())
}
