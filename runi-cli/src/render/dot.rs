//! Graphviz.

use super::graph::{Graph, Shape};
use std::fmt::Write;

/// All graphs as one `digraph`, a cluster each.
pub(crate) fn render(graphs: &[Graph]) -> String {
    let mut out = String::from("digraph runi {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=11];\n");
    for (index, graph) in graphs.iter().enumerate() {
        let _ = writeln!(out, "  subgraph cluster_{index} {{\n    label={};", quote(&graph.title));
        for vertex in &graph.vertices {
            let shape = match vertex.shape {
                Shape::Data => "cylinder",
                Shape::Rows => "box",
                Shape::Query => "hexagon",
                Shape::Quarantine => "note",
            };
            let _ = writeln!(out, "    {} [shape={shape}, label={}];", quote(&vertex.id), quote(&vertex.label.join("\n")));
        }
        out.push_str("  }\n");
        for edge in &graph.edges {
            let label = if edge.label.is_empty() { String::new() } else { format!(" [label={}]", quote(&edge.label)) };
            let _ = writeln!(out, "  {} -> {}{label};", quote(&edge.from), quote(&edge.to));
        }
    }
    out.push_str("}\n");
    out
}

/// A DOT string: quotes and backslashes escaped, newlines as `\n`.
pub(crate) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes_cannot_break_out() {
        assert_eq!(super::quote("a\"]; b\\\nc"), "\"a\\\"]; b\\\\\\nc\"");
    }
}
