//! Values for columns that an example leaves out: fixed, valid, and different where they must be.
//!
//! Candidates are made from the field's type and rules, the simplest first, and the engine's own rules choose among them: what is
//! filled in is never what a run sets aside for a rule of that field.

mod ordered;
mod pattern;
mod text;

use crate::table::Table;
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{Field as ArrowField, Schema};
use runi_engine::rows::CellFailures;
use runi_engine::rules::ContractRules;
use runi_engine::source::plain;
use runi_engine::sql::types::to_arrow;
use runi_lang::model::{Contract, Field};
use runi_lang::types::DataType;
use std::collections::HashSet;
use std::sync::Arc;

/// Candidates of which the engine judges so many at a time.
const BATCH: usize = 1024;
/// Candidates for one value that are looked at before it is given up: of check digits, one in ninety-seven is right.
const TRIED: usize = 1000;

/// A source of an example, and its contract if it has one.
#[derive(Debug)]
pub struct Given<'a> {
    /// The contract of its rows.
    pub contract: Option<&'a Contract>,
    /// The rows, with the columns that the example shows.
    pub table: Table,
}

/// Adds to each table the fields of its contract that it leaves out: null where there may be none, the other table's values where a
/// `@references` wants one of them, else fixed valid values.
///
/// # Errors
/// A column that the contract does not have, or one for which no valid values are found: the example has to show it.
pub fn fill(sources: &mut [Given<'_>]) -> Result<(), String> {
    // A reference takes its values from a column that may be filled in itself.
    let mut waiting = Vec::new();
    for at in 0..sources.len() {
        let Some(contract) = sources.get(at).and_then(|given| given.contract) else { continue };
        let Some(given) = sources.get_mut(at) else { continue };
        if let Some(unknown) = given.table.columns.iter().find(|column| contract.field(column).is_none()) {
            return Err(format!("contract `{}` has no field `{unknown}`", contract.name));
        }
        let left_out: Vec<&Field> = contract.fields.iter().filter(|field| !given.table.columns.contains(&field.name)).collect();
        for field in &left_out {
            let target = contract.references.iter().find(|reference| reference.column == field.name && is_needed(contract, field));
            match target {
                Some(reference) => waiting.push((at, *field, reference)),
                None => add(contract, field, &left_out, &mut given.table)?,
            }
        }
    }
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut rest = Vec::new();
        for (at, field, reference) in waiting {
            let target = sources.iter().find(|given| given.contract.is_some_and(|contract| contract.name == reference.contract));
            let known = target.map(|given| column(&given.table, &reference.target));
            match known {
                Some(None) => rest.push((at, field, reference)),
                known => refer(sources, at, field, &known.flatten().unwrap_or_default())?,
            }
        }
        if rest.len() == before {
            // References in a circle: their columns are filled as if they were none.
            for (at, field, _) in std::mem::take(&mut rest) {
                refer(sources, at, field, &[])?;
            }
        }
        waiting = rest;
    }
    Ok(())
}

/// The values of a column, each once; `None` when the table has no such column yet.
fn column(table: &Table, name: &str) -> Option<Vec<String>> {
    let at = table.columns.iter().position(|column| column == name)?;
    let mut seen = HashSet::new();
    let cells = table.rows.iter().filter_map(|row| row.get(at)?.clone());
    Some(cells.filter(|cell| seen.insert(cell.clone())).collect())
}

