//! Whole runs through the public interface: workspaces in a temporary directory, checked, built and run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod alerts;
mod bounds;
mod doors;
mod graphs;
mod keys;
mod outputs;
mod references;
mod selection;
mod support;
mod values;
mod windows;
