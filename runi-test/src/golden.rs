//! `@golden`: a scenario on files, compared with a file.

use crate::capture::capture;
use crate::diff::{Scope, compare};
use crate::report::{Outcome, TestResult};
use crate::table::{Table, TableError};
use arrow::array::RecordBatch;
use runi_lang::ir::{Compression, Connector, GoldenNode, NodeKind, Pipeline};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Runs every golden of a pipeline; with `update` it rewrites those that differ.
#[must_use]
pub fn run(pipeline: &Pipeline, root: &Path, update: bool) -> Vec<TestResult> {
    pipeline
        .goldens
        .iter()
        .map(|golden| TestResult {
            kind: "golden",
            name: format!("{} → {}", pipeline.slug, golden.output),
            place: format!("{}:{}", golden.origin.path, golden.origin.line),
            outcome: one(pipeline, golden, root, update).unwrap_or_else(|message| Outcome::Broken { message }),
        })
        .collect()
}

fn one(pipeline: &Pipeline, golden: &GoldenNode, root: &Path, update: bool) -> Result<Outcome, String> {
    let mut inputs = BTreeMap::new();
    for (view, path) in &golden.inputs {
        let declared = pipeline.nodes.iter().find(|node| node.name == *view).and_then(|node| match &node.kind {
            NodeKind::Source(source) => Some(&source.connector),
            NodeKind::Rows(_) | NodeKind::Query(_) => None,
        });
        inputs.insert(view.clone(), connector(path, declared)?);
    }
    let captured = capture(pipeline, &inputs, root).map_err(|error| format!("{}: {error}", error.code()))?;
    let (schema, batches) = captured.sinks.get(&golden.sink).ok_or_else(|| format!("there is no sink `{}`", golden.sink))?;
    // A run id differs from run to run, so it never goes into a golden.
    let run_id = |name: &str| captured.quarantines.contains(&golden.sink) && name == "run_id";
    let shown: Vec<usize> = schema.fields().iter().enumerate().filter(|(_, field)| !run_id(field.name())).map(|(at, _)| at).collect();
    let schema = Arc::new(schema.project(&shown).map_err(|error| error.to_string())?);
    let batches: Vec<RecordBatch> =
        batches.iter().map(|batch| batch.project(&shown)).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let path = root.join(&golden.output);
    let rewritten = || {
        let actual = Table::from_batches(&schema, &batches)?;
        actual.write(&path).map(|()| Outcome::Updated).map_err(|error| error.to_string())
    };
    if update && !path.exists() {
        return rewritten();
    }
    let mut expected = match Table::read(&path) {
        Ok(expected) => expected,
        Err(TableError::Content { .. }) if update => return rewritten(),
        Err(error) => return Err(error.to_string()),
    };
    if expected.columns.is_empty() {
        // JSON without a row names no column.
        expected.columns = schema.fields().iter().map(|field| field.name().clone()).collect();
    }
    let diff = compare(&expected, &schema, &batches, Scope::All)?;
    if diff.is_empty() {
        return Ok(Outcome::Passed);
    }
    if update {
        return rewritten();
    }
    let set_aside = if diff.lacks_rows() && !captured.quarantines.contains(&golden.sink) { captured.set_aside() } else { Vec::new() };
    Ok(Outcome::Failed { differences: vec![(golden.sink.clone(), diff)], set_aside })
}

/// How a golden's input is read: as the source is, when the format is the same; else by its extension.
fn connector(path: &str, declared: Option<&Connector>) -> Result<Connector, String> {
    let mut found = Connector::of_path(path);
    if let (Some(Connector::Csv { path, .. }), Some(Connector::Csv { delimiter, header, quote, nulls, .. })) = (&found, declared) {
        let (path, compression) = (path.clone(), Compression::Auto);
        found = Some(Connector::Csv { path, delimiter: *delimiter, header: *header, quote: *quote, nulls: nulls.clone(), compression });
    }
    found.ok_or_else(|| format!("`{path}`: a golden's input is a .csv, .tsv, .jsonl, .parquet or .arrow file"))
}
