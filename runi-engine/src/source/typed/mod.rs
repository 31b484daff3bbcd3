//! Typed sources: Parquet, Arrow IPC and Delta tables. Their columns have types of their own, which are compared with the
//! contract's and cast where its policy allows.

mod delta;
mod digest;
mod guard;
mod ipc;
mod layout;
mod parquet;
mod parts;

pub(super) use delta::open as open_delta;
pub(super) use ipc::open as open_arrow;
pub(super) use parquet::open as open_parquet;

use super::Decoded;
use super::drift::{Drift, Match};
use super::{SourceSpec, files, target};
use crate::error::EngineError;
use crate::rows::{Chunk, Origins, RawCell, RawRecords, Rows};
use crate::sql::types::{from_arrow, to_arrow, widens};
use ::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use arrow::array::{Array, RecordBatch};
use arrow::compute::can_cast_types;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use layout::Layout;
use runi_lang::ir::Connector;
use runi_lang::model::Contract;
use runi_lang::types::DataType;
use rustc_hash::FxHashSet;
use std::path::Path;
use std::sync::Arc;

/// The footers of every Parquet file of a source or table; `None` for other formats.
///
/// # Errors
/// No file, one that is not Parquet, or no table.
pub(crate) fn table_files(name: &str, connector: &Connector, root: &Path) -> Result<Option<Vec<ArrowReaderMetadata>>, EngineError> {
    let spec = SourceSpec { name, connector, contract: None, root };
    match connector {
        Connector::Parquet { .. } => {
            files::find(&spec)?.iter().map(|file| parquet::footer(&spec, file)).collect::<Result<_, _>>().map(Some)
        }
        Connector::Delta { .. } => delta::footers(&spec).map(Some),
        Connector::Csv { .. } | Connector::Json { .. } | Connector::Arrow { .. } => Ok(None),
    }
}

/// The fields that a source delivers, and the column that serves each.
#[derive(Debug, Clone)]
struct Fields {
    schema: SchemaRef,
    columns: Vec<Option<String>>,
}

impl Fields {
    /// Matches the columns of one file (or table) with the contract, or takes them as they are.
    fn of(spec: &SourceSpec<'_>, shown: &str, source: &Schema) -> Result<(Self, Vec<Drift>), EngineError> {
        let bad = |message: String| EngineError::BadInput { source_name: spec.name.to_owned(), file: shown.to_owned(), message };
        let mut seen = FxHashSet::default();
        if let Some(twice) = source.fields().iter().find(|field| !seen.insert(field.name())) {
            return Err(bad(format!("has the column `{}` twice", twice.name())));
        }
        let Some(contract) = spec.contract else {
            let field = |field: &Arc<Field>| {
                let ty = from_arrow(field.data_type()).ok_or_else(|| {
                    bad(format!("has the column `{}` of a type that Runi does not know: {}", field.name(), field.data_type()))
                })?;
                Ok(Field::new(field.name(), to_arrow(&ty), true))
            };
            let fields = source.fields().iter().map(field).collect::<Result<Vec<_>, _>>()?;
            let columns = fields.iter().map(|field| Some(field.name().clone())).collect();
            return Ok((Self { schema: Arc::new(Schema::new(fields)), columns }, Vec::new()));
        };
        let names: Vec<String> = source.fields().iter().map(|field| field.name().clone()).collect();
        let matched = Match::by_name(contract, &names);
        let schema = target::schema(Some(contract), &[]);
        let mut drift = matched.drift;
        let mut columns = vec![None; contract.fields.len()];
        for (column, target) in source.fields().iter().zip(&matched.fields) {
            let Some(index) = *target else { continue };
            drift.extend(retyped(contract, index, column));
            let wanted = schema.field(index).data_type();
            if !can_cast_types(&parts::by_name(column.data_type(), wanted), wanted) {
                let declared = schema.field(index).name();
                return Err(bad(format!("has the column `{}` as {}, which cannot become `{declared}`", column.name(), column.data_type())));
            }
            if let Some(slot) = columns.get_mut(index) {
                *slot = Some(column.name().clone());
            }
        }
        Ok((Self { schema, columns }, drift))
    }
}

