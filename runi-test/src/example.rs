//! `Examples:`: a step or a whole scenario on rows that stand in the file.

use crate::capture::{Captured, INVALID, capture};
use crate::diff::{Diff, compare};
use crate::fill;
use crate::report::{Outcome, TestResult};
use crate::table::Table;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType as ArrowType, Field as ArrowField, Schema as ArrowSchema, SchemaRef};
use runi_lang::check::{ContractEntry, Lookup, StepEntry, StepKey, build_pipelines, check_feature};
use runi_lang::ir::{Compression, Connector, ContractBinding, NodeKind, Pipeline};
use runi_lang::model::{
    Arg, ArgValue, Args, Contract, Examples, FeatureFile, Field, Module, ParamType, Scenario, Sink, SinkRoute, Source, Spanned, StepDef,
    StepKind, StepUse, Table as ModelTable,
};
use runi_lang::sql::SqlEngine;
use runi_lang::types::DataType;
use runi_lang::workspace::{Environment, Herd};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The contract of a step example's rows.
const ROWS: &str = "ExampleRows";

/// Null in the files that examples are written to: an empty cell would make a row of one null an empty line.
const NULL: &str = "\\N";

/// Where a file's items stand, for messages.
pub type LineOf<'a> = dyn Fn(u32) -> u32 + 'a;

/// Runs every example of a scenario.
#[must_use]
pub fn scenario(pipeline: &Pipeline, scenario: &Scenario, root: &Path, line: &LineOf<'_>) -> Vec<TestResult> {
    let run = |example: &Examples| run_scenario(pipeline, example, root);
    scenario.examples.iter().map(|example| result(&pipeline.slug, &pipeline.origin.path, example, line, run(example))).collect()
}

/// Runs every example of a reusable step.
#[must_use]
pub fn step(path: &str, def: &StepDef, lookup: &dyn Lookup, engine: &dyn SqlEngine, root: &Path, line: &LineOf<'_>) -> Vec<TestResult> {
    let run = |example: &Examples| run_step(path, def, example, lookup, engine, root);
    def.examples.iter().map(|example| result(&def.name.value, path, example, line, run(example))).collect()
}

fn result(name: &str, path: &str, example: &Examples, line: &LineOf<'_>, outcome: Result<Outcome, String>) -> TestResult {
    TestResult {
        kind: "example",
        name: format!("{name}: {}", example.title.value),
        place: format!("{path}:{}", line(example.range.start().into())),
        outcome: outcome.unwrap_or_else(|message| Outcome::Broken { message }),
    }
}

fn run_scenario(pipeline: &Pipeline, example: &Examples, root: &Path) -> Result<Outcome, String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut inputs = BTreeMap::new();
    for node in &pipeline.nodes {
        let NodeKind::Source(source) = &node.kind else { continue };
        let given = example.input.iter().find(|table| table.name.as_ref().is_some_and(|name| name.value == node.name));
        let only = example.input.iter().find(|table| table.name.is_none()).filter(|_| node.id.index() == 0);
        let table = given.or(only).map(table).unwrap_or_default();
        let table = match &source.contract {
            Some(binding) => filled(&binding.contract, table)?,
            None => table,
        };
        inputs.insert(node.name.clone(), written(&table, dir.path(), &node.name)?);
    }
    let captured = capture(pipeline, &inputs, root).map_err(|error| format!("{}: {error}", error.code()))?;
    let names: Vec<&str> = pipeline.sinks.iter().map(|sink| sink.name.as_str()).filter(|name| *name != INVALID).collect();
    compared(example, &captured, &names)
}

fn run_step(
    path: &str,
    def: &StepDef,
    example: &Examples,
    lookup: &dyn Lookup,
    engine: &dyn SqlEngine,
    root: &Path,
) -> Result<Outcome, String> {
    let given = example.input.first().map(table).unwrap_or_default();
    let (args, columns) = arguments(def, example, &given)?;
    let contract = rows_contract(def, &given, &columns);
    let given = filled(&contract, given)?;
    let feature = around(def, example, args);
    let binding = ContractBinding { hash: contract.hash(), contract };
    let lookup = WithRows { inner: lookup, entry: ContractEntry { binding: Arc::new(binding), path: Arc::from(path) } };
    let pipelines = build_pipelines(path, &feature, &lookup, engine, &|_| 1);
    let Some(pipeline) = pipelines.first() else {
        let checked = check_feature(path, &feature, &lookup, engine);
        let errors: Vec<String> =
            checked.diagnostics.iter().filter(|d| d.is_error()).map(|d| format!("{}: {}", d.code, d.message)).collect();
        return Err(format!("the step does not check with these columns and arguments: {}", errors.join("; ")));
    };
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let inputs = BTreeMap::from([("given".to_owned(), written(&given, dir.path(), "given")?)]);
    let captured = capture(pipeline, &inputs, root).map_err(|error| format!("{}: {error}", error.code()))?;
    compared(example, &captured, &["rows"])
}

