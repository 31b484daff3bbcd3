//! Which cells of a source's records the quarantine may show.

use runi_lang::ir::{NodeKind, Pipeline};
use runi_lang::model::Contract;
use rustc_hash::{FxHashMap, FxHashSet};

/// The labels of every source of a pipeline.
#[derive(Debug, Clone, Default)]
pub struct SourcePrivacy {
    sources: FxHashMap<String, Labels>,
}

#[derive(Debug, Clone)]
struct Labels {
    /// Sensitive columns, by today's name and by every earlier one.
    sensitive: FxHashSet<String>,
    /// What the contract knows of; a column that it does not know has no label, so nobody can say that it is harmless.
    known: Option<FxHashSet<String>>,
}

impl SourcePrivacy {
    /// The labels of a pipeline's sources.
    #[must_use]
    pub fn of(pipeline: &Pipeline) -> Self {
        let mut out = Self::default();
        for node in &pipeline.nodes {
            if let NodeKind::Source(source) = &node.kind {
                out.add(&node.name, source.contract.as_ref().map(|binding| &binding.contract), &node.sensitive);
            }
        }
        out
    }

    /// Adds a source, by its view's name.
    pub fn add(&mut self, source: &str, contract: Option<&Contract>, sensitive: &[String]) {
        let mut sensitive: FxHashSet<String> = sensitive.iter().cloned().collect();
        let renamed = contract.map(|contract| contract.renamed.as_slice()).unwrap_or_default();
        for renamed in renamed {
            if sensitive.contains(&renamed.to) {
                sensitive.insert(renamed.from.clone());
            }
        }
        let known = contract.map(|contract| {
            let fields = contract.fields.iter().map(|field| field.name.clone());
            fields.chain(renamed.iter().map(|renamed| renamed.from.clone())).collect()
        });
        self.sources.insert(source.to_owned(), Labels { sensitive, known });
    }

    /// Whether a cell of `column` must not be shown: it is sensitive, or it is unknown to a contract that has sensitive
    /// fields, or the source is unknown.
    #[must_use]
    pub fn hides(&self, source: &str, column: &str) -> bool {
        self.sources.get(source).is_none_or(|labels| {
            let stranger = labels.known.as_ref().is_some_and(|known| !known.contains(column));
            labels.sensitive.contains(column) || !labels.sensitive.is_empty() && stranger
        })
    }

    /// Whether the name of a column must not be shown where names may be data: the contract does not know it and has sensitive fields, or
    /// the source is unknown.
    #[must_use]
    pub fn hides_name(&self, source: &str, column: &str) -> bool {
        self.sources
            .get(source)
            .is_none_or(|labels| !labels.sensitive.is_empty() && labels.known.as_ref().is_none_or(|known| !known.contains(column)))
    }

    /// Whether records of this source may hold something that must not be shown.
    #[must_use]
    pub fn has_sensitive(&self, source: &str) -> bool {
        self.sources.get(source).is_none_or(|labels| !labels.sensitive.is_empty())
    }
}
