//! `@accept`: a break that somebody answers for.

use super::Judge;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::history as problems;
use crate::diff::change::{Change, ItemKind};
use crate::diff::finding::Decision;
use crate::diff::rules;
use crate::model::{Accept, Contract};

impl Judge<'_> {
    /// The acceptances that count today; what is wrong with the others is a problem.
    pub(super) fn valid_accepts<'c>(&self, contract: &'c Contract, path: &str, found: &mut Vec<Diagnostic>) -> Vec<&'c Accept> {
        let mut valid = Vec::new();
        let owners = if contract.accepted.is_empty() { Vec::new() } else { (self.owners)(path) };
        for (n, accept) in contract.accepted.iter().enumerate() {
            let tag = if n == 0 { "@accept".to_owned() } else { format!("@accept#{}", n + 1) };
            let place = Place::item(path, format!("{}/{tag}", contract.name));
            if rules::find(&accept.rule).is_none() {
                found.push(problems::accept_unknown_rule(place, &contract.name, &accept.rule));
            } else if accept.until < self.today {
                found.push(problems::accept_expired(place, &contract.name, &accept.rule, &accept.until.to_string()));
            } else if owners.is_empty() || owners.iter().any(|owner| owner.eq_ignore_ascii_case(&accept.by)) {
                valid.push(accept);
            } else {
                found.push(problems::accept_not_owner(place, &contract.name, &accept.rule, &accept.by, &owners));
            }
        }
        valid
    }
}

/// The decision that one of these acceptances makes of a change, when one speaks of it.
pub(super) fn accepted(accepts: &[&Accept], change: &Change) -> Option<Decision> {
    let accept = accepts.iter().find(|accept| covers(accept, change))?;
    Some(Decision::Accepted { by: accept.by.clone(), because: accept.because.clone(), until: accept.until })
}

/// Whether an acceptance speaks of this change: of its rule, and of its part, the column around it, or the whole contract.
fn covers(accept: &Accept, change: &Change) -> bool {
    let names = |on: &String| *on == change.part || change.columns.contains(on);
    change.item.kind == ItemKind::Contract
        && rules::find(&accept.rule).is_some_and(|rule| rule.id == change.rule.id)
        && accept.on.as_ref().is_none_or(names)
}
