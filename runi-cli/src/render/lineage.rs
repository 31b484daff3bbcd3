//! Lineage: where each output column comes from.

use runi_lang::ir::{ColumnLineage, Pipeline};
use runi_lang::sql::{Certainty, Influence};
use std::fmt::Write;

/// For people.
pub(crate) fn human(pipelines: &[Pipeline], column: Option<&str>) -> String {
    let mut out = String::new();
    for pipeline in pipelines {
        for sink in &pipeline.lineage {
            let columns: Vec<&ColumnLineage> = wanted(&sink.columns, column).collect();
            if columns.is_empty() {
                continue;
            }
            let _ = writeln!(out, "{} → {}", pipeline.slug, sink.sink);
            let width = columns.iter().map(|column| column.column.chars().count()).max().unwrap_or(0);
            for column in columns {
                let mask = column.mask.as_ref().map_or_else(String::new, |mask| format!("  [mask: {}]", mask.name()));
                let _ = writeln!(out, "  {:width$}  ← {}{mask}", column.column, sources(column));
            }
        }
    }
    out
}

fn wanted<'a>(columns: &'a [ColumnLineage], name: Option<&'a str>) -> impl Iterator<Item = &'a ColumnLineage> {
    columns.iter().filter(move |column| name.is_none_or(|name| name == column.column))
}

fn sources(column: &ColumnLineage) -> String {
    let mut parts: Vec<String> =
        column.from.iter().map(|(from, influence)| format!("{}.{}{}", from.view, from.column, word(*influence))).collect();
    match &column.certainty {
        Certainty::Exact => {}
        Certainty::Approximate => parts.push("(at most these)".to_owned()),
        Certainty::Opaque(reason) => parts.push(format!("(unknown: {reason})")),
    }
    if parts.is_empty() { "a constant".to_owned() } else { parts.join(", ") }
}

fn word(influence: Influence) -> &'static str {
    match influence {
        Influence::Identity => "",
        Influence::Transformation | Influence::Conditional => " (computed)",
        Influence::Aggregation => " (aggregated)",
        Influence::Count => " (counted)",
    }
}

/// Graphviz: source columns to sink columns.
pub(crate) fn dot(pipelines: &[Pipeline], column: Option<&str>) -> String {
    let mut out = String::from("digraph lineage {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n");
    for (from, to) in edges(pipelines, column) {
        let _ = writeln!(out, "  {} -> {};", super::dot::quote(&from), super::dot::quote(&to));
    }
    out.push_str("}\n");
    out
}

/// Mermaid: source columns to sink columns.
pub(crate) fn mermaid(pipelines: &[Pipeline], column: Option<&str>) -> String {
    let mut out = String::from("flowchart LR\n");
    let edges = edges(pipelines, column);
    let mut names: Vec<&String> = edges.iter().flat_map(|(from, to)| [from, to]).collect();
    names.sort();
    names.dedup();
    for (index, name) in names.iter().enumerate() {
        let _ = writeln!(out, "  c{index}[\"{}\"]", super::mermaid::escape(name));
    }
    for (from, to) in &edges {
        if let (Ok(from), Ok(to)) = (names.binary_search(&from), names.binary_search(&to)) {
            let _ = writeln!(out, "  c{from} --> c{to}");
        }
    }
    out
}

fn edges(pipelines: &[Pipeline], column: Option<&str>) -> Vec<(String, String)> {
    let mut edges = Vec::new();
    for pipeline in pipelines {
        for sink in &pipeline.lineage {
            for target in wanted(&sink.columns, column) {
                let to = format!("{}/{}.{}", pipeline.slug, sink.sink, target.column);
                edges.extend(target.from.iter().map(|(from, _)| (format!("{}/{}.{}", pipeline.slug, from.view, from.column), to.clone())));
            }
        }
    }
    edges
}
