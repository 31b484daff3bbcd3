//! The first pass over a large keyed source, for its keys alone.

use super::drive::{Drive, join};
use crate::error::EngineError;
use crate::rules::keys::Position;
use crate::source::{SourceReader, SourceSpec};
use runi_lang::ir::{NodeId, NodeKind};
use runi_lang::model::Contract;
use std::sync::Arc;
use tokio::task::JoinSet;

impl Drive {
    /// Reads a large keyed source once for its keys alone, so that its rows can stream afterwards. Says whether it did.
    pub(super) async fn read_keys_first(self: &Arc<Self>, tree: usize, root: NodeId, reader: &SourceReader) -> Result<bool, EngineError> {
        let Some(stage) = self.trees.get(tree).and_then(|tree| tree.stages.get(&root)) else { return Ok(false) };
        let Some(contract) = &stage.contract else { return Ok(false) };
        let (_, total) = reader.position();
        if !contract.stage.has_keys() || total <= self.held_bytes {
            return Ok(false);
        }
        let Some(NodeKind::Source(source)) = self.pipeline.nodes.get(root.index()).map(|node| &node.kind) else { return Ok(false) };
        let keys_only = keys_only(&contract.stage.binding.contract);
        let name = self.pipeline.nodes.get(root.index()).map_or("", |node| node.name.as_str());
        let spec = SourceSpec { name, connector: &source.connector, contract: Some(&keys_only), root: &self.context.root };
        let reader = Arc::new(crate::source::open(&spec, &self.read)?.reader());
        let mut workers = JoinSet::new();
        for _ in 0..self.workers {
            let (drive, reader) = (Arc::clone(self), Arc::clone(&reader));
            workers.spawn(async move {
                let contract = drive.trees.get(tree).and_then(|tree| tree.stages.get(&root)).and_then(|stage| stage.contract.as_ref());
                let Some(contract) = contract else { return Ok(()) };
                while !drive.context.check()? {
                    let Some(unit) = reader.next()? else { break };
                    let seq = unit.seq();
                    let mut first = 0;
                    for (rows, _) in unit.decode()?.batches {
                        contract.stage.gather(&rows, Position::new(seq, first))?;
                        first += rows.len();
                    }
                    tokio::task::yield_now().await;
                }
                Ok(())
            });
        }
        join(workers).await?;
        contract.stage.seal()?;
        Ok(true)
    }
}

/// The same contract with nothing but its keys' fields: decoding them is all that a first pass needs.
fn keys_only(contract: &Contract) -> Contract {
    let mut reduced = contract.clone();
    let wanted: Vec<&String> = contract.keys.iter().flat_map(|key| &key.columns).collect();
    reduced.fields.retain(|field| wanted.contains(&&field.name) || field.rules.unique.is_some());
    reduced.rules.clear();
    reduced.references.clear();
    reduced.drift = runi_lang::model::DriftPolicy {
        missing: runi_lang::model::OnFail::Warn,
        extra: runi_lang::model::OnFail::Warn,
        retyped: runi_lang::model::OnFail::Warn,
        reordered: runi_lang::model::OnFail::Warn,
    };
    reduced
}
