//! Sources as texts, and what becomes of them as a text.

use runi_interop::import::{Format, Input, Options, import};
use runi_interop::{ImportError, Imported};
use runi_lang::syntax::write;
use std::fmt::Write as _;

pub(crate) fn read(format: Format, text: &str, types: &[&str]) -> Result<Imported, ImportError> {
    let options = Options { types: types.iter().map(|name| (*name).to_owned()).collect(), ..Options::default() };
    import(format, &Input { name: "source", bytes: text.as_bytes(), path: None, options: &options })
}

/// The contracts and the losses.
pub(crate) fn shown(format: Format, text: &str) -> String {
    match read(format, text, &[]) {
        Ok(imported) => {
            let mut out = write::file(&imported.contracts).unwrap();
            if !imported.losses.is_empty() {
                out.push_str("\nlosses:\n");
            }
            for loss in &imported.losses {
                let _ = writeln!(out, "{}: {}: {}", loss.line.map_or_else(String::new, |line| line.to_string()), loss.at, loss.message);
            }
            out
        }
        Err(error) => problems(text, &error),
    }
}

/// Every problem with the text that it points at.
pub(crate) fn problems(text: &str, error: &ImportError) -> String {
    let ImportError::Source { diagnostics } = error else { return format!("{}: {error}", error.code()) };
    let mut out = String::new();
    for problem in diagnostics {
        let at = problem.place.text_range().and_then(|range| text.get(usize::from(range.start())..usize::from(range.end())));
        let _ = writeln!(out, "{}: {} | at `{}`", problem.code, problem.message, at.unwrap_or("?"));
        if !problem.label.is_empty() {
            let _ = writeln!(out, "  label: {}", problem.label);
        }
        for note in &problem.notes {
            let _ = writeln!(out, "  note: {note}");
        }
        if let Some(help) = &problem.help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
    out
}
