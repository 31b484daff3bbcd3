//! The documentation is true: every page, every example and every fixture is compiled with the real engine.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod errors;
mod fixtures;
mod language;
mod leaks;
mod support;
