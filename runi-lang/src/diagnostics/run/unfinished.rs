//! `E0812`: said by the engine before anything is read.

use crate::declare_code;

declare_code!(
    /// A killed run's publish can neither be completed nor undone.
    pub UNFINISHED = "E0812", "unfinished", Error
);
