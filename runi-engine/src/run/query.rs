//! A `select`, planned, as the driver runs it.

use crate::error::EngineError;
use crate::sql::QuerySession;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::dataframe::DataFrame;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::LogicalPlan;
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
        self.frame.execute_stream_partitioned().await.map_err(|error| QuerySession::failure(stage, &error))
    }
}
