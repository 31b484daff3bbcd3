//! `E0814`: said by the engine when outputs are published.

use crate::declare_code;

declare_code!(
    /// What claims to be a cut publish would write where none of this workspace may.
    pub UNTRUSTED_NOTE = "E0814", "untrusted-note", Error
);
