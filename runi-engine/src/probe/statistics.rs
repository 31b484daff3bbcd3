//! What the footers of Parquet files prove without reading a row.
//!
//! Null counts are exact. Lowest and highest values prove that *no* value breaks a range or a narrower integer type when
//! neither of the two does; they never say how many do, so then the rows are scanned.

use super::{Answer, Probe};
use crate::error::EngineError;
use crate::rules::ContractRules;
use crate::source::table_files;
use crate::sql::types::to_arrow;
use arrow::array::{Array, ArrayRef, RecordBatch, UInt64Array, new_null_array};
use arrow::compute::{CastOptions, cast_with_options, concat};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use runi_lang::diff::{Method, Question};
use runi_lang::ir::Connector;
use runi_lang::model::{Contract, Field, FieldRules, OnFail};
use runi_lang::types::DataType as LangType;
use std::sync::Arc;

/// The footers of every file of a source.
pub(super) struct Footers {
    files: Vec<ArrowReaderMetadata>,
    rows: u64,
    /// Columns by which a Delta table is partitioned are in no file.
    may_be_partitioned: bool,
}

/// What the footers say of one column.
struct ColumnFacts {
    nulls: u64,
    /// Lowest and highest values of every row group that has any.
    extremes: ArrayRef,
}

impl Footers {
    /// `None` for formats without footers.
    pub(super) fn of(probe: &Probe<'_>) -> Result<Option<Self>, EngineError> {
        let Some(files) = table_files(probe.name, probe.connector, probe.root)? else { return Ok(None) };
        let rows = files.iter().flat_map(|file| file.metadata().row_groups()).map(|group| group.num_rows().max(0) as u64).sum();
        let may_be_partitioned = matches!(probe.connector, Connector::Delta { .. });
        Ok(Some(Self { files, rows, may_be_partitioned }))
    }

    /// An answer that needs no row; `None` when the rows must be read.
    pub(super) fn answer(&self, contract: &Contract, question: &Question) -> Option<Answer> {
        let violating = match question {
            Question::Nulls { column } => self.nulls(contract, column)?,
            Question::Unfit { column, ty } => self.none_unfit(column, ty)?,
            Question::Broken { rules } => {
                let ranges = rules.iter().all(|rule| rule.rule == "range");
                (ranges && rules.iter().all(|rule| self.none_out_of_range(contract, &rule.field))).then_some(0)?
            }
            Question::Duplicates { .. } | Question::Key { .. } => return None,
        };
        let fails = matches!(question, Question::Nulls { column } if required(contract, column) == Some(OnFail::Fail));
        let stopping = if fails { violating } else { 0 };
        Some(Answer { rows: self.rows, violating, already: 0, stopping, method: Method::Statistics, samples: Vec::new() })
    }

    /// Whether the footers prove that no row breaks any rule of this contract, so that none is in the quarantine.
    pub(super) fn refuses_nothing(&self, contract: &Contract) -> bool {
        let field_holds = |field: &Field| {
            let FieldRules { required, unique, range, length, matches, format, .. } = &field.rules;
            unique.is_none()
                && length.is_none()
                && matches.is_none()
                && format.is_none()
                && !matches!(field.ty, LangType::Enum(_))
                && self.reads_as(field)
                && (required.is_none() || self.nulls(contract, &field.name) == Some(0))
                && (range.is_none() || self.none_out_of_range(contract, &field.name))
        };
        // A key needs a value in each of its columns, and no two rows alike, of which footers know nothing.
        contract.keys.is_empty() && contract.rules.is_empty() && contract.fields.iter().all(field_holds)
    }

