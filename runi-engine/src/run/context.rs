//! What every stage of one run shares.

use crate::error::EngineError;
use crate::mask::MaskKey;
use crate::quarantine::{QuarantineBuilder, SourcePrivacy};
use crate::rules::RowPredicate;
use crate::sql::{CompiledExpr, DataFusionEngine, Evaluation};
use arrow::array::{BooleanArray, RecordBatch};
use arrow::datatypes::SchemaRef;
use runi_lang::sql::Bindings;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The run.
pub(crate) struct RunContext {
    pub(crate) run_id: String,
    pub(crate) scenario: String,
    pub(crate) root: PathBuf,
    pub(crate) spool_dir: PathBuf,
    pub(crate) evaluation: Evaluation,
    pub(crate) mask_key: Option<MaskKey>,
    pub(crate) raw_quarantine: bool,
    /// Whether the run goes into the log.
    pub(crate) recorded: bool,
    /// Which cells of a source's records may be shown.
    pub(crate) privacy: Arc<SourcePrivacy>,
    /// Set by a signal.
    pub(crate) interrupt: Arc<AtomicBool>,
    /// Set by the first worker that fails.
    pub(crate) failed: AtomicBool,
}

impl RunContext {
    /// An empty list of rows that were set aside.
    pub(crate) fn quarantine(&self) -> QuarantineBuilder {
        QuarantineBuilder::new(&self.run_id, &self.scenario).with_sources(Arc::clone(&self.privacy))
    }

    /// A rule's expression, compiled.
    pub(crate) fn predicate(&self, sql: &str, schema: &SchemaRef) -> Result<Box<dyn RowPredicate>, EngineError> {
        Ok(Box::new(Predicate(self.compile(sql, schema)?)))
    }

    /// An expression without parameters, compiled.
    pub(crate) fn compile(&self, sql: &str, schema: &SchemaRef) -> Result<CompiledExpr, EngineError> {
        DataFusionEngine::shared().compile(sql, schema, &Bindings::new(), self.evaluation.clone())
    }

    /// Whether work should stop.
    ///
    /// # Errors
    /// A signal asked for it.
    pub(crate) fn check(&self) -> Result<bool, EngineError> {
        if self.interrupt.load(Relaxed) {
            return Err(EngineError::Interrupted);
        }
        Ok(self.failed.load(Relaxed))
    }
}

struct Predicate(CompiledExpr);

impl RowPredicate for Predicate {
    fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray, EngineError> {
        self.0.evaluate_bool(batch)
    }
}
