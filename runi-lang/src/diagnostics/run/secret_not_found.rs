//! `E0808`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// A secret is not where its environment says.
    pub SECRET_NOT_FOUND = "E0808", "secret-not-found", Error
);
