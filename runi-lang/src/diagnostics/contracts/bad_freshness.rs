//! `E0307`: a `@freshness` on a column that is no point in time.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::types::DataType;

declare_code!(
    /// A `@freshness` on a column that is no point in time.
    pub BAD_FRESHNESS = "E0307", "bad-freshness", Error
);

/// `column` is `ty`.
#[must_use]
pub fn bad_freshness(place: Place, column: &str, ty: &DataType) -> Diagnostic {
    Diagnostic::new(&BAD_FRESHNESS, place, format!("`@freshness` needs a timestamp, `{column}` is `{ty}`"))
        .with_label("not a point in time")
        .with_help("name a `timestamp` field with `on=`")
}
