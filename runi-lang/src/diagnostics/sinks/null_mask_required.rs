//! `E0407`: a mask that makes null what the contract requires.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A mask that makes null what the contract requires.
    pub NULL_MASK_REQUIRED = "E0407", "null-mask-required", Error
);

/// `field` is required and masked with null.
#[must_use]
pub fn null_mask_required(place: Place, contract: &str, field: &str, declared: Place) -> Diagnostic {
    Diagnostic::new(&NULL_MASK_REQUIRED, place, format!("`@mask(null)` makes `{field}` null, but `{contract}` requires it"))
        .with_label("writes nulls")
        .with_secondary(declared, "required and masked here")
        .with_help("use `@mask(redact)`, or drop `@required`")
}
