//! The language of Runi: from a tree of files to checked contracts, a pipeline IR and diagnostics.
//!
//! The road of a file, each stage a module that knows nothing of the ones after it:
//!
//! ```text
//! syntax      bytes → lossless tree (never fails)           knows neither salsa nor SQL
//! lower       tree → model                                  one file alone
//! model       plain values: contracts, features, steps, herds, manifest
//! state       what Runi keeps in a workspace, and whom it believes
//! workspace   the files of a working copy; Runi.toml, environments; the check cache
//! db          salsa: inputs, summaries, the queries between files
//! check       the proofs: names, types, sink contracts, privacy, environment
//! ir          what the engine runs
//! git         a commit as a tree of files; merge bases, tags, history
//! diff        two versions compared: changes, verdicts, impact
//! ```
//!
//! Nothing in this crate runs a pipeline, prints, or knows a terminal. SQL is typed through
//! [`sql::SqlEngine`], which the engine crate implements.

pub mod check;
pub mod db;
pub mod diagnostic;
pub mod diagnostics;
pub mod diff;
pub mod git;
pub mod ir;
pub mod lower;
pub mod model;
pub mod pattern;
pub mod schema;
pub mod select;
pub mod sql;
pub mod state;
pub mod syntax;
pub mod types;
pub mod workspace;
