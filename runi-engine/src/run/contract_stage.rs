//! A contract at one point of a tree: rules, keys and references, as one counted stage.

use super::context::RunContext;
use super::meter::Meter;
use super::output::Output;
use crate::error::EngineError;
use crate::quarantine::Reason;
use crate::record::StageKind;
use crate::rows::{CellFailures, Rows};
use crate::rules::freshness::{Age, Newest};
use crate::rules::keys::{Duplicates, KeyCollector, Position};
use crate::rules::own_references::{self, OwnReference};
use crate::rules::references::ReferenceSet;
use crate::rules::{ContractRules, RuleMask, Verdicts};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use runi_lang::ir::ContractBinding;
use runi_lang::model::OnFail;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A referenced column's values, there as soon as the source that has them is read.
pub(crate) type SharedSet = Arc<OnceLock<ReferenceSet>>;

/// The shared set of a referenced contract and column, and when it is there; `None` for one that the compiler said is not checked.
pub(crate) type SetOf<'s> = dyn FnMut(&str, &str) -> Option<(SharedSet, Known)> + 's;

/// The stage.
pub(crate) struct ContractStage {
    pub(crate) meter: Arc<Meter>,
    kind: StageKind,
    pub(crate) binding: Arc<ContractBinding>,
    rules: ContractRules,
    quarantine: RuleMask,
    fail: RuleMask,
    bad: RuleMask,
    sensitive: Vec<String>,
    keys: Vec<KeyStage>,
    references: Vec<ReferenceStage>,
    /// References of a source's contract to itself.
    own: Vec<OwnReference>,
    /// The newest value of the column that `@freshness` names; at sources only.
    newest: Option<Mutex<Newest>>,
}

struct KeyStage {
    bit: usize,
    collector: Mutex<Option<KeyCollector>>,
    duplicates: OnceLock<Duplicates>,
}

struct ReferenceStage {
    bit: usize,
    column: usize,
    set: SharedSet,
    known: Known,
}

/// When the values that a reference needs are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Before the first row comes: another tree reads them, and this one waits for it.
    Before,
    /// When every row of the source above was read: rows wait here until then.
    After,
    /// When every row of this very source was read: which rows are valid depends on which others are.
    Itself,
}

impl ContractStage {
    /// Compiles the rules of `binding` for rows of `schema`. `set` gives the shared set of a reference.
    pub(crate) fn compile(
        name: &str,
        kind: StageKind,
        binding: &Arc<ContractBinding>,
        schema: &SchemaRef,
        sensitive: &[String],
        context: &RunContext,
        set: &mut SetOf<'_>,
    ) -> Result<Self, EngineError> {
        let rules = ContractRules::compile(&binding.contract, schema, &mut |sql| context.predicate(sql, schema))?;
        let infos = rules.rules();
        let mask = |wanted: &dyn Fn(OnFail) -> bool| {
            let mut mask = RuleMask::none(infos.len());
            infos.iter().filter(|info| wanted(info.on_fail)).for_each(|info| mask.insert(info.bit));
            mask
        };
        let (quarantine, fail) = (mask(&|p| p == OnFail::Quarantine), mask(&|p| p == OnFail::Fail));
        let bad = mask(&|p| p != OnFail::Warn);
        let labels = infos.iter().map(|info| (info.name(), info.title.clone(), info.on_fail)).collect();
        let mut keys = Vec::new();
        for (bit, key) in rules.keys() {
            keys.push(KeyStage {
                bit,
                collector: Mutex::new(Some(KeyCollector::new(key, schema, &context.spool_dir)?)),
                duplicates: OnceLock::new(),
            });
        }
        let mut own = Vec::new();
        let references = rules
            .references()
            .filter_map(|(bit, reference)| {
                let column = schema.index_of(&reference.column).ok()?;
                let (set, known) = set(&reference.contract, &reference.target)?;
                let target = schema.index_of(&reference.target).ok().filter(|_| known == Known::Itself);
                own.extend(target.map(|target| OwnReference { bit, column, target }));
                Some(ReferenceStage { bit, column, set, known })
            })
            .collect();
        let freshness = binding.contract.freshness.as_ref().filter(|_| kind == StageKind::Source);
        Ok(Self {
            meter: Arc::new(Meter::new(name, kind, Vec::new(), labels)),
            kind,
            binding: Arc::clone(binding),
            rules,
            quarantine,
            fail,
            bad,
            sensitive: sensitive.to_vec(),
            keys,
            references,
            own,
            newest: freshness.map(|freshness| Mutex::new(Newest::new(&freshness.column))),
        })
    }

    /// Whether no row can pass before all rows were seen.
    pub(crate) fn is_barrier(&self) -> bool {
        let late = |reference: &ReferenceStage| reference.known != Known::Before && reference.set.get().is_none();
        self.keys.iter().any(|key| key.duplicates.get().is_none()) || self.references.iter().any(late)
    }

    /// Whether the contract has keys.
    pub(crate) fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether rows that wait may lose their origin: a source's may not, its file's size bounds them.
    pub(crate) fn may_spool(&self) -> bool {
        self.kind != StageKind::Source
    }

    /// Marks what each row breaks, but for what only all rows together say: keys, and references to rows of the same source.
    pub(crate) fn mark(&self, rows: &Rows, failures: &[CellFailures]) -> Result<Verdicts, EngineError> {
        let mut verdicts = self.rules.evaluate(&rows.batch, failures)?;
        self.mark_references(Known::Before, rows, &mut verdicts)?;
        Ok(verdicts)
    }

