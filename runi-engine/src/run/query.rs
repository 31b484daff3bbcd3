//! A `select`, planned, as the driver runs it.

use crate::error::EngineError;
use crate::sql::QuerySession;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::DataFusionError;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::dataframe::DataFrame;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::MemoryLimit;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use datafusion::physical_plan::{ExecutionPlan, execute_stream_partitioned};
use runi_lang::sql::Bindings;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The plan.
pub(crate) struct QueryPlan {
    frame: DataFrame,
    scans: BTreeMap<String, usize>,
}

impl QueryPlan {
    /// Plans `sql` over `views`.
    pub(crate) fn new(
        session: &QuerySession,
        sql: &str,
        bindings: &Bindings,
        views: &[(String, Arc<dyn TableProvider>)],
    ) -> Result<Self, EngineError> {
        let frame = session.plan(sql, bindings, views)?;
        let mut scans = BTreeMap::new();
        frame
            .logical_plan()
            .apply_with_subqueries(|plan| {
                if let LogicalPlan::TableScan(scan) = plan {
                    *scans.entry(scan.table_name.table().to_owned()).or_default() += 1;
                }
                Ok(TreeNodeRecursion::Continue)
            })
            .map_err(EngineError::engine("planning a query"))?;
        Ok(Self { frame, scans })
    }

    /// What comes out.
    pub(crate) fn schema(&self) -> SchemaRef {
        Arc::clone(self.frame.schema().inner())
    }

    /// How often the view is read.
    pub(crate) fn scans(&self, view: &str) -> usize {
        self.scans.get(view).copied().unwrap_or(0)
    }

    /// Starts it: one stream per partition.
    pub(crate) async fn execute(self, stage: &str) -> Result<Vec<SendableRecordBatchStream>, EngineError> {
        let failed = |error: DataFusionError| QuerySession::failure(stage, &error);
        let (mut state, logical) = self.frame.into_parts();
        let mut plan = state.create_physical_plan(&logical).await.map_err(failed)?;
        if let MemoryLimit::Finite(limit) = state.runtime_env().memory_pool.memory_limit()
            && hashes_too_much(&plan, limit / 4)
        {
            // A hash table cannot spill; sorted sides can.
            state.config_mut().options_mut().optimizer.prefer_hash_join = false;
            plan = state.create_physical_plan(&logical).await.map_err(failed)?;
        }
        execute_stream_partitioned(plan, state.task_ctx()).map_err(failed)
    }
}

/// Whether a join would hold a side of more than `most` bytes, as far as its size is known.
fn hashes_too_much(plan: &Arc<dyn ExecutionPlan>, most: usize) -> bool {
    let held = plan.downcast_ref::<HashJoinExec>().and_then(|join| {
        let side = StatisticsContext::new().compute(join.left().as_ref(), &StatisticsArgs::new()).ok()?;
        side.total_byte_size.get_value().copied()
    });
    held.is_some_and(|bytes| bytes > most) || plan.children().into_iter().any(|child| hashes_too_much(child, most))
}
