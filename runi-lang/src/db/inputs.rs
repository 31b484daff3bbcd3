//! The inputs of the database.
#![allow(missing_docs, reason = "salsa's macros make constructors and builders without documentation")]

use super::Herds;
use crate::syntax::FileKind;
use crate::workspace::Environment;
use crate::workspace::index::Index;
use std::sync::Arc;

/// A file that was read.
#[salsa::input(debug)]
pub struct File {
    /// Relative to the root; never changes.
    pub path: Arc<str>,
    /// Its grammar; never changes.
    #[returns(copy)]
    pub kind: FileKind,
    /// Its text. Changes with every edit.
    pub text: Arc<str>,
}

/// What the files share.
#[salsa::input(singleton)]
pub struct World {
    /// Who exports which name, and the summaries behind it.
    pub index: Arc<Index>,
    /// The chosen environment.
    pub environment: Arc<Environment>,
    /// Every herd.
    pub herds: Arc<Herds>,
}
