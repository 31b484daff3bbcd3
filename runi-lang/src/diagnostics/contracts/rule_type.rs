//! `E0302`: a rule that does not fit its field's type.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::types::DataType;

declare_code!(
    /// A rule that does not fit its field's type.
    pub RULE_TYPE = "E0302", "rule-type", Error
);

/// `tag` says something that a `ty` cannot keep; `wants` says which types can.
#[must_use]
pub fn rule_type(place: Place, tag: &str, field: &str, ty: &DataType, wants: &str) -> Diagnostic {
    Diagnostic::new(&RULE_TYPE, place, format!("`@{tag}` does not apply to `{field}`, which is `{ty}`"))
        .with_label(format!("wants {wants}"))
        .with_help(format!("remove `@{tag}`, or give the field another type"))
}
