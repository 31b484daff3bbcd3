//! One line for each problem: `path:line:column: error[E0101] message`.

use super::{Positions, Sources, span, word};
use crate::diagnostic::Diagnostic;
use std::fmt::Write as _;

/// One line for each diagnostic, in their order.
#[must_use]
pub fn concise(diagnostics: &[Diagnostic], sources: &dyn Sources) -> String {
    let mut positions = Positions::new(sources);
    let mut out = String::new();
    for diagnostic in diagnostics {
        let path = &diagnostic.place.path;
        let place = match span(&mut positions, &diagnostic.place) {
            Some((start, _)) => format!("{path}:{}:{}: ", start.line, start.column),
            None if path.is_empty() => String::new(),
            None => format!("{path}: "),
        };
        let message = diagnostic.message.lines().collect::<Vec<_>>().join(" ");
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{place}{}[{}] {message}", word(diagnostic.severity), diagnostic.code);
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::samples::samples;
    use super::*;

    #[test]
    fn one_problem_is_one_line() {
        let (diagnostics, sources) = samples();
        let expected = "Runi.toml:2:10: error[E0602] no key `nmae`, 100%\ngone.dsl: warning[W0612] two lines\n";
        assert_eq!(concise(&diagnostics, &sources), expected);
    }
}
