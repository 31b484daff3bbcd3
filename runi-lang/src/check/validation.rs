//! A contract against data that no scenario reads: a pipeline that is nothing but a source.

use super::ContractEntry;
use super::scope::schema;
use super::sources::columns;
use crate::ir::{Connector, Node, NodeId, NodeKind, Origin, Pipeline, SourceNode};
use std::sync::Arc;

/// Reads `connector` under a contract and writes nothing: whoever runs it learns which rows break which rule.
///
/// `data` is how messages call what is read, `environment` the name of the environment that it is made for.
#[must_use]
pub fn validation(entry: &ContractEntry, connector: Connector, data: &str, environment: &str) -> Pipeline {
    let cols = columns(entry);
    let origin = Origin { path: entry.path.to_string(), offset: 0, line: 1 };
    let node = Node {
        id: NodeId(0),
        name: "data".to_owned(),
        schema: schema(&cols),
        sensitive: cols.iter().filter(|col| !col.labels.is_empty()).map(|col| col.column.name.clone()).collect(),
        kind: NodeKind::Source(SourceNode { connector, contract: Some(Arc::clone(&entry.binding)) }),
        contract: None,
        origin: Origin::default(),
    };
    let scenario = format!("{data} against {}", entry.binding.contract.name);
    Pipeline {
        feature: "contract validate".to_owned(),
        slug: "validate".to_owned(),
        nodes: vec![node],
        ..Pipeline::new(scenario, origin, environment)
    }
}
