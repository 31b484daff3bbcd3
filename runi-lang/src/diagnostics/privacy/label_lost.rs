//! `E0504`: a sensitive dataset that is read as if it were not.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A sensitive dataset that is read as if it were not.
    pub LABEL_LOST = "E0504", "label-lost", Error
);

/// `field` is written with `label`, and read as `other` without it; `places` are the sink and the field that is read.
#[must_use]
pub fn label_lost(place: Place, field: &str, other: &str, label: &str, places: [Place; 2]) -> Diagnostic {
    let [sink, read] = places;
    Diagnostic::new(&LABEL_LOST, place, format!("`{field}` is `{label}`, and is read as `{other}`, which is not"))
        .with_label("the label is lost here")
        .with_secondary(sink, "written with the label")
        .with_secondary(read, "read without it")
        .with_help(format!("label `{other}` as `{field}` is, or mask the field where it is written"))
}
