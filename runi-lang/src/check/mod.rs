//! The proofs: names, types, sink contracts, privacy, environment; and the pipelines that follow from them.
//!
//! One walk (`scenario`) turns a scenario into typed nodes: a schema, the labels of every column and where each
//! column came from. [`check_feature`] keeps its diagnostics, [`build_pipelines`] its nodes. The first uses
//! only the *signatures* of steps in other files, the second unfolds their bodies.
//!
//! ```text
//! feature     a file: scenarios, reusable steps        between: what scenarios are to each other
//! scenario    the walk: sources, steps, views          sources, connector, resolve
//! rows, query one step of either kind                  scope, labels
//! sinks, fit  switches, contracts, leaks               tail: goldens, alerts, assertions, prose
//! reusable    a step in its own file                   unfold: its body as a node of a pipeline
//! contract    a contract by itself                     cast: values of a type
//! validation  a contract against a file                paths: what a scenario reads and writes, without a check
//! kept        what is written with a label, and read   coarse: whether a mask makes a type's values coarser
//! overlap     whether two paths can mean one file
//! ```

mod api;
mod between;
mod cast;
mod coarse;
mod connector;
mod contract;
mod ctx;
mod feature;
mod fit;
mod kept;
mod labels;
mod literal;
mod overlap;
mod paths;
mod policy;
mod query;
mod resolve;
mod reusable;
mod rows;
mod scenario;
mod scope;
mod sinks;
mod sources;
mod tail;
mod unfold;
mod validation;
mod window;

pub use api::{
    Checked, ContractEntry, Lookup, ParamSig, Port, Requirement, RequirementKind, ScenarioFacts, StepEntry, StepKey, StepShape, slug,
    step_entry,
};
pub use between::check_between;
pub(crate) use connector::tidy;
pub use contract::{FORMATS, check_contract};
pub use feature::{build_pipelines, check_feature};
pub use kept::Links;
pub use labels::sensitive_fields;
pub(crate) use paths::paths;
pub(crate) use sources::is_present;
pub use validation::validation;
