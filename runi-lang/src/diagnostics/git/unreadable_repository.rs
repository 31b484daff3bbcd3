//! `E0914`: said while history is read.

use crate::declare_code;

declare_code!(
    /// The repository's own files cannot be read.
    pub UNREADABLE_REPOSITORY = "E0914", "unreadable-repository", Error
);
