//! `Examples:`: a step or a whole scenario on rows that stand in the file.

use crate::capture::{Captured, capture, listed};
use crate::diff::{Diff, Scope, compare};
use crate::fill::{Given, fill};
use crate::report::{Outcome, TestResult};
use crate::table::Table;
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType as ArrowType, Field as ArrowField, Schema as ArrowSchema, SchemaRef};
use runi_engine::source::plain;
use runi_lang::check::{ContractEntry, Lookup, StepEntry, StepKey, build_pipelines, check_feature};
use runi_lang::ir::{Compression, Connector, ContractBinding, NodeKind, Pipeline};
use runi_lang::model::{
    Arg, ArgValue, Args, Contract, Examples, FeatureFile, Field, Module, ParamType, Scenario, Sensitivity, Sink, SinkRoute, Source,
    Spanned, StepDef, StepKind, StepUse, Table as ModelTable,
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
    let (mut names, mut sources) = (Vec::new(), Vec::new());
    for node in &pipeline.nodes {
        let NodeKind::Source(source) = &node.kind else { continue };
        let given = example.input.iter().find(|table| table.name.as_ref().is_some_and(|name| name.value == node.name));
        let only = example.input.iter().find(|table| table.name.is_none()).filter(|_| node.id.index() == 0);
        names.push(node.name.clone());
        sources.push(Given {
            contract: source.contract.as_ref().map(|binding| &binding.contract),
            table: given.or(only).map(table).unwrap_or_default(),
        });
    }
    fill(&mut sources)?;
    let mut inputs = BTreeMap::new();
    for (name, source) in names.into_iter().zip(&sources) {
        let connector = written(&source.table, dir.path(), &name)?;
        inputs.insert(name, connector);
    }
    let captured = capture(pipeline, &inputs, root).map_err(|error| format!("{}: {error}", error.code()))?;
    let sinks: Vec<&str> =
        pipeline.sinks.iter().map(|sink| sink.name.as_str()).filter(|name| !captured.quarantines.contains(*name)).collect();
    compared(example, &captured, &sinks)
}

fn run_step(
    path: &str,
    def: &StepDef,
    example: &Examples,
    lookup: &dyn Lookup,
    engine: &dyn SqlEngine,
    root: &Path,
) -> Result<Outcome, String> {
    let (args, views) = views(def, example, lookup)?;
    let mut sources: Vec<Given<'_>> =
        views.iter().map(|view| Given { contract: Some(&view.entry.binding.contract), table: view.table.clone() }).collect();
    fill(&mut sources)?;
    let feature = around(def, example, args, &views);
    let lookup = WithRows { inner: lookup, views: &views };
    let pipelines = build_pipelines(path, &feature, &lookup, engine, &|_| 1);
    let Some(pipeline) = pipelines.first() else {
        let checked = check_feature(path, &feature, &lookup, engine);
        let errors: Vec<String> =
            checked.diagnostics.iter().filter(|d| d.is_error()).map(|d| format!("{}: {}", d.code, d.message)).collect();
        return Err(format!("the step does not check with these columns and arguments: {}", errors.join("; ")));
    };
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut inputs = BTreeMap::new();
    for (view, source) in views.iter().zip(&sources) {
        inputs.insert(view.name.clone(), written(&source.table, dir.path(), &view.name)?);
    }
    let captured = capture(pipeline, &inputs, root).map_err(|error| format!("{}: {error}", error.code()))?;
    compared(example, &captured, &["rows"])
}

/// A source of a step's example.
struct View {
    name: String,
    entry: ContractEntry,
    table: Table,
}

/// The rows that a step works on, or a table for each of its table parameters; and its arguments.
fn views(def: &StepDef, example: &Examples, lookup: &dyn Lookup) -> Result<(Args, Vec<View>), String> {
    let tables: Vec<(&Spanned<String>, &String)> = def
        .params
        .iter()
        .filter_map(|param| match &param.ty.value {
            ParamType::Table(contract) => Some((&param.name, contract)),
            _ => None,
        })
        .collect();
    let entry =
        |contract: Contract, path: Arc<str>| ContractEntry { binding: Arc::new(ContractBinding { hash: contract.hash(), contract }), path };
    if tables.is_empty() {
        let given = example.input.first().map(table).unwrap_or_default();
        let (args, columns) = arguments(def, example, &given)?;
        let contract = rows_contract(def, &given, &columns);
        return Ok((args, vec![View { name: "given".to_owned(), entry: entry(contract, Arc::from("")), table: given }]));
    }
    let (mut args, mut views) = (example.args.clone(), Vec::new());
    for (param, name) in &tables {
        let known = lookup.contract(name).ok_or_else(|| format!("there is no contract `{name}`"))?;
        let named = example.input.iter().find(|table| table.name.as_ref().is_some_and(|name| name.value == param.value));
        let only = example.input.iter().find(|table| table.name.is_none()).filter(|_| tables.len() == 1);
        let given = named.or(only).ok_or_else(|| format!("the example has no rows for `{0}`: give them under `Given {0}`", param.value))?;
        // Rows of an example are made up: nothing in them has to be kept from anybody.
        let mut contract = Contract { classification: None, ..known.binding.contract.clone() };
        contract.fields.iter_mut().for_each(|field| field.sensitivity = Sensitivity::default());
        args.items.retain(|arg| arg.name.as_ref().is_none_or(|name| name.value != param.value));
        args.items.push(Arg { name: Some((*param).clone()), value: Spanned::new(ArgValue::Word(param.value.clone()), param.range) });
        views.push(View { name: param.value.clone(), entry: entry(contract, known.path), table: table(given) });
    }
    let unknown =
        example.input.iter().filter_map(|table| table.name.as_ref()).find(|name| views.iter().all(|view| view.name != name.value));
    if let Some(unknown) = unknown {
        let known = tables.iter().map(|(param, _)| format!("`{}`", param.value)).collect::<Vec<_>>().join(", ");
        return Err(format!("the step takes no table `{}`; it takes {known}", unknown.value));
    }
    Ok((args, views))
}

