//! W0921: an `@accept` of a rule that there is not.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::nearest;
use crate::diff::rules;

declare_code!(
    /// No compatibility rule has this id.
    pub ACCEPT_UNKNOWN_RULE = "W0921", "accept-unknown-rule", Warning
);

/// The place is the contract's file.
#[must_use]
pub fn accept_unknown_rule(place: Place, contract: &str, rule: &str) -> Diagnostic {
    let problem = Diagnostic::new(&ACCEPT_UNKNOWN_RULE, place, format!("`@accept({rule})` of `{contract}` names no compatibility rule"));
    match nearest(rule, rules::all().map(|rule| rule.id)) {
        Some(near) => problem.with_help(format!("did you mean `{near}`?")),
        None => problem.with_help("`runi explain --list` names every rule"),
    }
}
