//! `E0904`: said while history is read.

use crate::declare_code;

declare_code!(
    /// The branch has no commit yet.
    pub UNBORN_BRANCH = "E0904", "unborn-branch", Error
);
