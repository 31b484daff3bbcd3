//! `E0908`: said while history is read.

use crate::declare_code;

declare_code!(
    /// A shallow clone ends too early.
    pub MISSING_HISTORY = "E0908", "missing-history", Error
);
