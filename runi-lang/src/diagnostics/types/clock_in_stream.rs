//! `E0212`: the clock, read in a stream.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// The clock, read in a stream.
    pub CLOCK_IN_STREAM = "E0212", "clock-in-stream", Error
);

/// The scenario reads `source`, which never ends, and asks for the time.
#[must_use]
pub fn clock_in_stream(place: Place, source: &str) -> Diagnostic {
    Diagnostic::new(&CLOCK_IN_STREAM, place, "`now()` has no meaning in a stream")
        .with_label("reads the clock")
        .with_note(format!("`{source}` is unbounded, so the scenario runs as a stream and a replay would give another result"))
        .with_help("use the event's own time, or the window's `window_end`")
}
