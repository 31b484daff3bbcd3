//! A row-level step as one counted stage. `Then`-line checks and a `select`'s promises are steps without actions.

use super::context::RunContext;
use super::meter::Meter;
use super::output::Output;
use crate::error::EngineError;
use crate::record::StageKind;
use crate::rows::Rows;
use crate::steps::{FailedRows, RowStep};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::SchemaRef;
use runi_lang::ir::RowsNode;
use runi_lang::model::OnFail;
use std::sync::Arc;

/// The stage.
pub(crate) struct StepStage {
    pub(crate) meter: Arc<Meter>,
    step: RowStep,
    sensitive: Vec<String>,
}

impl StepStage {
    /// Compiles `node` for rows of `input`.
    pub(crate) fn compile(
        name: &str,
        kind: StageKind,
        node: &RowsNode,
        input: &SchemaRef,
        sensitive: &[String],
        context: &RunContext,
    ) -> Result<Self, EngineError> {
        let step = RowStep::compile(node, input, context.evaluation.clone())?;
        let rules = step.promises().into_iter().map(|(rule, title)| (rule, title, node.on_fail)).collect();
        let meter = Arc::new(Meter::new(name, kind, step.clauses(), rules));
        Ok(Self { meter, step, sensitive: sensitive.to_vec() })
    }

    /// What leaves it.
    pub(crate) fn output_schema(&self) -> SchemaRef {
        self.step.output_schema()
    }

    /// Rows in, rows out; the others go through their doors.
    pub(crate) fn apply(&self, rows: Rows, context: &RunContext, out: &mut Output) -> Result<Rows, EngineError> {
        if rows.is_empty() {
            return Ok(Rows { batch: arrow::array::RecordBatch::new_empty(self.output_schema()), origin: None });
        }
        self.meter.timed(|| {
            self.meter.came_in(rows.len());
            let output = self.step.apply(rows)?;
            for (clause, count) in output.filtered {
                self.meter.filtered(clause, count);
            }
            for (promise, count) in output.broken.iter().enumerate() {
                self.meter.broke(promise, *count);
            }
            for failed in &output.failed {
                self.set_aside(failed, context, out)?;
            }
            self.meter.passed(output.rows.len());
            Ok(output.rows)
        })
    }

    fn set_aside(&self, failed: &FailedRows, context: &RunContext, out: &mut Output) -> Result<(), EngineError> {
        if failed.policy == OnFail::Fail {
            let title = failed.reasons.first().and_then(|reasons| reasons.first()).map_or("", |reason| reason.title.as_str());
            return Err(EngineError::RuleFailed {
                stage: self.meter.name().to_owned(),
                message: format!("a row breaks \"{title}\", whose policy is `fail`"),
            });
        }
        self.meter.quarantined(failed.rows.len());
        let every = BooleanBuffer::new_set(failed.rows.len());
        let mut reasons = |row: usize| failed.reasons.get(row).cloned().unwrap_or_default();
        out.quarantine.push_rows(self.meter.name(), None, &failed.rows, &every, &mut reasons, &self.sensitive, context.raw_quarantine)
    }
}
