//! Delimited text.

mod format;

use super::drift::{self, Drift, Match};
use super::files::SourceFile;
use super::text::{Framing, TextCutter, TextFile, head};
use super::{OpenSource, ReadOptions, SourceSpec, target};
use crate::error::EngineError;
use format::CsvFormat;
use runi_lang::check::sensitive_fields;
use runi_lang::ir::Connector;
use std::sync::Arc;

/// Opens delimited text: reads each file's header and matches its columns by name.
///
/// # Errors
/// A header that cannot be read or names a column twice; drift.
pub(super) fn open(spec: &SourceSpec<'_>, files: Vec<SourceFile>, options: &ReadOptions) -> Result<OpenSource, EngineError> {
    let Connector::Csv { delimiter, header, quote, nulls, .. } = spec.connector else {
        return Err(super::wrong_connector(spec));
    };
    let framing = Framing::Quoted { delimiter: *delimiter, quote: *quote };
    let several = files.len() > 1;
    let mut names: Vec<String> = spec.contract.map(|c| c.fields.iter().map(|f| f.name.clone()).collect()).unwrap_or_default();
    let mut drifts: Vec<Drift> = Vec::new();
    let mut opened = Vec::new();
    for file in files {
        let bad = |message: String| EngineError::BadInput { source_name: spec.name.to_owned(), file: file.shown.to_string(), message };
        let head = head(spec.name, &file, framing, 1)?;
        let first = head.records.first().map(|span| span.of(&head.data));
        if let (Some(reason), true) = (head.broken, *header) {
            return Err(bad(format!("has a header that {reason}")));
        }
        let format = CsvFormat::new(*delimiter, *quote, nulls);
        let cells = first.map(|record| format.texts(record));
        let columns: Vec<String> = match (cells, *header) {
            (None, _) => names.clone(),
            (Some(cells), true) => {
                let cells: Option<Vec<String>> = cells.into_iter().map(|cell| String::from_utf8(cell).ok()).collect();
                cells.ok_or_else(|| bad("has a header that is not UTF-8".to_owned()))?
            }
            (Some(_), false) if spec.contract.is_some() => names.clone(),
            (Some(cells), false) => (1..=cells.len()).map(|i| format!("column_{i}")).collect(),
        };
        if let Some(twice) = columns.iter().enumerate().find_map(|(i, name)| columns.get(..i)?.contains(name).then_some(name)) {
            // A file without its header repeats a value here.
            let shown = spec.contract.is_none_or(|contract| contract.field(twice).is_some() || sensitive_fields(contract).is_empty());
            return Err(bad(if shown { format!("has the column `{twice}` twice") } else { "has two columns of one name".to_owned() }));
        }
        let mut names_are_data = false;
        let targets: Vec<Option<usize>> = match spec.contract {
            Some(_) if first.is_none() && *header => {
                drifts.push(Drift::NoHeader.of_file(several, &file.shown));
                (0..columns.len()).map(Some).collect()
            }
            Some(contract) => {
                let matched = Match::by_name(contract, &columns);
                names_are_data = matched.names_are_data;
                drifts.extend(matched.drift.into_iter().map(|drift| drift.of_file(several, &file.shown)));
                matched.fields
            }
            None => {
                if names.is_empty() {
                    names.clone_from(&columns);
                }
                if names != columns {
                    return Err(bad(format!("has the columns {} where an earlier file has {}", columns.join(", "), names.join(", "))));
                }
                (0..columns.len()).map(Some).collect()
            }
        };
        opened.push((file, format.with_columns(columns, targets, names_are_data)));
    }
    let width = names.len();
    let schema = target::schema(spec.contract, &names);
    let drift = drift::settle(spec, drifts)?;
    let bytes = opened.iter().map(|(file, _)| file.bytes).sum();
    let files = opened.into_iter().map(|(file, format)| TextFile { file, format: format.with_width(width), header: *header }).collect();
    let cutter = TextCutter::new(spec.name, Arc::clone(&schema), files, framing, options);
    Ok(OpenSource { schema, drift, bytes: Some(bytes), rows: None, cutter: Box::new(cutter) })
}
