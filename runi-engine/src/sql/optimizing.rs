//! DataFusion's optimizer without a session: what is planned for a check is optimised as what is run.

use super::functions::Functions;
use chrono::{DateTime, Utc};
use datafusion::common::Result;
use datafusion::common::alias::AliasGenerator;
use datafusion::common::config::ConfigOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::logical_expr::registry::{FunctionRegistry, MemoryFunctionRegistry};
use datafusion::optimizer::{Optimizer, OptimizerConfig, OptimizerContext};
use std::sync::Arc;

/// The optimizer's own context, and the aggregates that its rules ask for (`distinct on` becomes `first_value`).
struct Planning {
    context: OptimizerContext,
    aggregates: MemoryFunctionRegistry,
}

impl OptimizerConfig for Planning {
    fn query_execution_start_time(&self) -> Option<DateTime<Utc>> {
        self.context.query_execution_start_time()
    }

    fn alias_generator(&self) -> &Arc<AliasGenerator> {
        self.context.alias_generator()
    }

    fn options(&self) -> Arc<ConfigOptions> {
        self.context.options()
    }

    fn function_registry(&self) -> Option<&dyn FunctionRegistry> {
        Some(&self.aggregates)
    }
}

/// Optimises a plan that is analysed.
///
/// # Errors
/// The optimizer's own.
pub(crate) fn optimize(plan: LogicalPlan, functions: &Functions) -> Result<LogicalPlan> {
    let mut aggregates = MemoryFunctionRegistry::new();
    for function in functions.aggregate.values() {
        aggregates.register_udaf(Arc::clone(function))?;
    }
    Optimizer::new().optimize(plan, &Planning { context: OptimizerContext::new(), aggregates }, |_, _| {})
}
