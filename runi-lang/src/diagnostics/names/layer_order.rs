//! `E0115`: a lower layer that reads a higher one.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A lower layer that reads a higher one.
    pub LAYER_ORDER = "E0115", "layer-order", Error
);

/// A scenario of `layer` reads what belongs to `other`.
#[must_use]
pub fn layer_order(place: Place, layer: &str, other: &str, what: &str, writer: Option<Place>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&LAYER_ORDER, place, format!("a {layer} scenario may not read the {other} layer"))
        .with_label(format!("`{what}` is {other}"))
        .with_help("data flows upwards: bronze, then silver, then gold");
    match writer {
        Some(writer) => diagnostic.with_secondary(writer, format!("a {other} scenario writes it here")),
        None => diagnostic,
    }
}
