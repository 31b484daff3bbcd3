//! A pipeline as vertices and edges, for the graph formats.

use runi_lang::ir::{NodeKind, Pipeline, Route};

/// What a vertex is; decides its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A source or a data sink.
    Data,
    /// A row-level step.
    Rows,
    /// A `select`.
    Query,
    /// The quarantine.
    Quarantine,
}

/// One vertex.
#[derive(Debug)]
pub(crate) struct Vertex {
    /// Unique in the graph.
    pub id: String,
    /// Lines of its label.
    pub label: Vec<String>,
    /// Its shape.
    pub shape: Shape,
}

/// One edge.
#[derive(Debug)]
pub(crate) struct Edge {
    /// From.
    pub from: String,
    /// To.
    pub to: String,
    /// A word on it.
    pub label: String,
}

/// One scenario.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Its name.
    pub title: String,
    /// Vertices, sources first.
    pub vertices: Vec<Vertex>,
    /// Edges.
    pub edges: Vec<Edge>,
}

/// The graph of a pipeline.
pub(crate) fn of(pipeline: &Pipeline) -> Graph {
    let id = |name: &str| format!("{}/{name}", pipeline.slug);
    let name = |node: runi_lang::ir::NodeId| pipeline.nodes.get(node.index()).map_or_else(String::new, |node| id(&node.name));
    let mut graph = Graph { title: pipeline.scenario.clone(), vertices: Vec::new(), edges: Vec::new() };
    for node in &pipeline.nodes {
        let mut label = vec![node.name.clone()];
        let shape = match &node.kind {
            NodeKind::Source(source) => {
                label.push(format!("{} {}", source.connector.type_name(), source.connector.path()));
                label.extend(source.contract.iter().map(|binding| binding.contract.name.clone()));
                Shape::Data
            }
            NodeKind::Rows(rows) => {
                graph.edges.push(Edge { from: name(rows.input), to: id(&node.name), label: String::new() });
                label.extend(rows.uses.iter().filter(|uses| **uses != node.name).cloned());
                Shape::Rows
            }
            NodeKind::Query(query) => {
                graph.edges.extend(query.views.iter().map(|(_, view)| Edge {
                    from: name(*view),
                    to: id(&node.name),
                    label: String::new(),
                }));
                Shape::Query
            }
        };
        graph.vertices.push(Vertex { id: id(&node.name), label, shape });
    }
    for sink in &pipeline.sinks {
        let vertex = id(&format!("sink:{}", sink.name));
        let mut label = vec![sink.name.clone(), format!("{} {}", sink.connector.type_name(), sink.connector.path())];
        label.extend(sink.contract.iter().map(|binding| binding.contract.name.clone()));
        let (shape, word) = match &sink.route {
            Route::All => (Shape::Data, String::new()),
            Route::When(sql) => (Shape::Data, format!("when {sql}")),
            Route::Otherwise => (Shape::Data, "otherwise".to_owned()),
            Route::Invalid => (Shape::Quarantine, "invalid".to_owned()),
        };
        if sink.route == Route::Invalid {
            let sources = pipeline.nodes.iter().filter(|node| matches!(node.kind, NodeKind::Source(_)));
            graph.edges.extend(sources.map(|node| Edge { from: id(&node.name), to: vertex.clone(), label: word.clone() }));
        } else {
            graph.edges.push(Edge { from: name(sink.input), to: vertex.clone(), label: word });
        }
        graph.vertices.push(Vertex { id: vertex, label, shape });
    }
    graph
}
