//! `E0815`: said by the engine when outputs are published.

use crate::declare_code;

declare_code!(
    /// A publish failed, and what it had begun could not be put back.
    pub NOT_PUT_BACK = "E0815", "not-put-back", Error
);
