//! What DataFusion's planner may look at: our functions, and the views that it is given. No catalogs, so no files.

use super::functions::Functions;
use datafusion::arrow::datatypes::DataType as ArrowType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DataFusionError, Result, TableReference};
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner, TypePlanner};
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, TableSource, WindowUDF};
use datafusion::sql::planner::{ParserOptions, SqlToRel};
use std::sync::Arc;

/// No view has this name.
#[derive(Debug, thiserror::Error)]
#[error("no view `{0}`")]
pub(crate) struct NoView(pub(crate) String);

/// One planning: functions and views.
pub(crate) struct Context<'a> {
    functions: &'a Functions,
    options: &'a ConfigOptions,
    views: &'a [(String, Arc<dyn TableSource>)],
}

impl<'a> Context<'a> {
    pub(crate) fn new(functions: &'a Functions, options: &'a ConfigOptions, views: &'a [(String, Arc<dyn TableSource>)]) -> Self {
        Self { functions, options, views }
    }

    /// A planner that keeps names as written, collects places, and reads `0.05` as an exact decimal.
    pub(crate) fn planner(&self) -> SqlToRel<'_, Self> {
        let options =
            ParserOptions::new().with_enable_ident_normalization(false).with_collect_spans(true).with_parse_float_as_decimal(true);
        SqlToRel::new_with_options(self, options)
    }
}

impl ContextProvider for Context<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        if let TableReference::Bare { table } = &name
            && let Some((_, source)) = self.views.iter().find(|(view, _)| view == table.as_ref())
        {
            return Ok(Arc::clone(source));
        }
        Err(DataFusionError::External(Box::new(NoView(name.to_string()))))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.functions.planners
    }

    fn get_type_planner(&self) -> Option<Arc<dyn TypePlanner>> {
        Some(Arc::clone(&self.functions.types))
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.functions.scalar.get(name).cloned()
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.functions.higher_order.get(name).cloned()
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.functions.aggregate.get(name).cloned()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.functions.window.get(name).cloned()
    }

    fn get_variable_type(&self, _: &[String]) -> Option<ArrowType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.options
    }

    fn udf_names(&self) -> Vec<String> {
        self.functions.scalar.keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        self.functions.higher_order.keys().cloned().collect()
    }

    fn udaf_names(&self) -> Vec<String> {
        self.functions.aggregate.keys().cloned().collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.functions.window.keys().cloned().collect()
    }
}
