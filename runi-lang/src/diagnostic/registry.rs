//! What a code is. Each diagnostic's module declares its own; `crate::diagnostics::ALL` lists them.

use super::Severity;

/// A stable code: never reused, never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// `E` or `W` and four digits.
    pub id: &'static str,
    /// A short kebab-case name for people and for SARIF.
    pub name: &'static str,
    /// Errors fail a command, warnings do not.
    pub severity: Severity,
    /// The page that `runi explain` prints (`docs/errors/<id>.md`).
    pub page: &'static str,
}

/// Declares a [`Code`] together with its page in `docs/errors/`.
#[macro_export]
macro_rules! declare_code {
    ($(#[$doc:meta])* $vis:vis $konst:ident = $id:literal, $name:literal, $severity:ident) => {
        $(#[$doc])*
        $vis const $konst: $crate::diagnostic::Code = $crate::diagnostic::Code {
            id: $id,
            name: $name,
            severity: $crate::diagnostic::Severity::$severity,
            page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors/", $id, ".md")),
        };
    };
}
