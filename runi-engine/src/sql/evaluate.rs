//! Expressions, ready to be evaluated on batches.

use super::bounded::TooLarge;
use super::bounds::Bounds;
use super::checked::check_arithmetic;
use super::engine::DataFusionEngine;
use super::expr::plan_expr;
use super::guarded::{Simplifier, can_fail, guard};
use super::types::{from_arrow, to_arrow};
use crate::error::EngineError;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType as ArrowType, SchemaRef};
use arrow::error::ArrowError;
use chrono::{DateTime, Utc};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DFSchema, DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{ColumnarValue, Expr, ExprSchemable};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};
use datafusion::sql::sqlparser::ast;
use std::sync::Arc;

/// When the run started: the only time that `now()` and its kin know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunClock(pub DateTime<Utc>);

impl RunClock {
    /// A clock that stopped just now.
    #[must_use]
    pub fn now() -> Self {
        Self(Utc::now())
    }
}

/// What values depend on besides their rows: the clock, and how large they may become.
#[derive(Debug, Clone)]
pub struct Evaluation {
    pub(crate) clock: RunClock,
    pub(crate) options: Arc<ConfigOptions>,
}

impl Evaluation {
    /// In a run that started at `clock` and may use `memory_limit` bytes.
    #[must_use]
    pub fn new(clock: RunClock, memory_limit: usize) -> Self {
        let mut options = ConfigOptions::default();
        options.extensions.insert(Bounds::of(memory_limit));
        Self { clock, options: Arc::new(options) }
    }
}

impl From<RunClock> for Evaluation {
    /// With the memory of a run that says nothing of it.
    fn from(clock: RunClock) -> Self {
        Self { clock, options: Arc::clone(&DataFusionEngine::shared().options) }
    }
}

/// An expression over batches of one schema.
#[derive(Debug, Clone)]
pub struct CompiledExpr {
    sql: Arc<str>,
    physical: Arc<dyn PhysicalExpr>,
    data_type: ArrowType,
    fallible: bool,
    bounds: Bounds,
}

/// Plans, settles types, folds constants, and makes arithmetic checked. Values are cast to `wanted`, when it is given.
pub(crate) fn compile(
    engine: &DataFusionEngine,
    sql: &str,
    ast: ast::Expr,
    schema: &SchemaRef,
    evaluation: &Evaluation,
    wanted: Option<&ArrowType>,
) -> Result<CompiledExpr, EngineError> {
    let Evaluation { clock, options } = evaluation;
    let failed = |error: DataFusionError| EngineError::Engine {
        context: format!("cannot plan `{sql}`"),
        message: super::errors::clean(&error.strip_backtrace()),
    };
    let df_schema = Arc::new(DFSchema::try_from(Arc::clone(schema)).map_err(failed)?);
    let expr = plan_expr(ast, &df_schema, &engine.functions, &engine.options).map_err(failed)?;
    let (expr, data_type) = match wanted {
        Some(wanted) => (expr.cast_to(wanted, &df_schema).map_err(failed)?, wanted.clone()),
        None => canonical(expr, &df_schema).map_err(failed)?,
    };
    let expr = check_arithmetic(expr, &df_schema).map_err(failed)?.data;
    let expr = Simplifier::new(&df_schema, options, clock.0).simplify(expr).map_err(failed)?;
    // `round(x, 1)` of a decimal has another type once its `1` is folded; what was typed is what comes out.
    let simpler = expr.get_type(&df_schema).map_err(failed)?;
    let expr = if simpler == data_type { expr } else { expr.cast_to(&data_type, &df_schema).map_err(failed)? };
    let fallible = can_fail(&expr, &df_schema);
    let expr = if fallible { guard(expr, &df_schema).map_err(failed)? } else { expr };
    let mut props = ExecutionProps::new().with_query_execution_start_time(clock.0);
    props.config_options = Some(Arc::clone(options));
    let physical = create_physical_expr(&expr, &df_schema, &props, &PhysicalPlanningContext::default()).map_err(failed)?;
    Ok(CompiledExpr { sql: Arc::from(sql), physical, data_type, fallible, bounds: Bounds::among(options) })
}

/// Casts to the layout that the language gives the type, where an engine function yields another one.
fn canonical(expr: Expr, schema: &DFSchema) -> Result<(Expr, ArrowType)> {
    let ty = expr.get_type(schema)?;
    let wanted = from_arrow(&ty).map_or_else(|| ty.clone(), |ty| to_arrow(&ty));
    if ty == wanted { Ok((expr, ty)) } else { Ok((expr.cast_to(&wanted, schema)?, wanted)) }
}

impl CompiledExpr {
    /// The type of its values.
    #[must_use]
    pub fn data_type(&self) -> &ArrowType {
        &self.data_type
    }

