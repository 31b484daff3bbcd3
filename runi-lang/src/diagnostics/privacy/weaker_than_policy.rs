//! `E0503`: a mask that the herd's policy does not allow.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A mask that the herd's policy does not allow.
    pub WEAKER_THAN_POLICY = "E0503", "weaker-than-policy", Error
);

/// `field` masks `category` with `mask`, the policy of `herd` says `wanted`; `declared` is the field.
#[must_use]
pub fn weaker_than_policy(place: Place, field: &str, mask: &str, herd: &str, category: &str, wanted: &str, declared: Place) -> Diagnostic {
    Diagnostic::new(
        &WEAKER_THAN_POLICY,
        place,
        format!("`{field}` leaves under `@mask({mask})`, the herd `{herd}` masks `@pii({category})` with `{wanted}`"),
    )
    .with_label("another mask than the policy's")
    .with_secondary(declared, "masked here")
    .with_help(format!("use `@mask({wanted})`, or `null` or `redact`, which leave nothing of the value"))
}
