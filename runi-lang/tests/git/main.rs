//! History through `runi_lang::git`: every kind of repository, hostile ones, and the `git` command as the yardstick.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod discover;
mod history;
mod oracle;
mod repo;
mod revisions;
mod sides;
#[path = "../support/mod.rs"]
mod support;
mod trees;
mod workspaces;
