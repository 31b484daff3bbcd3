//! `W0915`: said while history is read.

use crate::declare_code;

declare_code!(
    /// A commit has an entry in the workspace that the compiler does not read.
    pub REFUSED_ENTRY = "W0915", "refused-entry", Warning
);