    /// Whether the files hold the column in the very type of the field, or not at all, so that no value fails to be read.
    fn reads_as(&self, field: &Field) -> bool {
        let is_text = |ty: &DataType| matches!(ty, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        let wanted = to_arrow(&field.ty);
        self.files.iter().all(|file| match file.schema().field_with_name(&field.name) {
            Ok(found) => found.data_type() == &wanted || is_text(found.data_type()) && is_text(&wanted),
            Err(_) => !self.may_be_partitioned,
        })
    }

    /// Exact: nulls, and every row of a file that lacks the column.
    fn nulls(&self, contract: &Contract, column: &str) -> Option<u64> {
        // Under an earlier name the column may be there after all.
        if contract.renamed.iter().any(|renamed| renamed.to == column) {
            return None;
        }
        let mut nulls = 0;
        for file in &self.files {
            let rows: u64 = file.metadata().row_groups().iter().map(|group| group.num_rows().max(0) as u64).sum();
            nulls += match file.schema().field_with_name(column) {
                Ok(_) => facts(file, column)?.nulls,
                Err(_) if self.may_be_partitioned => return None,
                Err(_) => rows,
            };
        }
        Some(nulls)
    }

    /// 0 when every integer fits a narrower integer type.
    fn none_unfit(&self, column: &str, ty: &LangType) -> Option<u64> {
        let target = to_arrow(ty);
        if !ty.is_integer() {
            return None;
        }
        for file in &self.files {
            let facts = facts(file, column).filter(|facts| facts.extremes.data_type().is_integer())?;
            let cast = cast_with_options(&facts.extremes, &target, &CastOptions { safe: true, ..CastOptions::default() }).ok()?;
            if cast.null_count() > facts.extremes.null_count() {
                return None;
            }
        }
        Some(0)
    }

    /// Whether lowest and highest values both lie inside the new range.
    fn none_out_of_range(&self, contract: &Contract, column: &str) -> bool {
        self.files.iter().all(|file| out_of_range(file, contract, column) == Some(false))
    }
}

/// What happens to a row that has no value in this column; `None` when it may.
fn required(contract: &Contract, column: &str) -> Option<OnFail> {
    let keyed = contract.keys.iter().find(|key| key.primary && key.columns.iter().any(|part| part == column));
    let own = contract.field(column).and_then(|field| field.rules.required).or_else(|| keyed.map(|key| key.on_fail));
    own.map(|own| own.unwrap_or(contract.on_fail))
}

/// Whether an extreme of the file's column breaks the field's range; `None` when that cannot be told.
fn out_of_range(file: &ArrowReaderMetadata, contract: &Contract, column: &str) -> Option<bool> {
    let field = contract.field(column)?;
    let facts = facts(file, column)?;
    let target = to_arrow(&field.ty);
    // Of another type the values are cast one by one, which may round; only the rows can tell.
    if facts.extremes.data_type() != &target {
        return None;
    }
    let mut alone = contract.clone();
    alone.fields.retain(|field| field.name == column);
    alone.keys.clear();
    alone.rules.clear();
    alone.references.clear();
    let schema: SchemaRef = Arc::new(Schema::new(vec![ArrowField::new(column, target, true)]));
    let rules = ContractRules::compile(&alone, &schema, &mut |_| Err(EngineError::Interrupted)).ok()?;
    let batch = RecordBatch::try_new(schema, vec![facts.extremes]).ok()?;
    let verdicts = rules.evaluate(&batch, &[]).ok()?;
    let range = rules.rules().iter().find(|info| info.id == "range")?;
    Some((0..batch.num_rows()).any(|row| verdicts.is_set(row, range.bit)))
}

/// Null count and extremes of one top-level column; `None` when a row group does not say them exactly.
fn facts(file: &ArrowReaderMetadata, column: &str) -> Option<ColumnFacts> {
    let (_, field) = file.schema().column_with_name(column)?;
    let groups = file.metadata().row_groups();
    if field.data_type().is_nested() {
        return None;
    }
    let converter =
        StatisticsConverter::try_new(column, file.schema(), file.parquet_schema()).ok()?.with_missing_null_counts_as_zero(false);
    let nulls: UInt64Array = converter.row_group_null_counts(groups.iter()).ok()?;
    if nulls.null_count() > 0 {
        return None;
    }
    let nulls_total = nulls.values().iter().sum();
    if !is_exact(field.data_type()) {
        return Some(ColumnFacts { nulls: nulls_total, extremes: new_null_array(&DataType::Null, 0) });
    }
    let (lowest, highest) = (converter.row_group_mins(groups.iter()).ok()?, converter.row_group_maxes(groups.iter()).ok()?);
    for (index, group) in groups.iter().enumerate() {
        let has_values = u64::try_from(group.num_rows()).unwrap_or_default() > nulls.value(index);
        if has_values && (lowest.is_null(index) || highest.is_null(index)) {
            return None;
        }
    }
    let extremes = concat(&[lowest.as_ref(), highest.as_ref()]).ok()?;
    Some(ColumnFacts { nulls: nulls_total, extremes })
}

/// Types whose lowest and highest values are values of the column: texts may be cut, and floats leave NaN out.
fn is_exact(ty: &DataType) -> bool {
    ty.is_integer() || ty.is_temporal() || matches!(ty, DataType::Decimal128(..) | DataType::Boolean)
}
