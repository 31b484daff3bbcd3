//! The herd's masking policy: which mask a category of personal data has at a sink.

use super::ContractEntry;
use super::fit::field_place;
use super::labels::Label;
use super::scenario::Walk;
use super::scope::Col;
use crate::diagnostic::Place;
use crate::diagnostics::nearest;
use crate::diagnostics::privacy::{unmatched_category, weaker_than_policy};
use crate::model::Mask;
use crate::workspace::Herd;

/// Checks every masked field of a sink against the policy of the scenario's herd.
///
/// A mask that leaves nothing of the value is always enough. Fields without a mask keep their value for the roles
/// that their `@access` names; the proof of labels speaks of them.
pub(crate) fn prove(walk: &Walk<'_, '_>, cols: &[Col], entry: &ContractEntry, place: &Place) {
    let Some(herd) = walk.scenario.herd.as_ref().and_then(|herd| walk.ctx.lookup.herd(&herd.value)) else { return };
    for col in cols {
        let name = &col.column.name;
        unmatched(walk, col, entry, &herd, place);
        let Some(mask) = entry.binding.contract.field(name).and_then(|field| field.sensitivity.mask.as_ref()) else { continue };
        if matches!(mask, Mask::Null | Mask::Redact) {
            continue;
        }
        for label in col.labels.iter() {
            let Label::Pii(category) = label else { continue };
            if let Some(wanted) = herd.masking.policy.get(category).filter(|wanted| *wanted != mask.name()) {
                walk.ctx.emit(weaker_than_policy(place.clone(), name, mask.name(), &herd.name, category, wanted, field_place(entry, name)));
            }
        }
    }
}

/// Says that the policy has nothing for a category of this column, but something for one that is spelt nearly so.
fn unmatched(walk: &Walk<'_, '_>, col: &Col, entry: &ContractEntry, herd: &Herd, place: &Place) {
    let name = &col.column.name;
    if entry.binding.contract.field(name).is_none() {
        return;
    }
    let policy = &herd.masking.policy;
    for label in col.labels.iter() {
        let Label::Pii(category) = label else { continue };
        let near = nearest(category, policy.keys().map(String::as_str)).filter(|_| !policy.contains_key(category));
        if let Some(near) = near {
            walk.ctx.emit(unmatched_category(place.clone(), name, category, &herd.name, near));
        }
    }
}
