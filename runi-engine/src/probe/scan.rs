//! Reads every row under the new contract's rules, and under the old one's beside it.

use super::relaxed::relaxed;
use super::{Answer, Probe};
use crate::error::EngineError;
use crate::rows::Rows;
use crate::rules::keys::{Duplicates, KeyCollector, Position};
use crate::rules::{ContractRules, RowPredicate, RuleInfo, RuleMask, Verdicts};
use crate::sink::TempDirectory;
use crate::source::{Decoded, ReadOptions, SourceReader, SourceSpec, Unit, open};
use crate::sql::{CompiledExpr, DataFusionEngine, RunClock};
use arrow::array::{BooleanArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use runi_lang::diff::{Method, Sample};
use runi_lang::model::{Contract, OnFail};
use runi_lang::sql::Bindings;
use rustc_hash::FxHashSet;

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
    /// The rules of the old contract that refuse a row as far as this question goes.
    before: RuleMask,
    /// The rules among those asked for that fail the run.
    fatal: RuleMask,
    violating: u64,
    already: u64,
    stopping: u64,
    samples: Vec<Sample>,
}

/// The rows as one of the two contracts sees them.
struct Side {
    reader: SourceReader,
    rules: ContractRules,
    keys: Vec<(usize, Duplicates)>,
}

/// Counts, for each list of rule names, the rows that break one of them; `None` when the contract has none of the rules.
pub(super) fn scan(probe: &Probe<'_>, wanted: &[&[String]]) -> Result<Vec<Option<Answer>>, EngineError> {
    let asked = |info: &RuleInfo| wanted.iter().any(|names| names.contains(&info.name()));
    let new = Side::open(probe, probe.contract, &asked)?;
    let old = probe.before.map(|before| Side::open(probe, before, &|info| info.on_fail != OnFail::Warn || asked(info))).transpose()?;
    let mut counts: Vec<Count> = wanted.iter().map(|names| Count::of(&new.rules, old.as_ref().map(|old| &old.rules), names)).collect();

    let mut rows = 0;
    while let Some(unit) = new.reader.next()? {
        let (decoded, verdicts) = new.judge(unit)?;
        // Both read the same files, which are cut in the same way whatever the contract says.
        let before = match &old {
            Some(side) => side.reader.next()?.map(|unit| side.judge(unit)).transpose()?,
            None => None,
        };
        rows += decoded.records;
        for (at, ((batch, _), verdicts)) in decoded.batches.iter().zip(&verdicts).enumerate() {
            for count in &mut counts {
                let refused = before.as_ref().map(|before| refused(before, at, batch, &count.before));
                count.add(probe, &new.rules, batch, verdicts, refused.as_ref());
            }
        }
        // A record that cannot be read at all breaks every promise, the old ones too; it is no row of any batch.
        for count in &mut counts {
            let malformed = decoded.malformed.len() as u64;
            let kind = if old.is_some() { &mut count.already } else { &mut count.violating };
            *kind += malformed;
        }
    }
    let answer = |count: Count| {
        let Count { bits, violating, already, stopping, samples, .. } = count;
        (!bits.is_empty()).then_some(Answer { rows, violating, already, stopping, method: Method::Scan, samples })
    };
    Ok(counts.into_iter().map(answer).collect())
}

/// The rows of the batch `at` of a piece that the old contract refuses.
fn refused((decoded, verdicts): &(Decoded, Vec<Verdicts>), at: usize, batch: &Rows, mask: &RuleMask) -> BooleanBuffer {
    let whole = |rows: &Rows| rows.origin.as_ref().is_none_or(|origin| origin.index.is_none());
    if let (Some((rows, _)), Some(verdicts)) = (decoded.batches.get(at), verdicts.get(at))
        && rows.len() == batch.len()
        && whole(rows)
        && whole(batch)
    {
        return verdicts.rows_with(mask);
    }
    // By the records' places in the piece; a record that the old contract cannot read is refused.
    let mut passed = FxHashSet::default();
    for ((rows, _), verdicts) in decoded.batches.iter().zip(verdicts) {
        let refused = verdicts.rows_with(mask);
        passed.extend((0..rows.len()).filter(|row| !refused.value(*row)).map(|row| record(rows, row)));
    }
    BooleanBuffer::collect_bool(batch.len(), |row| !passed.contains(&record(batch, row)))
}

