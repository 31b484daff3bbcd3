//! `E0805`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// A rule whose policy is to fail was broken.
    pub RULE_FAILED = "E0805", "rule-failed", Error
);
