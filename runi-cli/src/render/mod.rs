//! Pipelines and runs as text; one renderer per format.

pub mod dot;
pub mod graph;
pub mod lineage;
pub mod mermaid;
pub mod plan;
pub mod run;
