//! `E1001`: said by an import.

use crate::declare_code;

declare_code!(
    /// A file is not what its format demands.
    pub FOREIGN_UNREADABLE = "E1001", "foreign-unreadable", Error
);
