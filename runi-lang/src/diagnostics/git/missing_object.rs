//! `E0912`: said while history is read.

use crate::declare_code;

declare_code!(
    /// An object is not in this clone.
    pub MISSING_OBJECT = "E0912", "missing-object", Error
);
