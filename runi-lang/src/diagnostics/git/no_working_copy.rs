//! `E0903`: said while history is read.

use crate::declare_code;

declare_code!(
    /// The repository has no working copy where the workspace is.
    pub NO_WORKING_COPY = "E0903", "no-working-copy", Error
);
