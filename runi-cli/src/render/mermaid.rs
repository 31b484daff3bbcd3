//! Mermaid, which GitHub draws inside Markdown.

use super::graph::{Graph, Shape};
use std::collections::BTreeMap;
use std::fmt::Write;

/// All graphs as one flowchart, a subgraph each.
pub(crate) fn render(graphs: &[Graph]) -> String {
    let mut out = String::from("flowchart LR\n");
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    for graph in graphs {
        for vertex in &graph.vertices {
            let id = format!("n{}", ids.len());
            ids.insert(&vertex.id, id);
        }
    }
    for (index, graph) in graphs.iter().enumerate() {
        let _ = writeln!(out, "  subgraph s{index} [\"{}\"]", escape(&graph.title));
        for vertex in &graph.vertices {
            let label = vertex.label.iter().map(|line| escape(line)).collect::<Vec<_>>().join("<br/>");
            let (open, close) = match vertex.shape {
                Shape::Data => ("[(\"", "\")]"),
                Shape::Rows => ("[\"", "\"]"),
                Shape::Query => ("{{\"", "\"}}"),
                Shape::Quarantine => (">\"", "\"]"),
            };
            let id = ids.get(vertex.id.as_str()).map_or("", String::as_str);
            let _ = writeln!(out, "    {id}{open}{label}{close}");
        }
        out.push_str("  end\n");
        for edge in &graph.edges {
            let (Some(from), Some(to)) = (ids.get(edge.from.as_str()), ids.get(edge.to.as_str())) else { continue };
            let arrow = if edge.label.is_empty() { "-->".to_owned() } else { format!("-- \"{}\" -->", escape(&edge.label)) };
            let _ = writeln!(out, "  {from} {arrow} {to}");
        }
    }
    out
}

/// Mermaid's entity codes for what would end a label.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "#amp;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;").replace('\n', " ")
}
