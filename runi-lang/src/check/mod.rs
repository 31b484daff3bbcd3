//! The proofs: names, types, sink contracts, privacy, environment; and the pipelines that follow from them.
//!
//! One walk ([`walk`]) turns a scenario into typed nodes: a schema, the labels of every column and where each
//! column came from. [`check_feature`] keeps its diagnostics, [`build_pipelines`] its nodes. The first uses
//! only the *signatures* of steps in other files, the second unfolds their bodies.

mod api;

pub use api::{
    Checked, ContractEntry, Lookup, ParamSig, Requirement, RequirementKind, ScenarioFacts, StepEntry, StepKey, StepShape, slug, step_entry,
};
