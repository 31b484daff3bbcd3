//! `select`s, ready to run: one session per run, with its clock and its limits.

use super::bounds::Bounds;
use super::checked::CheckArithmetic;
use super::engine::{DataFusionEngine, engine_error};
use super::evaluate::RunClock;
use super::literals::FoldLiterals;
use super::pool::RunPool;
use super::query::{Views, plan_query};
use super::stack::with_room;
use super::text::SqlText;
use super::types::{from_arrow, to_arrow};
use crate::error::EngineError;
use arrow::datatypes::DataType as ArrowType;
use datafusion::catalog::TableProvider;
use datafusion::common::{Column, DataFusionError};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder};
use datafusion::prelude::SessionConfig;
use runi_lang::sql::Bindings;
use std::path::PathBuf;
use std::sync::Arc;

/// The limits of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOptions {
    /// How many partitions work at once; 0 means one per core.
    pub target_partitions: usize,
    /// Rows per batch.
    pub batch_size: usize,
    /// Bytes that joins, sorts and aggregates may hold before they spill, and by which values are bounded; `None` means no limit.
    pub memory_limit: Option<usize>,
    /// Where they spill; `None` means the system's temporary directory.
    pub spill_directory: Option<PathBuf>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { target_partitions: 0, batch_size: 8192, memory_limit: None, spill_directory: None }
    }
}

/// Plans `select`s of one run; `now()` is the same in all of them.
#[derive(Debug, Clone)]
pub struct QuerySession {
    state: SessionState,
}

impl QuerySession {
    /// A session whose `now()` is `clock`.
    ///
    /// # Errors
    /// A spill directory that cannot be used.
    pub fn new(clock: RunClock, options: &SessionOptions) -> Result<Self, EngineError> {
        let mut config = SessionConfig::new().with_batch_size(options.batch_size.max(1)).with_create_default_catalog_and_schema(false);
        if options.target_partitions > 0 {
            config = config.with_target_partitions(options.target_partitions);
        }
        // Contracts let nearly every row pass. DataFusion's guess of 20 % makes it build hash tables on the large side.
        config.options_mut().optimizer.default_filter_selectivity = 99;
        // A join whose one side is small reads that side first and streams the other. Hashing both over all partitions would copy every
        // row of the large side once more, and let rows pile up in front of the slower partition.
        let small = options.memory_limit.unwrap_or(1 << 30) / 8;
        config.options_mut().optimizer.hash_join_single_partition_threshold = small;
        config.options_mut().optimizer.hash_join_single_partition_threshold_rows = small / 64;
        let disk = match &options.spill_directory {
            Some(directory) => DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![directory.clone()])),
            None => DiskManagerBuilder::default().with_mode(DiskManagerMode::OsTmpDirectory),
        };
        let mut runtime = RuntimeEnvBuilder::new().with_disk_manager_builder(disk);
        if let Some(limit) = options.memory_limit {
            config.options_mut().extensions.insert(Bounds::of(limit));
            runtime = runtime.with_memory_pool(Arc::new(RunPool::new(limit)));
        }
        let runtime = runtime.build_arc().map_err(EngineError::engine("cannot prepare the query engine"))?;
        // Functions see the options of the session here alone.
        let mut props = ExecutionProps::new().with_query_execution_start_time(clock.0);
        props.config_options = Some(Arc::clone(config.options()));
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            // The optimizer's rules ask for some by name: `distinct on` becomes `first_value`.
            .with_aggregate_functions(DataFusionEngine::shared().functions.aggregate.values().cloned().collect())
            .with_analyzer_rule(Arc::new(FoldLiterals))
            .with_analyzer_rule(Arc::new(CheckArithmetic))
            .with_execution_props(props)
            .build();
        Ok(Self { state })
    }

    /// Plans a `select` over tables by name. Nothing runs until the frame is executed; run it with
    /// `execute_stream` or `execute_stream_partitioned`.
    ///
    /// # Errors
    /// What the compiler would have said of it.
    pub fn plan(&self, sql: &str, bindings: &Bindings, views: &[(String, Arc<dyn TableProvider>)]) -> Result<DataFrame, EngineError> {
        let engine = DataFusionEngine::shared();
        let sources: Views = views.iter().map(|(name, table)| (name.clone(), provider_as_source(Arc::clone(table)))).collect();
        let text = SqlText::new(sql, bindings).map_err(|errors| engine_error(sql, &errors))?;
        with_room(|| {
            let plan = plan_query(&text, &sources, &engine.functions, &engine.options).map_err(|errors| engine_error(sql, &errors))?;
            let plan = canonical(plan).map_err(EngineError::engine(format!("cannot plan `{sql}`")))?;
            Ok(DataFrame::new(self.state.clone(), plan))
        })
    }

    /// The session's state, for tables that need one.
    #[must_use]
    pub fn state(&self) -> &SessionState {
        &self.state
    }

    /// What a failed execution says of step `stage`: the kind of mistake, no value.
    #[must_use]
    pub fn failure(stage: &str, error: &DataFusionError) -> EngineError {
        EngineError::Query { stage: stage.to_owned(), message: super::evaluate::evaluation_message(error) }
    }
}

/// Casts output columns to the layout that the language gives their types, where an engine function yields another one.
fn canonical(plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
    let layout = |ty: &ArrowType| from_arrow(ty).map_or_else(|| ty.clone(), |ty| to_arrow(&ty));
    if plan.schema().fields().iter().all(|field| layout(field.data_type()) == *field.data_type()) {
        return Ok(plan);
    }
    let columns = plan.schema().iter().map(|(qualifier, field)| {
        let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        let wanted = layout(field.data_type());
        if wanted == *field.data_type() { Ok(column) } else { Ok(column.cast_to(&wanted, plan.schema())?.alias(field.name())) }
    });
    let columns = columns.collect::<Result<Vec<_>, DataFusionError>>()?;
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}
