//! Comparisons of two versions of a workspace, with the real engine: contracts, features, and whom a change reaches.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accepted;
mod contracts;
mod drift;
mod features;
mod impact;
mod rewrites;
mod support;