/// Compares each table of the outcome with its sink; a table without a name is the only sink's.
fn compared(example: &Examples, captured: &Captured, sinks: &[&str]) -> Result<Outcome, String> {
    let mut differences: Vec<(String, Diff)> = Vec::new();
    for expected in &example.output {
        let name = match (&expected.name, sinks) {
            (Some(name), _) => name.value.as_str(),
            (None, [only]) => only,
            (None, _) => return Err("name the sink of this table: there is more than one".to_owned()),
        };
        let (schema, batches) =
            captured.sinks.get(name).ok_or_else(|| format!("there is no sink `{name}`; there are {}", sinks.join(", ")))?;
        let diff = if name == INVALID {
            let (schema, batches) = set_aside(batches)?;
            compare(&table(expected), &schema, &batches)?
        } else {
            compare(&table(expected), schema, batches)?
        };
        if !diff.is_empty() {
            differences.push((name.to_owned(), diff));
        }
    }
    Ok(if differences.is_empty() { Outcome::Passed } else { Outcome::Failed { differences } })
}

/// The quarantine as a table of its rows' own columns, with `stage`, `rule` and `title` (joined by `; `).
fn set_aside(batches: &[RecordBatch]) -> Result<(SchemaRef, Vec<RecordBatch>), String> {
    let mut columns: Vec<(String, Vec<Option<String>>)> = Vec::new();
    let mut rows = 0;
    for batch in batches {
        for row in 0..batch.num_rows() {
            let mut add = |name: &str, value: Option<String>| {
                let at = columns.iter().position(|(column, _)| column == name).unwrap_or_else(|| {
                    columns.push((name.to_owned(), Vec::new()));
                    columns.len() - 1
                });
                if let Some((_, values)) = columns.get_mut(at) {
                    values.resize(rows, None);
                    values.push(value);
                }
            };
            let text = |name: &str| -> Option<String> { batch.column_by_name(name).and_then(|column| joined(column, row)) };
            if let Some(record) =
                text("record").and_then(|record| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&record).ok())
            {
                for (name, value) in record {
                    add(&name, value.as_str().map(str::to_owned).or_else(|| (!value.is_null()).then(|| value.to_string())));
                }
            }
            add("stage", text("stage"));
            add("rule", text("rules"));
            add("title", text("titles"));
            rows += 1;
        }
    }
    let fields: Vec<ArrowField> = columns.iter().map(|(name, _)| ArrowField::new(name, ArrowType::Utf8, true)).collect();
    let schema = Arc::new(ArrowSchema::new(fields));
    let arrays = columns.into_iter().map(|(_, mut values)| {
        values.resize(rows, None);
        Arc::new(StringArray::from(values)) as ArrayRef
    });
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
    let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), arrays.collect(), &options).map_err(|error| error.to_string())?;
    Ok((schema, vec![batch]))
}