    fn mark_references(&self, known: Known, rows: &Rows, verdicts: &mut Verdicts) -> Result<(), EngineError> {
        for reference in self.references.iter().filter(|reference| reference.known == known) {
            let set = reference.set.get().ok_or_else(|| EngineError::Engine {
                context: "checking a reference".to_owned(),
                message: format!("`{}` came before the values that it refers to", self.meter.name()),
            })?;
            set.mark(&rows.batch, reference.column, verdicts, reference.bit)?;
        }
        Ok(())
    }

    /// Marks the rows of a source that refer to none of its valid rows. All rows are there, `verdicts` says everything else.
    pub(crate) fn mark_own(&self, rows: &mut [(&RecordBatch, &mut Verdicts)]) -> Result<(), EngineError> {
        own_references::settle(rows, &self.own, &self.bad)
    }

    /// Whether rows may refer to other rows of the same source.
    pub(crate) fn refers_to_itself(&self) -> bool {
        !self.own.is_empty()
    }

    /// Gathers the keys of rows that will be marked later.
    pub(crate) fn gather(&self, rows: &Rows, position: Position) -> Result<(), EngineError> {
        for key in &self.keys {
            if let Some(collector) = key.collector.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
                collector.add(&rows.batch, position)?;
            }
        }
        Ok(())
    }

    /// Every row was gathered: duplicates are known from now on.
    pub(crate) fn seal(&self) -> Result<(), EngineError> {
        for key in &self.keys {
            let collector = key.collector.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(collector) = collector {
                let _ = key.duplicates.set(collector.finish()?);
            }
        }
        Ok(())
    }

    /// Marks what waiting rows break, now that all rows were seen: a key that another row has, a reference that leads nowhere.
    pub(crate) fn mark_waiting(&self, rows: &Rows, position: Position, verdicts: &mut Verdicts) -> Result<(), EngineError> {
        self.mark_duplicates(rows, position, verdicts)?;
        self.mark_references(Known::After, rows, verdicts)
    }

    /// Marks rows whose key another row has.
    pub(crate) fn mark_duplicates(&self, rows: &Rows, position: Position, verdicts: &mut Verdicts) -> Result<(), EngineError> {
        for key in &self.keys {
            if let Some(duplicates) = key.duplicates.get() {
                duplicates.mark(&rows.batch, position, verdicts, key.bit)?;
            }
        }
        Ok(())
    }

    /// Sends rows through their doors: counts, quarantines, and gives back those that pass.
    pub(crate) fn split(&self, rows: &Rows, verdicts: &Verdicts, context: &RunContext, output: &mut Output) -> Result<Rows, EngineError> {
        if verdicts.is_clean() {
            self.pass(rows)?;
            return Ok(rows.clone());
        }
        for (rule, count) in verdicts.counts().into_iter().enumerate() {
            if count > 0 {
                self.meter.broke(rule, count);
            }
        }
        let failed = verdicts.rows_with(&self.fail);
        if let Some(row) = failed.set_indices().next() {
            return Err(self.failure(rows, verdicts, row));
        }
        let bad = verdicts.rows_with(&self.bad);
        let count = bad.count_set_bits();
        if count > 0 {
            self.meter.quarantined(count);
            let infos = self.rules.rules();
            output.quarantine.push_rows(
                self.meter.name(),
                Some(&self.binding),
                rows,
                &bad,
                &mut |row| {
                    let broken = verdicts.broken(row).filter(|rule| self.quarantine.contains(*rule));
                    broken
                        .filter_map(|rule| infos.get(rule).map(|info| (rule, info)))
                        .map(|(rule, info)| Reason {
                            rule: info.name(),
                            title: info.title.clone(),
                            error: self.rules.explain(rule, &rows.batch, row, &self.sensitive),
                        })
                        .collect()
                },
                &self.sensitive,
                context.raw_quarantine,
            )?;
        }
        let passed = rows.filter(&!&bad).map_err(EngineError::engine("splitting rows"))?;
        self.pass(&passed)?;
        Ok(passed)
    }

    /// Rows go on: counted, and looked at for the newest.
    fn pass(&self, rows: &Rows) -> Result<(), EngineError> {
        self.meter.passed(rows.len());
        match &self.newest {
            Some(newest) => newest.lock().unwrap_or_else(PoisonError::into_inner).add(&rows.batch),
            None => Ok(()),
        }
    }

    /// How old the newest row was when the run started, where a source's contract asks.
    pub(crate) fn age(&self, context: &RunContext) -> Option<Age> {
        let allowed = self.binding.contract.freshness.as_ref()?.within;
        let newest = self.newest.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(newest.age(context.evaluation.clock.0, allowed))
    }

    fn failure(&self, rows: &Rows, verdicts: &Verdicts, row: usize) -> EngineError {
        let rule = verdicts.broken(row).find(|rule| self.fail.contains(*rule)).and_then(|rule| self.rules.rules().get(rule));
        let title = rule.map_or_else(String::new, |info| info.title.clone());
        let place = rows.origin.as_ref().map_or_else(String::new, |origin| {
            let record = origin.record(row);
            format!(" ({} row {})", origin.chunk.file, origin.chunk.raw.number(record))
        });
        let contract = &self.binding.contract.name;
        EngineError::RuleFailed {
            stage: self.meter.name().to_owned(),
            message: format!("a row breaks \"{title}\" of contract `{contract}`, whose policy is `fail`{place}"),
        }
    }
}
