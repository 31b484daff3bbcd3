//! `E0504`: a sensitive dataset that is read as if it were not.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A sensitive dataset that is read as if it were not.
    pub LABEL_LOST = "E0504", "label-lost", Error
);

/// `field` has `label` where it is `written`, or else where another source reads it, and is read as `other` without it; `places` are
/// the sink or the other source, and the field that is read.
#[must_use]
pub fn label_lost(place: Place, field: &str, other: &str, label: &str, written: bool, places: [Place; 2]) -> Diagnostic {
    let [from, read] = places;
    let (with, instead) = match written {
        true => ("written with the label", "mask the field where it is written"),
        false => ("read with the label", "leave the field out: one place has one set of labels"),
    };
    Diagnostic::new(&LABEL_LOST, place, format!("`{field}` is `{label}`, and is read as `{other}`, which is not"))
        .with_label("the label is lost here")
        .with_secondary(from, with)
        .with_secondary(read, "read without it")
        .with_help(format!("label `{other}` as `{field}` is, or {instead}"))
}
