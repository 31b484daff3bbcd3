//! `E0909`: said while history is read.

use crate::declare_code;

declare_code!(
    /// Two commits have no common ancestor.
    pub UNRELATED_HISTORIES = "E0909", "unrelated-histories", Error
);
