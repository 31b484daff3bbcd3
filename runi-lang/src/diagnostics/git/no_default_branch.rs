//! `E0910`: said while history is read.

use crate::declare_code;

declare_code!(
    /// Nothing says which branch changes are compared with.
    pub NO_DEFAULT_BRANCH = "E0910", "no-default-branch", Error
);
