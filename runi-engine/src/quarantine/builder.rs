//! Gathers what was set aside into one batch.

use super::json::json_value;
use super::{Reason, SourcePrivacy, schema};
use crate::error::EngineError;
use crate::mask::canonical;
use crate::rows::{Malformed, Origins, Rows};
use crate::rules::explain::quoted;
use arrow::array::{Array, ArrayRef, Int64Builder, ListBuilder, RecordBatch, StringViewBuilder};
use arrow::buffer::BooleanBuffer;
use runi_lang::ir::ContractBinding;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What stands for a cell that must not be shown.
const HIDDEN: &str = "***";
/// Bytes from which a sensitive value is looked for in error texts: shorter ones are in any text by chance.
const TRACEABLE: usize = 3;

/// Rows that were set aside by one worker.
pub struct QuarantineBuilder {
    run_id: String,
    scenario: String,
    privacy: Arc<SourcePrivacy>,
    stage: StringViewBuilder,
    rules: ListBuilder<StringViewBuilder>,
    titles: ListBuilder<StringViewBuilder>,
    errors: ListBuilder<StringViewBuilder>,
    contract: StringViewBuilder,
    source: StringViewBuilder,
    file: StringViewBuilder,
    row: Int64Builder,
    line: Int64Builder,
    record: StringViewBuilder,
    rows: usize,
}

/// Where a row was read.
#[derive(Default)]
struct Place<'a> {
    source: Option<&'a str>,
    file: Option<&'a str>,
    row: Option<u64>,
    line: Option<u64>,
}

/// A row as JSON, and the texts of it that must not be shown.
struct Record {
    json: String,
    hidden: Vec<String>,
    /// Cells as they were read that may be shown, for errors about values that are in no batch.
    read: Vec<(String, String)>,
}

impl QuarantineBuilder {
    /// Nothing set aside yet. Without [`QuarantineBuilder::with_sources`] no cell of a source's records is shown.
    #[must_use]
    pub fn new(run_id: &str, scenario: &str) -> Self {
        Self {
            run_id: run_id.to_owned(),
            scenario: scenario.to_owned(),
            privacy: Arc::default(),
            stage: repeated(),
            rules: ListBuilder::with_capacity(repeated(), 0),
            titles: ListBuilder::with_capacity(repeated(), 0),
            errors: ListBuilder::with_capacity(StringViewBuilder::with_capacity(0), 0),
            contract: repeated(),
            source: repeated(),
            file: repeated(),
            row: Int64Builder::with_capacity(0),
            line: Int64Builder::with_capacity(0),
            record: StringViewBuilder::with_capacity(0),
            rows: 0,
        }
    }

    /// With the labels of the sources, made once per run by [`SourcePrivacy::of`].
    #[must_use]
    pub fn with_sources(mut self, privacy: Arc<SourcePrivacy>) -> Self {
        self.privacy = privacy;
        self
    }

    /// How many rows were set aside.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether none was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Sets aside the rows of a stage that `selected` names; `sensitive` are the stage's columns that must not be shown.
    ///
    /// # Errors
    /// A cell that cannot be written as text.
    #[expect(clippy::too_many_arguments, reason = "each says something else about the same rows")]
    pub fn push_rows(
        &mut self,
        stage: &str,
        contract: Option<&ContractBinding>,
        rows: &Rows,
        selected: &BooleanBuffer,
        reasons: &mut dyn FnMut(usize) -> Vec<Reason>,
        sensitive: &[String],
        raw_allowed: bool,
    ) -> Result<(), EngineError> {
        let contract = contract.map(contract_name);
        for row in selected.set_indices() {
            let (place, record) = match &rows.origin {
                Some(origin) => self.as_read(origin, &rows.batch, row, sensitive, raw_allowed)?,
                None => (Place::default(), as_it_stands(&rows.batch, row, sensitive, raw_allowed)?),
            };
            self.push(stage, contract.as_deref(), &place, &record, reasons(row));
        }
        Ok(())
    }

    /// Sets aside a record that is no row. Its text is kept, unless the source `has_sensitive` columns (any of its bytes
    /// might be theirs) and raw rows are not allowed.
    pub fn push_malformed(
        &mut self,
        stage: &str,
        contract: Option<&ContractBinding>,
        source: &str,
        malformed: &Malformed,
        has_sensitive: bool,
        raw_allowed: bool,
    ) {
        let withheld = !raw_allowed && (has_sensitive || self.privacy.has_sensitive(source));
        let json = match withheld {
            true => json!({ "withheld": "the record may hold sensitive values; its position is kept" }),
            false => json!({ "raw": malformed.raw }),
        };
        let reason = Reason { rule: "malformed".to_owned(), title: "the record can be read".to_owned(), error: malformed.error.clone() };
        let place = Place { source: Some(source), file: Some(&malformed.file), row: Some(malformed.number), line: Some(malformed.line) };
        let contract = contract.map(contract_name);
        self.push(
            stage,
            contract.as_deref(),
            &place,
            &Record { json: json.to_string(), hidden: Vec::new(), read: Vec::new() },
            vec![reason],
        );
    }

