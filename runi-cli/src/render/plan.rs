//! A pipeline as an indented list of stages.

use runi_lang::ir::{Connector, NodeKind, Pipeline, Route, RowAction};
use runi_lang::schema::Schema;
use std::fmt::Write;

/// One scenario.
pub(crate) fn render(pipeline: &Pipeline) -> String {
    let mut out = String::new();
    let place = [pipeline.layer.as_deref(), pipeline.domain.as_deref(), pipeline.herd.as_deref()];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    let _ =
        writeln!(out, "scenario {} ({}:{}){}", pipeline.scenario, pipeline.origin.path, pipeline.origin.line, suffix(&place.join(", ")));
    let name = |id: runi_lang::ir::NodeId| pipeline.nodes.get(id.index()).map_or("", |node| node.name.as_str());
    for node in &pipeline.nodes {
        match &node.kind {
            NodeKind::Source(source) => {
                let _ = writeln!(out, "  source {}: {}", node.name, connector(&source.connector));
                if let Some(binding) = &source.contract {
                    let _ = writeln!(out, "    contract {} {}", binding.contract.name, binding.hash);
                }
            }
            NodeKind::Rows(rows) => {
                let uses = rows.uses.as_ref().map_or_else(String::new, |uses| format!(" = {uses}"));
                let _ = writeln!(out, "  step {}{uses} ← {}", node.name, name(rows.input));
                rows.when.iter().for_each(|when| line(&mut out, "when", &when.title, &when.sql));
                rows.actions.iter().for_each(|action| {
                    let _ = writeln!(out, "    do   {}", describe(action));
                });
                rows.then.iter().for_each(|then| line(&mut out, "then", &then.title, &then.sql));
            }
            NodeKind::Query(query) => {
                let views: Vec<&str> = query.views.iter().map(|(_, view)| name(*view)).collect();
                let _ = writeln!(out, "  query {} ← {}", node.name, views.join(", "));
                for text in query.sql.lines() {
                    let _ = writeln!(out, "    {}", text.trim());
                }
                query.then.iter().for_each(|then| line(&mut out, "then", &then.title, &then.sql));
            }
        }
        let _ = writeln!(out, "    → {}", columns(&node.schema));
    }
    for check in &pipeline.checks {
        line(&mut out, "check", &check.condition.title, &check.condition.sql);
    }
    for sink in &pipeline.sinks {
        let route = match &sink.route {
            Route::All => String::new(),
            Route::When(sql) => format!(" when {sql}"),
            Route::Otherwise => " otherwise".to_owned(),
            Route::Invalid => " on invalid".to_owned(),
        };
        let from = if sink.route == Route::Invalid { "every stage" } else { name(sink.input) };
        let _ = writeln!(out, "  sink {}: {} ← {from}{route}", sink.name, connector(&sink.connector));
        for column in sink.columns.iter().filter(|column| column.mask.is_some()) {
            let _ = writeln!(out, "    mask {} with {}", column.name, column.mask.as_ref().map_or("", |mask| mask.name()));
        }
    }
    out
}

fn suffix(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" [{text}]") }
}

fn line(out: &mut String, word: &str, title: &str, sql: &str) {
    let title = if title == sql { String::new() } else { format!("\"{title}\": ") };
    let _ = writeln!(out, "    {word} {title}{}", sql.trim());
}

fn describe(action: &RowAction) -> String {
    match action {
        RowAction::Assign(pairs) => pairs.iter().map(|(target, sql)| format!("{target} = {}", sql.trim())).collect::<Vec<_>>().join(", "),
        RowAction::Rename(pairs) => {
            format!("rename {}", pairs.iter().map(|(old, new)| format!("{old} to {new}")).collect::<Vec<_>>().join(", "))
        }
        RowAction::DropColumns(names) => format!("drop {}", names.join(", ")),
        RowAction::KeepColumns(names) => format!("keep {}", names.join(", ")),
        RowAction::DropWhere(sql) => format!("drop where {}", sql.trim()),
        RowAction::KeepWhere(sql) => format!("keep where {}", sql.trim()),
    }
}

fn connector(connector: &Connector) -> String {
    format!("{} {}", connector.type_name(), connector.path())
}

fn columns(schema: &Schema) -> String {
    schema
        .columns
        .iter()
        .map(|column| format!("{} {}{}", column.name, column.ty, if column.nullable { "" } else { "!" }))
        .collect::<Vec<_>>()
        .join(", ")
}
