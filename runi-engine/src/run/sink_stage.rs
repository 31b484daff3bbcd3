//! A sink as one counted stage: its route, its contract, its masks.

use super::context::RunContext;
use super::finite::Finite;
use super::meter::{Meter, NOT_FINITE};
use super::output::Output;
use super::tree::Keyed;
use crate::error::EngineError;
use crate::mask::MaskPlan;
use crate::quarantine::Reason;
use crate::rows::Rows;
use crate::rules::keys::Position;
use crate::sql::CompiledExpr;
use arrow::array::Array;
use arrow::buffer::BooleanBuffer;
use std::sync::Arc;

/// The stage.
pub(crate) struct SinkStage {
    /// Its place in [`Output::sinks`].
    pub(crate) slot: usize,
    pub(crate) route: CompiledRoute,
    /// Counts when there is no contract.
    pub(crate) meter: Arc<Meter>,
    /// Selects and casts the sink's columns, unmasked.
    pub(crate) project: MaskPlan,
    pub(crate) contract: Option<Keyed>,
    /// Floats that its format cannot write.
    pub(crate) finite: Option<Finite>,
    /// Columns that the quarantine masks.
    pub(crate) sensitive: Vec<String>,
    /// Masks them.
    pub(crate) mask: MaskPlan,
}

/// Which rows.
pub(crate) enum CompiledRoute {
    /// Every valid row.
    All,
    /// First match wins.
    When(CompiledExpr),
    /// The rest.
    Otherwise,
}

/// Gives the rows of one node to its sinks.
pub(crate) fn distribute(sinks: &[SinkStage], rows: Rows, at: Position, context: &RunContext, out: &mut Output) -> Result<(), EngineError> {
    let mut rest: Option<BooleanBuffer> = None;
    for sink in sinks {
        match &sink.route {
            CompiledRoute::All => sink.enter(&rows, at, context, out)?,
            CompiledRoute::When(condition) => {
                let verdict = condition.evaluate_bool(&rows.batch)?;
                // Null does not match: it goes to `otherwise`.
                let mut matched = verdict.values().clone();
                if let Some(nulls) = verdict.nulls() {
                    matched = &matched & nulls.inner();
                }
                let open = rest.take().unwrap_or_else(|| BooleanBuffer::new_set(rows.len()));
                let taken = &matched & &open;
                rest = Some(&open & &!&taken);
                sink.enter(&rows.filter(&taken).map_err(EngineError::engine("choosing a sink's rows"))?, at, context, out)?;
            }
            CompiledRoute::Otherwise => {}
        }
    }
    for sink in sinks.iter().filter(|sink| matches!(sink.route, CompiledRoute::Otherwise)) {
        let open = rest.clone().unwrap_or_else(|| BooleanBuffer::new_set(rows.len()));
        sink.enter(&rows.filter(&open).map_err(EngineError::engine("choosing a sink's rows"))?, at, context, out)?;
    }
    Ok(())
}

impl SinkStage {
    fn enter(&self, rows: &Rows, at: Position, context: &RunContext, out: &mut Output) -> Result<(), EngineError> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = self.writable(rows.with_batch(self.project.apply(&rows.batch)?), context, out)?;
        if rows.is_empty() {
            return Ok(());
        }
        match &self.contract {
            None => {
                self.meter.came_in(rows.len());
                self.meter.passed(rows.len());
                self.write(&rows, out)
            }
            Some(contract) => match contract.enter(&rows, &[], at, context, out)? {
                Some(rows) => self.write(&rows, out),
                None => Ok(()),
            },
        }
    }

    /// Sets aside rows with numbers that the sink's format cannot write.
    fn writable(&self, rows: Rows, context: &RunContext, out: &mut Output) -> Result<Rows, EngineError> {
        let Some((finite, broken)) = self.finite.as_ref().and_then(|finite| Some((finite, finite.broken(&rows.batch)?))) else {
            return Ok(rows);
        };
        self.meter.not_finite(broken.count_set_bits());
        let reason = |column: String| Reason {
            rule: format!("{NOT_FINITE}:{column}"),
            title: format!("{column} is a number that JSON can write"),
            error: format!("`{column}` holds a float that is not finite, which JSON cannot write"),
        };
        out.quarantine.push_rows(
            self.meter.name(),
            self.contract.as_ref().map(|contract| &*contract.stage.binding),
            &rows,
            &broken,
            &mut |row| finite.names(&rows.batch, row).into_iter().map(reason).collect(),
            &self.sensitive,
            context.raw_quarantine,
        )?;
        rows.filter(&!&broken).map_err(EngineError::engine("splitting rows"))
    }

    /// Masks rows and hands them over.
    pub(crate) fn write(&self, rows: &Rows, out: &mut Output) -> Result<(), EngineError> {
        if rows.is_empty() {
            return Ok(());
        }
        let batch = self.meter.timed(|| self.mask.apply(&rows.batch))?;
        if let Some(slot) = out.sinks.get_mut(self.slot) {
            slot.push(batch);
        }
        Ok(())
    }
}
