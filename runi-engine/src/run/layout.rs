//! The shape of a run: which views flow together.
//!
//! A *tree* is a source or a `select` with every row-level step below it, up to the next `select`.
//! Inside a tree rows are pushed from stage to stage, batch by batch; between trees they go through
//! feeds. So each source is read once, whatever hangs on it (the keys of a large one are read before).

use runi_lang::ir::{NodeId, NodeKind, Pipeline, Route};

/// Every tree, in topological order of their roots.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The trees.
    pub(crate) trees: Vec<TreeLayout>,
    /// Node → its tree.
    pub(crate) tree_of: Vec<usize>,
}

/// One tree.
#[derive(Debug)]
pub(crate) struct TreeLayout {
    /// The source or `select` at its top.
    pub(crate) root: NodeId,
    /// All its nodes, the root first, parents before children.
    pub(crate) nodes: Vec<NodeId>,
    /// Trees whose sources this one's contract refers to: they finish first.
    pub(crate) waits_for: Vec<usize>,
}

impl Layout {
    /// Lays a pipeline out.
    pub(crate) fn of(pipeline: &Pipeline) -> Self {
        let mut trees: Vec<TreeLayout> = Vec::new();
        let mut tree_of = Vec::with_capacity(pipeline.nodes.len());
        for node in &pipeline.nodes {
            let tree = match &node.kind {
                NodeKind::Rows(rows) => tree_of.get(rows.input.index()).copied().unwrap_or(0),
                NodeKind::Source(_) | NodeKind::Query(_) => {
                    trees.push(TreeLayout { root: node.id, nodes: Vec::new(), waits_for: Vec::new() });
                    trees.len() - 1
                }
            };
            tree_of.push(tree);
            if let Some(tree) = trees.get_mut(tree) {
                tree.nodes.push(node.id);
            }
        }
        let mut layout = Self { trees, tree_of };
        for tree in 0..layout.trees.len() {
            let waits_for = layout.references(pipeline, tree).into_iter().filter(|other| *other != tree).collect();
            if let Some(tree) = layout.trees.get_mut(tree) {
                tree.waits_for = waits_for;
            }
        }
        layout
    }

    /// The trees of the sources that contracts inside `tree` refer to.
    fn references(&self, pipeline: &Pipeline, tree: usize) -> Vec<usize> {
        let Some(layout) = self.trees.get(tree) else { return Vec::new() };
        let mut contracts = Vec::new();
        for id in &layout.nodes {
            let Some(node) = pipeline.nodes.get(id.index()) else { continue };
            contracts.extend(node.contract.iter());
            if let NodeKind::Source(source) = &node.kind {
                contracts.extend(source.contract.iter());
            }
            contracts
                .extend(pipeline.sinks.iter().filter(|s| s.input == *id && s.route != Route::Invalid).filter_map(|s| s.contract.as_ref()));
        }
        let mut trees: Vec<usize> = contracts
            .iter()
            .flat_map(|binding| &binding.contract.references)
            .filter_map(|reference| source_with_contract(pipeline, &reference.contract))
            .filter_map(|id| self.tree_of.get(id.index()).copied())
            .collect();
        trees.sort_unstable();
        trees.dedup();
        trees
    }
}

/// The first source that carries this contract.
pub(crate) fn source_with_contract(pipeline: &Pipeline, contract: &str) -> Option<NodeId> {
    pipeline
        .nodes
        .iter()
        .find(
            |node| matches!(&node.kind, NodeKind::Source(source) if source.contract.as_ref().is_some_and(|c| c.contract.name == contract)),
        )
        .map(|node| node.id)
}

/// The row-level steps that read `node`.
pub(crate) fn children(pipeline: &Pipeline, node: NodeId) -> Vec<NodeId> {
    pipeline.nodes.iter().filter(|other| matches!(&other.kind, NodeKind::Rows(rows) if rows.input == node)).map(|other| other.id).collect()
}

/// The `select`s that read `node`.
pub(crate) fn readers(pipeline: &Pipeline, node: NodeId) -> Vec<NodeId> {
    pipeline
        .nodes
        .iter()
        .filter(|other| matches!(&other.kind, NodeKind::Query(query) if query.views.iter().any(|(_, view)| *view == node)))
        .map(|other| other.id)
        .collect()
}
