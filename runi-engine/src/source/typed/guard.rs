//! Libraries that read columnar files trust much of what a file says of itself, and panic where it lies. A damaged file is bad
//! input, no defect of the engine: it is told as such, with the file's name.

use crate::error::EngineError;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread reads a file under guard.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Calls a library's reader on `file` of `source`.
///
/// # Errors
/// What the reader says; [`EngineError::BadInput`] when it panics.
pub(super) fn guarded<T>(source: &str, file: &str, read: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    keep_quiet();
    let outer = GUARDED.replace(true);
    // What the reader leaves half-done is dropped with it.
    let outcome = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(outer);
    outcome.unwrap_or_else(|_| {
        let message = "is damaged: what it says of its own content does not fit together".to_owned();
        Err(EngineError::BadInput { source_name: source.to_owned(), file: file.to_owned(), message })
    })
}

/// A panic under guard becomes an error; people need not read of it too. All others are printed as before.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                others(info);
            }
        }));
    });
}
