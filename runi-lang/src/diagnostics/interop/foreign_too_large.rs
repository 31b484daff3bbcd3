//! `E1002`: said by an import.

use crate::declare_code;

declare_code!(
    /// A file is larger, or nested deeper, than an import reads.
    pub FOREIGN_TOO_LARGE = "E1002", "foreign-too-large", Error
);