fn joined(column: &ArrayRef, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    let values = match column.data_type() {
        ArrowType::List(_) => column.as_list::<i32>().value(row),
        _ => column.slice(row, 1),
    };
    let texts = crate::table::texts(&values).ok()?;
    Some(texts.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

fn table(model: &ModelTable) -> Table {
    Table {
        columns: model.header.iter().map(|name| name.value.clone()).collect(),
        rows: model.rows.iter().map(|row| row.cells.iter().map(|cell| cell.value.clone()).collect()).collect(),
    }
}

/// Adds the contract's fields that the table leaves out.
fn filled(contract: &Contract, mut table: Table) -> Result<Table, String> {
    if let Some(unknown) = table.columns.iter().find(|column| contract.field(column).is_none()) {
        return Err(format!("contract `{}` has no field `{unknown}`", contract.name));
    }
    for field in &contract.fields {
        if table.columns.contains(&field.name) {
            continue;
        }
        table.columns.push(field.name.clone());
        for (number, row) in table.rows.iter_mut().enumerate() {
            row.push(fill::value(contract, field, number));
        }
    }
    Ok(table)
}

fn written(table: &Table, dir: &Path, name: &str) -> Result<Connector, String> {
    let path = dir.join(format!("{name}.csv"));
    std::fs::write(&path, table.to_csv(NULL)).map_err(|error| error.to_string())?;
    let path = path.to_string_lossy().replace('\\', "/");
    Ok(Connector::Csv { path, delimiter: b',', header: true, quote: b'"', nulls: vec![NULL.to_owned()], compression: Compression::None })
}

/// The step's arguments, and the column behind each column parameter: from `with`, else the column of the parameter's name, else the only column there is.
fn arguments(def: &StepDef, example: &Examples, given: &Table) -> Result<(Args, BTreeMap<String, DataType>), String> {
    let mut args = example.args.clone();
    let mut columns = BTreeMap::new();
    for param in &def.params {
        let ParamType::Column(ty) = &param.ty.value else { continue };
        let name = &param.name.value;
        let column = match args.named(name) {
            Some(value) => value.value.as_str().to_owned(),
            None if given.columns.contains(name) => name.clone(),
            None => match given.columns.as_slice() {
                [only] => only.clone(),
                _ => return Err(format!("say which column `{name}` is: `Examples: {} with {name}=…`", example.title.value)),
            },
        };
        if args.named(name).is_none() {
            args.items.push(Arg {
                name: Some(Spanned::new(name.clone(), param.name.range)),
                value: Spanned::new(ArgValue::Word(column.clone()), param.name.range),
            });
        }
        columns.insert(column, ty.clone());
    }
    Ok((args, columns))
}

fn rows_contract(def: &StepDef, given: &Table, columns: &BTreeMap<String, DataType>) -> Contract {
    let needed = |name: &str| def.needs.iter().find(|(need, _)| need.value == name).map(|(_, ty)| ty.value.clone());
    let mut names = given.columns.clone();
    names.extend(def.needs.iter().map(|(name, _)| name.value.clone()).filter(|name| !given.columns.contains(name)));
    names.extend(columns.keys().filter(|name| !given.columns.contains(name)).cloned());
    names.dedup();
    let field = |name: String| {
        let ty = columns.get(&name).cloned().or_else(|| needed(&name)).unwrap_or(DataType::String);
        Field::new(name, ty)
    };
    Contract { fields: names.into_iter().map(field).collect(), ..Contract::new(ROWS) }
}

/// A feature with one scenario: rows in, the step, rows out.
fn around(def: &StepDef, example: &Examples, args: Args) -> FeatureFile {
    let range = example.range;
    let word = |name: &str, value: &str| Arg {
        name: Some(Spanned::new(name.to_owned(), range)),
        value: Spanned::new(ArgValue::Word(value.to_owned()), range),
    };
    let scenario = Scenario {
        module: Module { layer: None, domain: def.module.domain.clone() },
        sources: vec![Source {
            name: Some(Spanned::new("given".to_owned(), range)),
            args: Args { items: vec![word("type", "csv"), word("path", "example.csv"), word("contract", ROWS)] },
            damaged: false,
            range,
        }],
        steps: vec![StepUse {
            name: Spanned::new(def.name.value.clone(), range),
            version: def.version.clone(),
            domain: def.module.domain.clone(),
            from: None,
            alias: None,
            args,
            body: StepKind::default(),
            on_fail: None,
            contract: None,
            range,
        }],
        sinks: vec![Sink {
            args: Args { items: vec![word("type", "arrow"), word("path", "rows.arrow"), word("name", "rows")] },
            route: SinkRoute::All,
            after: 1,
            damaged: false,
            range,
        }],
        ..Scenario::new(Spanned::new(example.title.value.clone(), range), range)
    };
    FeatureFile { name: None, doc: String::new(), scenarios: vec![scenario], steps: vec![def.clone()], ..FeatureFile::default() }
}

/// A workspace with one more contract.
struct WithRows<'a> {
    inner: &'a dyn Lookup,
    entry: ContractEntry,
}

impl Lookup for WithRows<'_> {
    fn contract(&self, name: &str) -> Option<ContractEntry> {
        if name == ROWS { Some(self.entry.clone()) } else { self.inner.contract(name) }
    }

    fn contract_names(&self) -> Vec<String> {
        self.inner.contract_names()
    }

    fn steps(&self, name: &str) -> Vec<Arc<StepEntry>> {
        self.inner.steps(name)
    }

    fn step_names(&self) -> Vec<String> {
        self.inner.step_names()
    }

    fn step_body(&self, key: &StepKey) -> Option<Arc<StepDef>> {
        self.inner.step_body(key)
    }

    fn environment(&self) -> &Environment {
        self.inner.environment()
    }

    fn herd(&self, name: &str) -> Option<Arc<Herd>> {
        self.inner.herd(name)
    }

    fn herd_names(&self) -> Vec<String> {
        self.inner.herd_names()
    }
}