fn record(rows: &Rows, row: usize) -> usize {
    rows.origin.as_ref().map_or(row, |origin| origin.record(row))
}

impl Side {
    /// Opens the source under a contract. Keys are looked for where `asked` wants to know; the source is read an extra time for them.
    fn open(probe: &Probe<'_>, contract: &Contract, asked: &dyn Fn(&RuleInfo) -> bool) -> Result<Self, EngineError> {
        let lenient = relaxed(contract);
        let spec = SourceSpec { name: probe.name, connector: probe.connector, contract: Some(&lenient), root: probe.root };
        let source = open(&spec, &ReadOptions::default())?;
        let schema = source.schema();
        let clock = RunClock::now();
        let rules = ContractRules::compile(contract, &schema, &mut |sql| {
            let compiled = DataFusionEngine::shared().compile(sql, &schema, &Bindings::new(), clock)?;
            Ok(Box::new(Predicate(compiled)))
        })?;
        let keys = duplicates(probe, &rules, asked, &spec)?;
        Ok(Self { reader: source.reader(), rules, keys })
    }

    /// Decodes a piece and says which rules each row of each batch breaks.
    fn judge(&self, unit: Unit) -> Result<(Decoded, Vec<Verdicts>), EngineError> {
        let seq = unit.seq();
        let decoded = unit.decode()?;
        let (mut first, mut all) = (0, Vec::with_capacity(decoded.batches.len()));
        for (batch, failures) in &decoded.batches {
            let mut verdicts = self.rules.evaluate(&batch.batch, failures)?;
            for (bit, found) in &self.keys {
                found.mark(&batch.batch, Position::new(seq, first), &mut verdicts, *bit)?;
            }
            first += batch.len();
            all.push(verdicts);
        }
        Ok((decoded, all))
    }
}

/// The shared keys, for key rules that somebody asks about.
fn duplicates(
    probe: &Probe<'_>,
    rules: &ContractRules,
    asked: &dyn Fn(&RuleInfo) -> bool,
    spec: &SourceSpec<'_>,
) -> Result<Vec<(usize, Duplicates)>, EngineError> {
    let asked = |bit: usize| rules.rules().get(bit).is_some_and(asked);
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
    fn of(rules: &ContractRules, old: Option<&ContractRules>, names: &[String]) -> Self {
        let mut mask = RuleMask::none(rules.rules().len());
        let bits: Vec<usize> = rules.rules().iter().filter(|info| names.contains(&info.name())).map(|info| info.bit).collect();
        bits.iter().for_each(|bit| mask.insert(*bit));
        // What only warned lets the row pass, and where the new rule only warns too, breaking it is no news.
        let warns = rules.rules().iter().filter(|info| bits.contains(&info.bit)).all(|info| info.on_fail == OnFail::Warn);
        let old = old.map(ContractRules::rules).unwrap_or_default();
        let mut before = RuleMask::none(old.len());
        let refuses = |info: &&RuleInfo| info.on_fail != OnFail::Warn || warns && names.contains(&info.name());
        old.iter().filter(refuses).for_each(|info| before.insert(info.bit));
        let mut fatal = RuleMask::none(rules.rules().len());
        rules
            .rules()
            .iter()
            .filter(|info| bits.contains(&info.bit) && info.on_fail == OnFail::Fail)
            .for_each(|info| fatal.insert(info.bit));
        Self { mask, bits, before, fatal, violating: 0, already: 0, stopping: 0, samples: Vec::new() }
    }

    fn add(&mut self, probe: &Probe<'_>, rules: &ContractRules, rows: &Rows, verdicts: &Verdicts, refused: Option<&BooleanBuffer>) {
        let broken = verdicts.rows_with(&self.mask);
        let news = match refused {
            Some(refused) => &broken & &!refused,
            None => broken.clone(),
        };
        let found = news.count_set_bits() as u64;
        self.violating += found;
        self.already += broken.count_set_bits() as u64 - found;
        self.stopping += verdicts.rows_with(&self.fatal).count_set_bits() as u64;
        for row in news.set_indices().take(SAMPLES.saturating_sub(self.samples.len())) {
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