fn retyped(contract: &Contract, index: usize, column: &Field) -> Option<Drift> {
    let field = contract.fields.get(index)?;
    let actual = from_arrow(column.data_type());
    if actual.as_ref().is_some_and(|actual| holds(&as_text(&field.ty), actual)) {
        return None;
    }
    let actual = actual.map_or_else(|| column.data_type().to_string(), |actual| actual.to_string());
    Some(Drift::Retyped { field: field.name.clone(), declared: field.ty.to_string(), actual })
}

/// Whether every value of `actual` is one of `declared`, as it is. Parts of a struct are optional and known by name: one that the file
/// lacks is null, and one that the contract lacks is left out.
fn holds(declared: &DataType, actual: &DataType) -> bool {
    match (declared, actual) {
        // A zone says how a point in time is shown, not which one it is.
        (DataType::Timestamp { unit: to, zone: Some(_) }, DataType::Timestamp { unit: from, zone: Some(_) }) => from <= to,
        (DataType::List(declared), DataType::List(actual)) => holds(declared, actual),
        (DataType::Map(key, value), DataType::Map(actual_key, actual_value)) => holds(key, actual_key) && holds(value, actual_value),
        (DataType::Struct(declared), DataType::Struct(actual)) => {
            let part = |(name, ty): &(String, DataType)| actual.iter().find(|(other, _)| other == name).map(|(_, other)| holds(ty, other));
            let mut both = declared.iter().filter_map(part).peekable();
            // With no part in common they are two different things.
            both.peek().is_some() && both.all(|held| held)
        }
        _ => widens(actual, declared),
    }
}

/// A column of text may hold an enum: which values it has is the rules' business.
fn as_text(ty: &DataType) -> DataType {
    match ty {
        DataType::Enum(_) => DataType::String,
        DataType::List(item) => DataType::List(Box::new(as_text(item))),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(|(name, ty)| (name.clone(), as_text(ty))).collect()),
        DataType::Map(key, value) => DataType::Map(Box::new(as_text(key)), Box::new(as_text(value))),
        other => other.clone(),
    }
}

/// What the pieces of one typed file share.
#[derive(Debug)]
struct TypedFile {
    source: Arc<str>,
    shown: Arc<str>,
    layout: Layout,
}

impl TypedFile {
    /// Batches as they were read become batches as the contract wants them. `first` is the number of the first row, from 1.
    fn decode(
        &self,
        seq: u64,
        mut first: u64,
        batches: impl IntoIterator<Item = Result<RecordBatch, EngineError>>,
    ) -> Result<Decoded, EngineError> {
        const BATCH_BITS: u32 = 24;
        let mut decoded = Decoded { seq, batches: Vec::new(), malformed: Vec::new(), records: 0 };
        for read in batches {
            let read = read?;
            let rows = read.num_rows() as u64;
            let (batch, failures) = self.layout.apply(&read)?;
            let raw = TypedRecords { batch: read, first };
            let chunk = Chunk {
                source: Arc::clone(&self.source),
                file: Arc::clone(&self.shown),
                seq: seq << BATCH_BITS | decoded.batches.len() as u64,
                raw: Box::new(raw),
            };
            decoded.batches.push((Rows { batch, origin: Some(Origins { chunk: Arc::new(chunk), index: None }) }, failures));
            decoded.records += rows;
            first += rows;
        }
        Ok(decoded)
    }
}

/// The rows of one batch as they were read, before any cast.
#[derive(Debug)]
struct TypedRecords {
    batch: RecordBatch,
    first: u64,
}

impl RawRecords for TypedRecords {
    fn cells(&self, row: usize) -> Vec<RawCell> {
        let options = FormatOptions::default().with_display_error(true);
        let schema = self.batch.schema();
        let cell = |(field, column): (&Arc<Field>, &Arc<dyn Array>)| {
            let text = column.is_valid(row).then(|| ArrayFormatter::try_new(column, &options).ok().map(|f| f.value(row).to_string()));
            RawCell { column: field.name().clone(), text: text.flatten(), json: false }
        };
        schema.fields().iter().zip(self.batch.columns()).map(cell).collect()
    }

    fn number(&self, row: usize) -> u64 {
        self.first + row as u64
    }

    fn line(&self, _: usize) -> Option<u64> {
        None
    }
}
