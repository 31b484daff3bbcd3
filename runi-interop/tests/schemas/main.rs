//! Contracts from and to schemas of others: what goes there and back is what it was, and what we write others accept.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod finos;
mod json_schema;
mod judged;
mod odcs;
mod support;
