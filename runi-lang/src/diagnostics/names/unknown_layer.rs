//! `E0114`: a layer that is not bronze, silver or gold.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::suggest;

declare_code!(
    /// A layer that is not bronze, silver or gold.
    pub UNKNOWN_LAYER = "E0114", "unknown-layer", Error
);

/// `name` is no layer.
#[must_use]
pub fn unknown_layer(place: Place, name: &str) -> Diagnostic {
    let known = ["bronze", "silver", "gold"].map(str::to_owned);
    let diagnostic = Diagnostic::new(&UNKNOWN_LAYER, place, format!("unknown layer `{name}`")).with_label("no such layer");
    suggest(diagnostic, name, &known, "the layers are `bronze`, `silver` and `gold`")
}
