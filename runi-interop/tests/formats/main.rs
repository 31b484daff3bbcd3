//! Contracts to and from Avro, Protobuf, SQL, Arrow, Markdown, and out of samples.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arrow;
mod avro;
mod protobuf;
mod sample;
mod sql;
mod support;
