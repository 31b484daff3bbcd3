//! `E0902`: said while history is read.

use crate::declare_code;

declare_code!(
    /// The repository belongs to another user.
    pub REPOSITORY_NOT_OWNED = "E0902", "repository-not-owned", Error
);
