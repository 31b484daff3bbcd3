//! `E0905`: said while history is read.

use crate::declare_code;

declare_code!(
    /// No commit has this name.
    pub UNKNOWN_REVISION = "E0905", "unknown-revision", Error
);