    /// Everything as one batch of [`schema`], which takes no more memory than it has to: batches wait to be written in order. The
    /// builder is empty afterwards.
    ///
    /// # Errors
    /// What Arrow says.
    pub fn finish(&mut self) -> Result<RecordBatch, EngineError> {
        let rows = std::mem::take(&mut self.rows);
        let constant = |text: &str| {
            let mut builder = repeated();
            (0..rows).for_each(|_| builder.append_value(text));
            builder.finish()
        };
        let columns: Vec<ArrayRef> = vec![
            tight(constant(&self.run_id)),
            tight(constant(&self.scenario)),
            tight(self.stage.finish()),
            tight(self.rules.finish()),
            tight(self.titles.finish()),
            tight(self.errors.finish()),
            tight(self.contract.finish()),
            tight(self.source.finish()),
            tight(self.file.finish()),
            tight(self.row.finish()),
            tight(self.line.finish()),
            tight(self.record.finish()),
        ];
        RecordBatch::try_new(schema(), columns).map_err(EngineError::engine("gathering the quarantine"))
    }

    fn as_read<'a>(
        &self,
        origin: &'a Origins,
        batch: &RecordBatch,
        row: usize,
        sensitive: &[String],
        raw_allowed: bool,
    ) -> Result<(Place<'a>, Record), EngineError> {
        let (chunk, record) = (&origin.chunk, origin.record(row));
        let raw = &chunk.raw;
        // What the stage made of sensitive values must not show in its errors either.
        let mut hidden = hidden_texts(batch, row, sensitive)?;
        let (mut object, mut read): (Vec<(String, String)>, _) = (Vec::new(), Vec::new());
        // Columns whose names are not shown either.
        let mut unseen = 0;
        for cell in raw.cells(record) {
            let hide = self.privacy.hides(&chunk.source, &cell.column) || sensitive.contains(&cell.column);
            let value = match cell.text {
                Some(text) => {
                    // Digits and shape stay as they were read: no number goes through a float here.
                    let shown = if cell.json { text.clone() } else { Value::String(text.clone()).to_string() };
                    if hide {
                        hidden.push(text);
                        if raw_allowed { shown } else { Value::String(HIDDEN.to_owned()).to_string() }
                    } else {
                        read.push((cell.column.clone(), text));
                        shown
                    }
                }
                None => Value::Null.to_string(),
            };
            let name = if !raw_allowed && raw.names_are_data() && self.privacy.hides_name(&chunk.source, &cell.column) {
                unseen += 1;
                if unseen == 1 { HIDDEN.to_owned() } else { format!("{HIDDEN} {unseen}") }
            } else {
                cell.column
            };
            match object.iter_mut().find(|(column, _)| *column == name) {
                Some((_, earlier)) => *earlier = value,
                None => object.push((name, value)),
            }
        }
        let entries: Vec<String> = object.into_iter().map(|(column, value)| format!("{}:{value}", Value::String(column))).collect();
        let place = Place { source: Some(&chunk.source), file: Some(&chunk.file), row: Some(raw.number(record)), line: raw.line(record) };
        Ok((place, Record { json: format!("{{{}}}", entries.join(",")), hidden, read }))
    }

    fn push(&mut self, stage: &str, contract: Option<&str>, place: &Place<'_>, record: &Record, reasons: Vec<Reason>) {
        self.stage.append_value(stage);
        for reason in reasons {
            // A value that could not be read is in no batch, so only here can it be named.
            let unread = reason.rule.strip_prefix("type:").and_then(|column| record.read.iter().find(|(read, _)| read == column));
            let error = match unread {
                Some((_, text)) => format!("{}: {}", reason.error, quoted(text)),
                None => reason.error,
            };
            let leaks = record.hidden.iter().any(|text| text.len() >= TRACEABLE && error.contains(text.as_str()));
            let error = if leaks { "what was found is sensitive and not shown" } else { error.as_str() };
            self.rules.values().append_value(&reason.rule);
            self.titles.values().append_value(&reason.title);
            self.errors.values().append_value(error);
        }
        self.rules.append(true);
        self.titles.append(true);
        self.errors.append(true);
        self.contract.append_option(contract);
        self.source.append_option(place.source);
        self.file.append_option(place.file);
        self.row.append_option(place.row.and_then(|row| i64::try_from(row).ok()));
        self.line.append_option(place.line.and_then(|line| i64::try_from(line).ok()));
        self.record.append_value(&record.json);
        self.rows += 1;
    }
}

/// Texts of which there are few: each is kept once.
fn repeated() -> StringViewBuilder {
    StringViewBuilder::with_capacity(0).with_deduplicate_strings()
}

/// The array without the room that its builder kept for more.
fn tight<A: Array + 'static>(mut array: A) -> ArrayRef {
    array.shrink_to_fit();
    Arc::new(array)
}

fn contract_name(binding: &ContractBinding) -> String {
    format!("{}@{}", binding.contract.name, binding.hash)
}

/// The batch's own row: there is no earlier one after a set-level step.
fn as_it_stands(batch: &RecordBatch, row: usize, sensitive: &[String], raw_allowed: bool) -> Result<Record, EngineError> {
    let mut object = Map::new();
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let value = match json_value(column, row)? {
            Value::Null => Value::Null,
            _ if !raw_allowed && sensitive.contains(field.name()) => Value::String(HIDDEN.to_owned()),
            value => value,
        };
        object.insert(field.name().clone(), value);
    }
    Ok(Record { json: Value::Object(object).to_string(), hidden: hidden_texts(batch, row, sensitive)?, read: Vec::new() })
}

fn hidden_texts(batch: &RecordBatch, row: usize, sensitive: &[String]) -> Result<Vec<String>, EngineError> {
    let columns = sensitive.iter().filter_map(|name| batch.column_by_name(name));
    columns.filter_map(|column| canonical::text(column, row).transpose()).collect()
}
