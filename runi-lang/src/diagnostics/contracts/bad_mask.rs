//! `E0308`: a mask that does not fit its field.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::types::DataType;

declare_code!(
    /// A mask that does not fit its field.
    pub BAD_MASK = "E0308", "bad-mask", Error
);

/// `mask` cannot stand on `field` of type `ty`; `why` says what it makes.
#[must_use]
pub fn bad_mask(place: Place, mask: &str, field: &str, ty: &DataType, why: &str) -> Diagnostic {
    Diagnostic::new(&BAD_MASK, place, format!("`@mask({mask})` does not fit `{field}`, which is `{ty}`"))
        .with_label(why.to_owned())
        .with_help(
            "`hash`, `tokenise` and `partial` make text; `generalise` wants a step that is coarser than the type, of numbers (`to=10`) or \
             of days (`to=month`); `redact` fits all",
        )
}