/// Adds a column that refers to one of `known`; without any, one as for every other field.
fn refer(sources: &mut [Given<'_>], at: usize, field: &Field, known: &[String]) -> Result<(), String> {
    let Some(Given { contract: Some(contract), table }) = sources.get_mut(at) else { return Ok(()) };
    if known.is_empty() {
        return add(contract, field, &[field], table);
    }
    let rows = table.rows.len();
    if is_unique(contract, field) && known.len() < rows {
        return Err(too_few(contract, field, known.len(), rows));
    }
    push(table, field, known.iter().cycle().take(rows).cloned().map(Some));
    Ok(())
}

fn push(table: &mut Table, field: &Field, cells: impl Iterator<Item = Option<String>>) {
    table.columns.push(field.name.clone());
    table.rows.iter_mut().zip(cells).for_each(|(row, cell)| row.push(cell));
}

/// Adds the column of a field that refers to nothing.
fn add(contract: &Contract, field: &Field, left_out: &[&Field], table: &mut Table) -> Result<(), String> {
    let rows = table.rows.len();
    if !is_needed(contract, field) || rows == 0 {
        push(table, field, std::iter::repeat_n(None, rows));
        return Ok(());
    }
    let unique = is_unique(contract, field);
    let key = contract.keys.iter().find(|key| key.columns.len() > 1 && key.columns.contains(&field.name));
    let wanted = if unique || key.is_some() { rows } else { 1 };
    let values = values(field, wanted)?;
    if values.is_empty() || unique && values.len() < rows {
        return Err(too_few(contract, field, values.len(), rows));
    }
    // The columns of a key count together, like the digits of a number: the first changes with each row.
    let before = key.iter().flat_map(|key| key.columns.iter().take_while(|column| **column != field.name));
    let mut stride = 1;
    for other in before.filter_map(|column| left_out.iter().find(|field| field.name == *column)).filter(|_| !unique) {
        stride *= self::values(other, rows)?.len().max(1);
    }
    let cell = |row: usize| values.get(row / stride % values.len().max(1)).cloned();
    push(table, field, (0..rows).map(cell));
    Ok(())
}

fn too_few(contract: &Contract, field: &Field, found: usize, rows: usize) -> String {
    let found = match found {
        0 => "no valid value was found".to_owned(),
        1 => format!("only one valid value was found for {rows} rows"),
        several => format!("only {several} different valid values were found for {rows} rows"),
    };
    format!("the example leaves out `{}` of `{}`, for which {found}: give the column in its table", field.name, contract.name)
}

/// Whether a valid row has a value here.
fn is_needed(contract: &Contract, field: &Field) -> bool {
    field.is_required() || contract.keys.iter().any(|key| key.primary && key.columns.contains(&field.name))
}

/// Whether no two rows may share a value.
fn is_unique(contract: &Contract, field: &Field) -> bool {
    field.rules.unique.is_some() || contract.keys.iter().any(|key| key.columns.len() == 1 && key.columns.contains(&field.name))
}

/// Up to `wanted` different valid values of a field, the simplest first.
fn values(field: &Field, wanted: usize) -> Result<Vec<String>, String> {
    let judge = Judge::new(field)?;
    let mut candidates = candidates(field, wanted)?;
    let (mut found, mut seen, mut left) = (Vec::new(), HashSet::new(), TRIED.saturating_mul(wanted.saturating_add(10)));
    let mut size = wanted.min(BATCH);
    while found.len() < wanted && left > 0 {
        let some: Vec<String> = candidates.by_ref().take(size).collect();
        if some.is_empty() {
            break;
        }
        left = left.saturating_sub(some.len());
        size = BATCH;
        let valid = judge.valid(&some)?;
        found.extend(some.into_iter().zip(valid).filter(|(text, valid)| *valid && seen.insert(text.clone())).map(|(text, _)| text));
    }
    found.truncate(wanted);
    Ok(found)
}

type Candidates = Box<dyn Iterator<Item = String>>;

fn candidates(field: &Field, wanted: usize) -> Result<Candidates, String> {
    let fixed = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    Ok(match &field.ty {
        DataType::Boolean => Box::new(fixed(&["true", "false"]).into_iter()),
        DataType::Enum(values) => Box::new(values.clone().into_iter()),
        DataType::String => text::candidates(field, wanted),
        DataType::Binary => Box::new((0..).map(|step| if step == 0 { "61".to_owned() } else { format!("{step:08x}") })),
        ty if ty.is_ordered() => Box::new(ordered::candidates(field, wanted)?.into_iter()),
        DataType::List(_) => Box::new(fixed(&["[]"]).into_iter()),
        _ => Box::new(fixed(&["{}"]).into_iter()),
    })
}

/// The rules of one field, without those about other rows.
struct Judge {
    schema: Arc<Schema>,
    rules: ContractRules,
}

impl Judge {
    fn new(field: &Field) -> Result<Self, String> {
        let mut alone = Contract { fields: vec![field.clone()], ..Contract::new("Alone") };
        alone.fields.iter_mut().for_each(|field| field.rules.unique = None);
        let schema = Arc::new(Schema::new(vec![ArrowField::new(&field.name, to_arrow(&field.ty), true)]));
        let rules = ContractRules::compile(&alone, &schema, &mut |_| Err(runi_engine::error::EngineError::Interrupted));
        Ok(Self { schema, rules: rules.map_err(|error| error.to_string())? })
    }

    /// Which texts a run would let pass.
    fn valid(&self, texts: &[String]) -> Result<Vec<bool>, String> {
        let ty = self.schema.field(0).data_type();
        let Some((values, failed)) = plain::values(ty, texts.iter().map(|text| Some(text.as_str()))).map_err(|error| error.to_string())?
        else {
            return Ok(vec![false; texts.len()]);
        };
        let failures: Vec<CellFailures> = failed.into_iter().map(|rows| CellFailures { column: 0, rows }).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), vec![values]).map_err(|error| error.to_string())?;
        let verdicts = self.rules.evaluate(&batch, &failures).map_err(|error| error.to_string())?;
        Ok((0..texts.len()).map(|row| verdicts.broken(row).next().is_none()).collect())
    }
}

/// The texts of values that were computed.
fn shown(values: &ArrayRef) -> Result<Vec<String>, String> {
    debug_assert_eq!(values.null_count(), 0);
    Ok(plain::texts(values).map_err(|error| error.to_string())?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests;
