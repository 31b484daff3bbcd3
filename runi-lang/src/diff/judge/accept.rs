//! `@accept`: a break that somebody answers for.

use super::Judge;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::history as problems;
use crate::diff::change::{Change, Item, ItemKind};
use crate::diff::finding::Decision;
use crate::diff::rules;
use crate::model::{Accept, Contract};

/// The acceptances of a contract, and where they stand.
pub(super) fn of_contract<'c>(contract: &'c Contract, path: &str) -> Vec<(&'c Accept, Place)> {
    let place = |n: usize| {
        let tag = if n == 0 { "@accept".to_owned() } else { format!("@accept#{}", n + 1) };
        Place::item(path, format!("{}/{tag}", contract.name))
    };
    contract.accepted.iter().enumerate().map(|(n, accept)| (accept, place(n))).collect()
}

impl Judge<'_> {
    /// The acceptances that count today; what is wrong with the others is a problem.
    pub(super) fn valid_accepts<'c>(
        &self,
        item: &Item,
        accepted: Vec<(&'c Accept, Place)>,
        path: &str,
        found: &mut Vec<Diagnostic>,
    ) -> Vec<&'c Accept> {
        let mut valid = Vec::new();
        let owners = if accepted.is_empty() { Vec::new() } else { (self.owners)(path) };
        for (accept, place) in accepted {
            if rules::find(&accept.rule).is_none() {
                found.push(problems::accept_unknown_rule(place, &item.name, &accept.rule));
            } else if accept.until < self.today {
                found.push(problems::accept_expired(place, &item.name, &accept.rule, &accept.until.to_string()));
            } else if owners.is_empty() || owners.iter().any(|owner| owner.eq_ignore_ascii_case(&accept.by)) {
                valid.push(accept);
            } else {
                found.push(problems::accept_not_owner(place, &item.name, &accept.rule, &accept.by, &owners));
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

/// Whether an acceptance of the item speaks of this change: of its rule, and of its part, what is around it, or the whole item.
///
/// Around a part is the column of a contract that holds it, and the sink of a scenario that has the column.
fn covers(accept: &Accept, change: &Change) -> bool {
    let around = |on: &String| match change.item.kind {
        ItemKind::Contract => change.columns.contains(on),
        ItemKind::Workspace => false,
        ItemKind::Scenario | ItemKind::Step => change.part.strip_prefix(on.as_str()).is_some_and(|rest| rest.starts_with('.')),
    };
    rules::find(&accept.rule).is_some_and(|rule| rule.id == change.rule.id)
        && accept.on.as_ref().is_none_or(|on| *on == change.part || around(on))
}
