//! `E0911`: said while history is read.

use crate::declare_code;

declare_code!(
    /// A merge in progress left files without one version.
    pub UNMERGED_INDEX = "E0911", "unmerged-index", Error
);
