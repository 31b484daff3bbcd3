//! `E0907`: said while history is read.

use crate::declare_code;

declare_code!(
    /// The name belongs to something else than a commit.
    pub NOT_A_COMMIT = "E0907", "not-a-commit", Error
);
