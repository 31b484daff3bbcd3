//! `runi contract validate`: contracts alone, or a file against one.

use super::chosen;
use crate::cli::{ContractValidateArgs, DiagnosticFormat, Global};
use crate::error::{CommandError, Exit};
use crate::render::run::human;
use crate::session;
use crate::shell::{Shell, Tone};
use runi_engine::record::RunStatus;
use runi_engine::run::{RunOptions, run};
use runi_lang::ir::{Compression, Connector, Node, NodeId, NodeKind, Origin, Pipeline, SourceNode};
use runi_lang::model::Contract;
use runi_lang::schema::{Column, Schema};
use std::path::Path;

/// Checks contracts; with `--data`, runs a pipeline that is nothing but a source under the contract.
pub(crate) fn exec(args: &ContractValidateArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let (workspace, mut report) = session::checked(global)?;
    let entries = chosen(&workspace, args.name.as_deref())?;
    report.diagnostics.retain(|diagnostic| {
        diagnostic.place.path.ends_with(".contract")
            && (args.name.is_none() || entries.iter().any(|entry| *entry.path == *diagnostic.place.path))
    });
    session::show(&report, args.format, shell);
    let exit = session::verdict(&report, false);
    let (Some(data), Some(entry)) = (&args.data, entries.first()) else {
        if exit == Exit::Ok && args.format == DiagnosticFormat::Human {
            shell.status(Tone::Good, "Valid", &format!("{} contracts", entries.len()));
        }
        return Ok(exit);
    };
    if exit != Exit::Ok {
        return Ok(exit);
    }
    let contract = &entry.binding.contract;
    let path = std::path::absolute(session::directory(global).join(data)).map_err(|error| CommandError::environment(error.to_string()))?;
    let connector = connector(&path, &args.null)?;
    let pipeline = Pipeline {
        feature: "contract validate".to_owned(),
        scenario: format!("{} against {}", data, contract.name),
        slug: "validate".to_owned(),
        origin: Origin { path: entry.path.to_string(), offset: 0, line: 1 },
        layer: None,
        domain: None,
        herd: None,
        labels: Vec::new(),
        environment: workspace.environment().name.clone(),
        nodes: vec![Node {
            id: NodeId(0),
            name: "data".to_owned(),
            schema: schema(contract),
            kind: NodeKind::Source(SourceNode { connector, contract: Some(entry.binding.clone()) }),
            contract: None,
            sensitive: contract
                .fields
                .iter()
                .filter(|field| field.sensitivity.pii.is_some() || !field.sensitivity.access.is_empty())
                .map(|field| field.name.clone())
                .collect(),
            origin: Origin::default(),
        }],
        sinks: Vec::new(),
        checks: Vec::new(),
        quality: Vec::new(),
        asserts: Vec::new(),
        alerts: Vec::new(),
        goldens: Vec::new(),
        mask_key: None,
        raw_quarantine: false,
        lineage: Vec::new(),
    };
    let mut options = RunOptions::new(session::root(global)?);
    options.recorded = false;
    let outcome = run(&pipeline, &options);
    shell.data(&human(&outcome.record));
    if let Some(error) = outcome.error {
        return Err(error.into());
    }
    let bad = outcome.record.stages.iter().any(|stage| stage.quarantined > 0);
    Ok(if bad || outcome.record.status != RunStatus::Succeeded { Exit::Problems } else { Exit::Ok })
}

fn schema(contract: &Contract) -> Schema {
    let column =
        |field: &runi_lang::model::Field| Column { name: field.name.clone(), ty: field.ty.clone(), nullable: !field.is_required() };
    Schema { columns: contract.fields.iter().map(column).collect() }
}

fn connector(path: &Path, nulls: &[String]) -> Result<Connector, CommandError> {
    let text = path.to_string_lossy().replace('\\', "/");
    let stem = text.trim_end_matches(".gz").trim_end_matches(".zst");
    let extension = Path::new(stem).extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_owned();
    let compression = Compression::Auto;
    let nulls = if nulls.is_empty() { vec![String::new()] } else { nulls.to_vec() };
    Ok(match extension.as_str() {
        "csv" => Connector::Csv { path: text, delimiter: b',', header: true, quote: b'"', nulls, compression },
        "tsv" => Connector::Csv { path: text, delimiter: b'\t', header: true, quote: b'"', nulls, compression },
        "json" | "jsonl" | "ndjson" => Connector::Json { path: text, compression },
        "parquet" => Connector::Parquet { path: text },
        "arrow" | "arrows" | "feather" | "ipc" => Connector::Arrow { path: text },
        _ if path.is_dir() => Connector::Delta { path: text },
        _ => {
            return Err(CommandError::usage(format!("`{}`: the format cannot be told from the name", path.display()))
                .hint("name a .csv, .tsv, .jsonl, .parquet or .arrow file, or a Delta table's directory"));
        }
    })
}
