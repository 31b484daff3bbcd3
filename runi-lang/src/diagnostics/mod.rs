//! Every problem that Runi knows, one module each: its code, its words, its fixes.

pub mod contracts;
pub mod names;
pub mod privacy;
pub mod run;
pub mod sinks;
pub mod syntax;
pub mod types;
pub mod workspace;

use crate::diagnostic::Code;

/// Every code, in order of its number.
pub fn all() -> impl Iterator<Item = &'static Code> {
    let mut codes: Vec<&'static Code> =
        [syntax::ALL, names::ALL, types::ALL, contracts::ALL, sinks::ALL, privacy::ALL, workspace::ALL, run::ALL]
            .into_iter()
            .flatten()
            .copied()
            .collect();
    codes.sort_by_key(|code| (code.id.get(1..).unwrap_or_default(), code.id));
    codes.into_iter()
}

/// The code with this id, in any case.
#[must_use]
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}
