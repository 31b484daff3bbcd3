//! `E0901`: said while history is read.

use crate::declare_code;

declare_code!(
    /// The workspace lies in no git repository.
    pub NOT_A_REPOSITORY = "E0901", "not-a-repository", Error
);
