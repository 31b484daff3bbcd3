//! What days change: fields whose deprecation is over, earlier names that are understood no longer.

use super::{Judge, Terms};
use crate::diff::change::Change;
use crate::diff::rule::Verdict::{Breaking, Compatible};
use crate::model::{Contract, Date};

impl Judge<'_> {
    fn is_over(&self, until: Option<Date>) -> bool {
        until.is_some_and(|until| until < self.today)
    }

    /// Whether readers were told long enough that this goes: its `@deprecated(until=…)` has passed.
    pub(super) fn deprecation_is_over(&self, contract: &Contract, change: &Change) -> bool {
        let over = |deprecated: Option<Option<Date>>| self.is_over(deprecated.flatten());
        match change.rule.id {
            "X001" => over(contract.deprecated),
            "F003" | "F004" => contract.field(&change.part).is_some_and(|field| over(field.deprecated)),
            _ => false,
        }
    }

    /// Sets the verdicts of changes that depend on whether the day of an earlier name has passed.
    pub(super) fn close_windows(&self, change: &mut Change, terms: &Terms<'_>) {
        match change.rule.id {
            // The new alias is over before it began.
            "F007" => {
                let alias = |contract: &Contract| {
                    contract
                        .renamed
                        .iter()
                        .any(|renamed| renamed.to == change.part && change.columns.contains(&renamed.from) && self.is_over(renamed.until))
                };
                if terms.after.is_some_and(alias) {
                    (change.consumer, change.producer) = (Breaking, Breaking);
                }
            }
            // The old alias is over anyway.
            "F009" => {
                let mut aliases = terms.before.iter().flat_map(|contract| &contract.renamed).filter(|renamed| renamed.from == change.part);
                if aliases.any(|renamed| self.is_over(renamed.until)) {
                    (change.consumer, change.producer) = (Compatible, Compatible);
                }
            }
            _ => {}
        }
    }
}
