//! Normal forms of SQL, and guards: what is claimed to be equal is equal, in every row, nulls and failures included.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod forms;
mod guards;
mod random;
mod support;