/// Compares each table of the outcome with its sink; a table without a name is the only sink's.
fn compared(example: &Examples, captured: &Captured, sinks: &[&str]) -> Result<Outcome, String> {
    let mut differences: Vec<(String, Diff)> = Vec::new();
    let mut lacks_rows = false;
    for expected in &example.output {
        let name = match (&expected.name, sinks) {
            (Some(name), _) => name.value.as_str(),
            (None, [only]) => only,
            (None, _) => return Err("name the sink of this table: there is more than one".to_owned()),
        };
        let (schema, batches) =
            captured.sinks.get(name).ok_or_else(|| format!("there is no sink `{name}`; there are {}", sinks.join(", ")))?;
        let expected = table(expected);
        let diff = if captured.quarantines.contains(name) {
            let (schema, batches) = set_aside(batches, &expected)?;
            compare(&expected, &schema, &batches, Scope::Shown)?
        } else {
            let diff = compare(&expected, schema, batches, Scope::Shown)?;
            lacks_rows |= diff.lacks_rows();
            diff
        };
        if !diff.is_empty() {
            differences.push((name.to_owned(), diff));
        }
    }
    if differences.is_empty() {
        return Ok(Outcome::Passed);
    }
    let set_aside = if lacks_rows { captured.set_aside() } else { Vec::new() };
    Ok(Outcome::Failed { differences, set_aside })
}

/// What an example may say of a row of the quarantine beside the row's own columns, and the quarantine's column behind it.
const REASONS: &[(&str, &str)] = &[
    ("stage", "stage"),
    ("rules", "rules"),
    ("rule", "rules"),
    ("titles", "titles"),
    ("title", "titles"),
    ("errors", "errors"),
    ("source", "source"),
    ("row", "row"),
];

/// The quarantine as a table of its rows' own columns, as they were read, and of [`REASONS`], whose lists are joined by `; `. Where a
/// row has a column of such a name, the name means that one.
fn set_aside(batches: &[RecordBatch], expected: &Table) -> Result<(SchemaRef, Vec<RecordBatch>), String> {
    let mut rows: Vec<Vec<(String, Option<String>)>> = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let record = listed(batch, "record", row).concat();
            let mut cells = match plain::json_records(&record).map(|records| records.into_iter().next()) {
                Ok(Some(cells)) => cells,
                _ => Vec::new(),
            };
            for (name, column) in REASONS.iter().filter(|(name, _)| expected.columns.iter().any(|column| column == name)) {
                if cells.iter().all(|(known, _)| known != name) {
                    let texts = listed(batch, column, row);
                    cells.push(((*name).to_owned(), (!texts.is_empty()).then(|| texts.join("; "))));
                }
            }
            rows.push(cells);
        }
    }
    // Without rows every column is there: what is expected of them is only that there are some.
    let known = |name: &&String| rows.is_empty() || rows.iter().flatten().any(|(known, _)| known == *name);
    let names: Vec<&String> = expected.columns.iter().filter(known).collect();
    let schema = Arc::new(ArrowSchema::new(names.iter().map(|name| ArrowField::new(*name, ArrowType::Utf8, true)).collect::<Vec<_>>()));
    let arrays = names.iter().map(|name| {
        let cell = |row: &Vec<(String, Option<String>)>| row.iter().find(|(known, _)| known == *name).and_then(|(_, cell)| cell.clone());
        Arc::new(rows.iter().map(cell).collect::<StringArray>()) as ArrayRef
    });
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), arrays.collect(), &options).map_err(|error| error.to_string())?;
    Ok((schema, vec![batch]))
}

fn table(model: &ModelTable) -> Table {
    Table {
        columns: model.header.iter().map(|name| name.value.clone()).collect(),
        rows: model.rows.iter().map(|row| row.cells.iter().map(|cell| cell.value.clone()).collect()).collect(),
        ..Table::default()
    }
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
fn around(def: &StepDef, example: &Examples, args: Args, views: &[View]) -> FeatureFile {
    let range = example.range;
    let word = |name: &str, value: &str| Arg {
        name: Some(Spanned::new(name.to_owned(), range)),
        value: Spanned::new(ArgValue::Word(value.to_owned()), range),
    };
    let source = |view: &View| Source {
        name: Some(Spanned::new(view.name.clone(), range)),
        args: Args { items: vec![word("type", "csv"), word("path", "example.csv"), word("contract", &view.entry.binding.contract.name)] },
        damaged: false,
        range,
    };
    let scenario = Scenario {
        module: Module { layer: None, domain: def.module.domain.clone() },
        sources: views.iter().map(source).collect(),
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

/// A workspace with the contracts of an example's rows.
struct WithRows<'a> {
    inner: &'a dyn Lookup,
    views: &'a [View],
}

impl Lookup for WithRows<'_> {
    fn contract(&self, name: &str) -> Option<ContractEntry> {
        let own = self.views.iter().map(|view| &view.entry).find(|entry| entry.binding.contract.name == name);
        own.cloned().or_else(|| self.inner.contract(name))
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
