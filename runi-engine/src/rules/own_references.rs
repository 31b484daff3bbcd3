//! `@references` of a contract to itself: every value must be among the valid rows of the same source.
//!
//! A row that leads nowhere is not valid, so what refers to it leads nowhere too. What stays is the largest set of rows in
//! which every reference finds its row: rows fall one after the other, each once, so that a long chain costs no more than
//! a short one.

use super::hashing::Identities;
use super::{RuleMask, Verdicts};
use crate::error::EngineError;
use arrow::array::{Array, ArrayRef, RecordBatch};
use rustc_hash::FxHashMap;

/// A reference between rows of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnReference {
    /// The rule.
    pub bit: usize,
    /// The column that refers.
    pub column: usize,
    /// The column that it refers to.
    pub target: usize,
}

/// One reference over all rows.
struct Links {
    bit: usize,
    /// Whether a row that breaks it is no valid row.
    bad: bool,
    /// Row → what others may refer to.
    targets: Vec<Option<u128>>,
    /// Value → how many valid rows have it.
    valid: FxHashMap<u128, usize>,
    /// Value → the rows that refer to it.
    refer: FxHashMap<u128, Vec<usize>>,
    /// Rows whose value no row can have.
    nowhere: Vec<usize>,
}

/// Marks every row that refers to none of the valid rows. `batches` are all rows of the source, with everything else that
/// they break; `bad` are the rules that make a row invalid. Null refers to nothing and passes.
///
/// # Errors
/// A column that is not there, or of a type without equality.
pub fn settle(batches: &mut [(&RecordBatch, &mut Verdicts)], references: &[OwnReference], bad: &RuleMask) -> Result<(), EngineError> {
    if references.is_empty() {
        return Ok(());
    }
    let mut place: Vec<(usize, usize)> = Vec::new();
    let mut alive: Vec<bool> = Vec::new();
    for (batch, (rows, verdicts)) in batches.iter().enumerate() {
        let broken = verdicts.rows_with(bad);
        place.extend((0..rows.num_rows()).map(|row| (batch, row)));
        alive.extend(broken.iter().map(|broken| !broken));
    }
    let mut links =
        references.iter().map(|reference| links(batches, *reference, bad, &alive)).collect::<Result<Vec<Links>, EngineError>>()?;
    let mut fallen: Vec<usize> = Vec::new();
    let mut mark = |row: usize, bit: usize, bad: bool, fallen: &mut Vec<usize>| {
        let Some((batch, at)) = place.get(row) else { return };
        if let Some((_, verdicts)) = batches.get_mut(*batch) {
            verdicts.set(*at, bit);
        }
        if let Some(alive) = alive.get_mut(row).filter(|alive| bad && **alive) {
            *alive = false;
            fallen.push(row);
        }
    };
    for link in &links {
        let lost = link.refer.iter().filter(|(value, _)| !link.valid.contains_key(*value)).flat_map(|(_, rows)| rows);
        lost.chain(&link.nowhere).for_each(|row| mark(*row, link.bit, link.bad, &mut fallen));
    }
    while let Some(row) = fallen.pop() {
        for link in &mut links {
            let Some(Some(target)) = link.targets.get(row) else { continue };
            let left = link.valid.get_mut(target).map(|count| {
                *count = count.saturating_sub(1);
                *count
            });
            if left == Some(0) {
                link.valid.remove(target);
                for other in link.refer.get(target).into_iter().flatten() {
                    mark(*other, link.bit, link.bad, &mut fallen);
                }
            }
        }
    }
    Ok(())
}

fn links(batches: &[(&RecordBatch, &mut Verdicts)], reference: OwnReference, bad: &RuleMask, alive: &[bool]) -> Result<Links, EngineError> {
    let mut links = Links {
        bit: reference.bit,
        bad: bad.contains(reference.bit),
        targets: Vec::with_capacity(alive.len()),
        valid: FxHashMap::default(),
        refer: FxHashMap::default(),
        nowhere: Vec::new(),
    };
    let Some((first, _)) = batches.first() else { return Ok(links) };
    let identities = Identities::new(vec![column(first, reference.target)?.data_type().clone()])?;
    for (batch, _) in batches {
        let start = links.targets.len();
        let values = column(batch, reference.column)?;
        let nulls = values.logical_nulls();
        for (at, value) in identities.of(std::slice::from_ref(values))?.into_iter().enumerate() {
            match value {
                Some(value) => links.refer.entry(value).or_default().push(start + at),
                None if nulls.as_ref().is_some_and(|nulls| nulls.is_null(at)) => {}
                None => links.nowhere.push(start + at),
            }
        }
        for target in identities.of(std::slice::from_ref(column(batch, reference.target)?))? {
            if let Some(target) = target.filter(|_| alive.get(links.targets.len()) == Some(&true)) {
                *links.valid.entry(target).or_default() += 1;
            }
            links.targets.push(target);
        }
    }
    Ok(links)
}

fn column(batch: &RecordBatch, at: usize) -> Result<&ArrayRef, EngineError> {
    batch.columns().get(at).ok_or_else(|| EngineError::Engine {
        context: "checking a reference".to_owned(),
        message: format!("the batch has {} columns, column {} is needed", batch.num_columns(), at + 1),
    })
}
