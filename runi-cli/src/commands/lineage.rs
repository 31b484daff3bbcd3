//! `runi lineage`: where output columns come from.

use crate::cli::{Global, LineageArgs, LineageFormat};
use crate::error::{CommandError, Exit};
use crate::render::lineage;
use crate::session;
use crate::shell::Shell;

/// Prints the lineage of every sink's columns.
pub(super) fn exec(args: &LineageArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let Some((_, mut pipelines)) = session::pipelines(global, &args.scenarios, args.format == LineageFormat::Json, shell)? else {
        return Ok(Exit::Problems);
    };
    let column = args.column.as_deref();
    let mut written = pipelines.iter().flat_map(|pipeline| &pipeline.lineage).flat_map(|sink| &sink.columns);
    if let Some(name) = column
        && !written.any(|found| found.column == name)
    {
        return Err(CommandError::usage(format!("no sink writes a column `{name}`")).hint("`runi lineage` lists every column"));
    }
    match args.format {
        LineageFormat::Human => shell.data(&lineage::human(&pipelines, column)),
        LineageFormat::Dot => shell.data(&lineage::dot(&pipelines, column)),
        LineageFormat::Mermaid => shell.data(&lineage::mermaid(&pipelines, column)),
        LineageFormat::Json => {
            let value: Vec<serde_json::Value> = pipelines
                .iter_mut()
                .map(|pipeline| {
                    for sink in &mut pipeline.lineage {
                        sink.columns.retain(|found| column.is_none_or(|name| found.column == name));
                    }
                    serde_json::json!({ "scenario": pipeline.slug, "sinks": pipeline.lineage })
                })
                .collect();
            shell.data(&session::json(&value)?);
        }
    }
    Ok(Exit::Ok)
}
