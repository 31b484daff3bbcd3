//! Contracts out of Go and Rust sources.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod go;
mod hostile;
mod rust;
mod support;
