//! Workflow commands of GitHub Actions: `::error file=…,line=…,col=…,title=…::message`.

use super::{Positions, Sources, behind, span};
use crate::diagnostic::{Diagnostic, Severity};
use crate::diagnostics::find;
use std::fmt::Write as _;

/// One annotation for each diagnostic, in their order. `prefix` goes before every path: the workspace's directory in its repository with
/// `/` at the end, or nothing.
#[must_use]
pub fn github(diagnostics: &[Diagnostic], sources: &dyn Sources, prefix: &str) -> String {
    let mut positions = Positions::new(sources);
    let mut out = String::new();
    for diagnostic in diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut properties = Vec::new();
        if !diagnostic.place.path.is_empty() {
            properties.push(format!("file={}", github_property(&behind(prefix, &diagnostic.place.path))));
        }
        if let Some((start, end)) = span(&mut positions, &diagnostic.place) {
            properties.push(format!("line={},col={},endLine={}", start.line, start.column, end.line));
            if start.line == end.line {
                // An end column on another line would be read as one of the first line.
                properties.push(format!("endColumn={}", end.column));
            }
        }
        let name = find(&diagnostic.code).map_or("", |code| code.name);
        properties.push(format!("title={}", github_property(format!("{} {name}", diagnostic.code).trim_end())));
        let mut message = diagnostic.message.clone();
        if let Some(help) = &diagnostic.help {
            message.push_str("\nhelp: ");
            message.push_str(help);
        }
        // Writing to a string cannot fail.
        let _ = writeln!(out, "::{command} {}::{}", properties.join(","), github_data(&message));
    }
    out
}

/// The text of an annotation, escaped.
#[must_use]
pub fn github_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of an annotation, escaped.
#[must_use]
pub fn github_property(text: &str) -> String {
    github_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::samples::samples;
    use super::*;

    #[test]
    fn nothing_in_a_message_can_end_it() {
        let (diagnostics, sources) = samples();
        let expected = "::error file=Runi.toml,line=2,col=10,endLine=2,endColumn=14,title=E0602 unknown-key::no key `nmae`, 100%25%0Ahelp: write `name`\n\
                        ::warning file=gone.dsl,title=W0612 unused-rebind::two%0Alines\n";
        assert_eq!(github(&diagnostics, &sources, ""), expected);
        assert_eq!(github(&diagnostics, &sources, "a/b/"), expected.replace("file=", "file=a/b/"));
        assert_eq!(github_property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
    }
}
