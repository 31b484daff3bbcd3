//! `@golden`: a scenario on files, compared with a file.

use crate::capture::{INVALID, capture};
use crate::diff::compare;
use crate::report::{Outcome, TestResult};
use crate::table::Table;
use runi_lang::ir::{Compression, Connector, GoldenNode, NodeKind, Pipeline};
use std::collections::BTreeMap;
use std::path::Path;

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
    let path = root.join(&golden.output);
    let all: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    // A run id differs from run to run, so it never goes into a golden.
    let shown: Vec<usize> =
        (0..all.len()).filter(|at| golden.sink != INVALID || all.get(*at).is_none_or(|name| name != "run_id")).collect();
    let actual = || -> Result<Table, String> {
        let full = Table::from_batches(&all, batches)?;
        let pick = |row: &Vec<Option<String>>| shown.iter().map(|at| row.get(*at).cloned().flatten()).collect();
        Ok(Table { columns: shown.iter().filter_map(|at| all.get(*at).cloned()).collect(), rows: full.rows.iter().map(pick).collect() })
    };
    if update && !path.exists() {
        actual()?.write(&path).map_err(|error| error.to_string())?;
        return Ok(Outcome::Updated);
    }
    let expected = Table::read(&path).map_err(|error| error.to_string())?;
    let diff = compare(&expected, schema, batches)?;
    if diff.is_empty() {
        return Ok(Outcome::Passed);
    }
    if update {
        actual()?.write(&path).map_err(|error| error.to_string())?;
        return Ok(Outcome::Updated);
    }
    Ok(Outcome::Failed { differences: vec![(golden.sink.clone(), diff)] })
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