    /// What was written.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Whether some value may make it fail.
    #[must_use]
    pub fn fallible(&self) -> bool {
        self.fallible
    }

    /// How large its values may become.
    pub(crate) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// The column that it is, when it is nothing but a column.
    #[must_use]
    pub fn as_column(&self) -> Option<usize> {
        self.physical.downcast_ref::<Column>().map(Column::index)
    }

    /// One value per row.
    ///
    /// # Errors
    /// A cast that fails, an overflow, a division by zero: the whole batch fails. The message names no value, since
    /// the value may be sensitive and the row is at hand.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<ArrayRef, EngineError> {
        self.evaluate_value(batch)?.into_array(batch.num_rows()).map_err(|error| self.failed(&error))
    }

    /// One truth value per row; null where it is unknown.
    ///
    /// # Errors
    /// As [`CompiledExpr::evaluate`]; an expression that is not a condition.
    pub fn evaluate_bool(&self, batch: &RecordBatch) -> Result<BooleanArray, EngineError> {
        let values = self.evaluate(batch)?;
        if let Some(booleans) = values.as_boolean_opt() {
            return Ok(booleans.clone());
        }
        if values.data_type() == &ArrowType::Null {
            return Ok(BooleanArray::new_null(batch.num_rows()));
        }
        Err(EngineError::Engine { context: format!("cannot evaluate `{}`", self.sql), message: "it is no condition".to_owned() })
    }

    /// The value of an expression that reads no column.
    pub(crate) fn evaluate_once(&self) -> Result<ScalarValue, EngineError> {
        let schema = Arc::new(arrow::datatypes::Schema::empty());
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        let batch = RecordBatch::try_new_with_options(schema, Vec::new(), &options).map_err(|error| self.failed(&error.into()))?;
        match self.evaluate_value(&batch)? {
            ColumnarValue::Scalar(value) => Ok(value),
            ColumnarValue::Array(values) => ScalarValue::try_from_array(&values, 0).map_err(|error| self.failed(&error)),
        }
    }

    fn evaluate_value(&self, batch: &RecordBatch) -> Result<ColumnarValue, EngineError> {
        self.physical.evaluate(batch).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &DataFusionError) -> EngineError {
        EngineError::Engine { context: format!("cannot evaluate `{}`", self.sql), message: evaluation_message(error) }
    }
}

/// What went wrong, without the value that made it so.
pub(crate) fn evaluation_message(error: &DataFusionError) -> String {
    match error.find_root() {
        DataFusionError::ArrowError(error, _) => match error.as_ref() {
            ArrowError::DivideByZero => "division by zero".to_owned(),
            ArrowError::ArithmeticOverflow(_) => "arithmetic overflow".to_owned(),
            ArrowError::CastError(message) => match message.rsplit_once("value of ").map(|(_, target)| target) {
                Some(target) => {
                    let target = target.trim_end_matches(" type").trim_end();
                    format!("a value cannot be cast to {}", super::errors::clean(target))
                }
                None => "a value does not fit the type that it is cast to".to_owned(),
            },
            ArrowError::ParseError(_) => "a value cannot be parsed".to_owned(),
            // What it says of a value begins with the value.
            ArrowError::InvalidArgumentError(message) if message.contains("too large") || message.contains("too small") => {
                "a value is out of range".to_owned()
            }
            ArrowError::InvalidArgumentError(message) => kind(message),
            ArrowError::ComputeError(message) => of_function(message),
            other => kind(&other.to_string()),
        },
        DataFusionError::External(error) if error.is::<TooLarge>() => error.to_string(),
        DataFusionError::Execution(message) => of_function(message),
        other => kind(&other.strip_backtrace()),
    }
}

/// What a function says of a value, in words that hold none: functions write values anywhere into their messages.
fn of_function(message: &str) -> String {
    let said = |words: &[&str]| words.iter().any(|word| message.to_lowercase().contains(word));
    if said(&["divide by zero", "division by zero"]) {
        "division by zero".to_owned()
    } else if said(&["square root"]) {
        "the square root of a negative number".to_owned()
    } else if said(&["overflow"]) {
        "arithmetic overflow".to_owned()
    } else if said(&["parse", "parsing"]) {
        "a value cannot be parsed".to_owned()
    } else if said(&["out of range", "too large", "too small", "day", "month", "year"]) {
        "a value is out of range".to_owned()
    } else {
        "a function cannot take one of its values".to_owned()
    }
}

/// The part of a message before it could quote a value.
fn kind(message: &str) -> String {
    let head = message.split(['\'', '"', ':']).next().unwrap_or_default().trim();
    if head.is_empty() { "evaluation failed".to_owned() } else { super::errors::clean(head) }
}
