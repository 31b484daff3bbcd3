//! Reads every row once under the new contract's rules.

use super::relaxed::relaxed;
use super::{Answer, Probe};
use crate::error::EngineError;
use crate::rows::Rows;
use crate::rules::keys::{Duplicates, KeyCollector, Position};
use crate::rules::{ContractRules, RowPredicate, RuleMask, Verdicts};
use crate::sink::TempDirectory;
use crate::source::{ReadOptions, SourceSpec, open};
use crate::sql::{CompiledExpr, DataFusionEngine, RunClock};
use arrow::array::{BooleanArray, RecordBatch};
use runi_lang::diff::{Method, Sample};
use runi_lang::sql::Bindings;

/// Offending rows that are shown for each question.
const SAMPLES: usize = 3;

struct Predicate(CompiledExpr);

impl RowPredicate for Predicate {
    fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray, EngineError> {
        self.0.evaluate_bool(batch)
    }
}

/// One question on its way.
struct Count {
    mask: RuleMask,
    bits: Vec<usize>,
    violating: u64,
    samples: Vec<Sample>,
}

/// Counts, for each list of rule names, the rows that break one of them; `None` when the contract has none of the rules.
pub(super) fn scan(probe: &Probe<'_>, wanted: &[&[String]]) -> Result<Vec<Option<Answer>>, EngineError> {
    let contract = relaxed(probe.contract);
    let spec = SourceSpec { name: probe.name, connector: probe.connector, contract: Some(&contract), root: probe.root };
    let read = ReadOptions::default();
    let source = open(&spec, &read)?;
    let schema = source.schema();
    let clock = RunClock::now();
    let rules = ContractRules::compile(probe.contract, &schema, &mut |sql| {
        let compiled = DataFusionEngine::shared().compile(sql, &schema, &Bindings::new(), clock)?;
        Ok(Box::new(Predicate(compiled)))
    })?;
    let mut counts: Vec<Count> = wanted.iter().map(|names| Count::of(&rules, names)).collect();
    let keys = duplicates(probe, &rules, &counts, &spec)?;

    let reader = source.reader();
    let mut rows = 0;
    while let Some(unit) = reader.next()? {
        let seq = unit.seq();
        let decoded = unit.decode()?;
        rows += decoded.records;
        let mut first = 0;
        for (batch, failures) in &decoded.batches {
            let mut verdicts = rules.evaluate(&batch.batch, failures)?;
            for (bit, found) in &keys {
                found.mark(&batch.batch, Position::new(seq, first), &mut verdicts, *bit)?;
            }
            first += batch.len();
            for count in &mut counts {
                count.add(probe, &rules, batch, &verdicts);
            }
        }
        // A record that cannot be read at all breaks every promise; it is no row of any batch.
        for count in &mut counts {
            count.violating += decoded.malformed.len() as u64;
        }
    }
    let answer = |count: Count| {
        let Count { bits, violating, samples, .. } = count;
        (!bits.is_empty()).then_some(Answer { rows, violating, method: Method::Scan, samples })
    };
    Ok(counts.into_iter().map(answer).collect())
}

/// The shared keys, for key rules that somebody asks about; the source is read an extra time for them.
fn duplicates(
    probe: &Probe<'_>,
    rules: &ContractRules,
    counts: &[Count],
    spec: &SourceSpec<'_>,
) -> Result<Vec<(usize, Duplicates)>, EngineError> {
    let asked = |bit: usize| counts.iter().any(|count| count.mask.contains(bit));
    if !rules.keys().any(|(bit, _)| asked(bit)) {
        return Ok(Vec::new());
    }
    let source = open(spec, &ReadOptions::default())?;
    let schema = source.schema();
    let spool = TempDirectory::create(probe.root)?;
    let mut collectors = Vec::new();
    for (bit, key) in rules.keys().filter(|(bit, _)| asked(*bit)) {
        collectors.push((bit, KeyCollector::new(key, &schema, spool.path())?));
    }
    let reader = source.reader();
    while let Some(unit) = reader.next()? {
        let seq = unit.seq();
        let mut first = 0;
        for (batch, _) in unit.decode()?.batches {
            for (_, collector) in &mut collectors {
                collector.add(&batch.batch, Position::new(seq, first))?;
            }
            first += batch.len();
        }
    }
    collectors.into_iter().map(|(bit, collector)| Ok((bit, collector.finish()?))).collect()
}

impl Count {
    fn of(rules: &ContractRules, names: &[String]) -> Self {
        let mut mask = RuleMask::none(rules.rules().len());
        let bits: Vec<usize> = rules.rules().iter().filter(|info| names.contains(&info.name())).map(|info| info.bit).collect();
        bits.iter().for_each(|bit| mask.insert(*bit));
        Self { mask, bits, violating: 0, samples: Vec::new() }
    }

    fn add(&mut self, probe: &Probe<'_>, rules: &ContractRules, rows: &Rows, verdicts: &Verdicts) {
        let broken = verdicts.rows_with(&self.mask);
        self.violating += broken.count_set_bits() as u64;
        for row in broken.set_indices().take(SAMPLES.saturating_sub(self.samples.len())) {
            let Some(rule) = verdicts.broken(row).find(|bit| self.bits.contains(bit)) else { continue };
            let value = rules.explain(rule, &rows.batch, row, probe.sensitive);
            self.samples.push(Sample { position: position(probe, rows, row), value });
        }
    }
}

/// `file:row`, as far as it is known.
fn position(probe: &Probe<'_>, rows: &Rows, row: usize) -> String {
    match &rows.origin {
        Some(origin) => format!("{}:{}", origin.chunk.file, origin.chunk.raw.number(origin.record(row))),
        None => probe.name.to_owned(),
    }
}
