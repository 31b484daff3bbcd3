//! `E0906`: said while history is read.

use crate::declare_code;

declare_code!(
    /// More than one object begins with these digits.
    pub AMBIGUOUS_REVISION = "E0906", "ambiguous-revision", Error
);
