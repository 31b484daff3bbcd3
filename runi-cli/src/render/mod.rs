//! Pipelines and runs as text; one renderer per format.

pub(crate) mod catalog;
pub(crate) mod change;
pub(crate) mod ci;
pub(crate) mod diff;
pub(crate) mod dot;
pub(crate) mod generate;
pub(crate) mod graph;
pub(crate) mod lineage;
pub(crate) mod mermaid;
pub(crate) mod plan;
pub(crate) mod run;
