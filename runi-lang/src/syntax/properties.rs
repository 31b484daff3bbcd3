//! What must hold for every text, as functions that tests and fuzz targets share.
//!
//! Each returns what it found wrong, so that a caller can fail in its own way.

use super::{FileKind, MAX_PROBLEMS, decode, fmt, parse};
use crate::lower;

/// The tree's text is the text, and the number of problems is bounded.
///
/// # Errors
/// What does not hold.
pub fn lossless(text: &str, kind: FileKind) -> Result<(), String> {
    let parsed = parse(text, kind);
    if parsed.syntax().text() != text {
        return Err(format!("the tree of {text:?} says {:?}", parsed.syntax().text().to_string()));
    }
    if parsed.problems.len() > MAX_PROBLEMS + 1 {
        return Err(format!("{} problems", parsed.problems.len()));
    }
    match parsed.problems.iter().find(|problem| usize::from(problem.range().end()) > text.len()) {
        Some(problem) => Err(format!("{} lies outside the text", problem.code())),
        None => Ok(()),
    }
}

/// Lowering does not panic, and what it points at lies inside the text, on character boundaries.
///
/// # Errors
/// What does not hold.
pub fn lowers(text: &str, kind: FileKind) -> Result<(), String> {
    let parsed = parse(text, kind);
    let diagnostics = match kind {
        FileKind::Contract => lower::contracts("file", &parsed).1,
        FileKind::Feature => lower::feature("file", &parsed).1,
    };
    let inside = |range: rowan::TextRange| text.get(usize::from(range.start())..usize::from(range.end())).is_some();
    for diagnostic in &diagnostics {
        let edits = diagnostic.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.range);
        if let Some(range) = diagnostic.place.text_range().into_iter().chain(edits).find(|range| !inside(*range)) {
            return Err(format!("{} points at {range:?}", diagnostic.code));
        }
    }
    Ok(())
}

/// Formatting twice is formatting once, and what the file says stays.
///
/// # Errors
/// What does not hold.
pub fn formats(text: &str, kind: FileKind) -> Result<(), String> {
    let once = fmt::format(text, kind);
    let twice = fmt::format(&once, kind);
    if once != twice {
        return Err(format!("not stable:\n{once}\n--- then ---\n{twice}"));
    }
    let (before, after) = (meaning(text, kind), meaning(&once, kind));
    if before != after {
        return Err(format!("another meaning:\n{before}\n--- then ---\n{after}"));
    }
    Ok(())
}

/// Everything above, for bytes as they come from a disk.
///
/// # Errors
/// What does not hold.
pub fn bytes(bytes: &[u8]) -> Result<(), String> {
    let (text, _) = decode(bytes);
    for kind in [FileKind::Contract, FileKind::Feature] {
        lossless(&text, kind)?;
        lowers(&text, kind)?;
        formats(&text, kind)?;
    }
    Ok(())
}

/// What a file says, without offsets and without the blanks inside SQL.
fn meaning(text: &str, kind: FileKind) -> String {
    let parsed = parse(text, kind);
    let debug = match kind {
        FileKind::Contract => {
            let (mut file, diagnostics) = lower::contracts("file", &parsed);
            file.spans = Default::default();
            format!("{file:?} {:?}", codes(&diagnostics))
        }
        FileKind::Feature => {
            let (mut file, diagnostics) = lower::feature("file", &parsed);
            file.spans = Default::default();
            format!("{file:?} {:?}", codes(&diagnostics))
        }
    };
    without_layout(&debug)
}

fn codes(diagnostics: &[crate::diagnostic::Diagnostic]) -> Vec<&str> {
    let mut codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect();
    codes.sort_unstable();
    codes
}

/// Takes `12..34` and runs of blanks and escaped line ends out of a debug text.
fn without_layout(debug: &str) -> String {
    let mut out = String::with_capacity(debug.len());
    let mut rest = debug;
    while let Some(at) = rest.find("range: ") {
        let (before, after) = rest.split_at(at + "range: ".len());
        out.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    }
    out.push_str(rest);
    out.replace("\\r", " ").replace("\\n", " ").replace("\\t", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}
