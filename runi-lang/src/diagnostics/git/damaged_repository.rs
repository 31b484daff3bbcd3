//! `E0913`: said while history is read.

use crate::declare_code;

declare_code!(
    /// The repository holds something that git does not write.
    pub DAMAGED_REPOSITORY = "E0913", "damaged-repository", Error
);
