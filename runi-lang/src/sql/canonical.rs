//! When two pieces of SQL mean the same, and when one asks for more than the other.
//!
//! An engine brings SQL into a normal form ([`Canonical`]) in which everything is settled that a reader may write in
//! several ways: layout, aliases, the sides of `=`, the order of conditions. Equal forms mean the same; forms that
//! differ may still mean the same, which nobody claims.

use std::collections::{BTreeMap, BTreeSet};

/// The normal form of an expression or a `select`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Canonical {
    /// Texts with equal forms give the same value for every row, and fail for the same rows.
    pub form: String,
    /// As `form`, but conditions are sorted even where one of them can fail: texts with equal values here differ at most
    /// in the rows for which a failing part (`a / b > 1`) is evaluated at all.
    pub unordered: String,
    /// The parts of a conjunction at the top; one for any other condition, none for a `select`.
    pub parts: Vec<Part>,
}

/// One condition among those that `and` joins.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Part {
    /// Its normal form.
    pub form: String,
    /// What it asks, where that compares with what another one asks.
    pub demand: Option<Demand>,
}

/// A condition that can be stronger or weaker than another one on the same value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Demand {
    /// `subject <= limit` and its like.
    Bound {
        /// The normal form of what is compared, without a widening of its type.
        subject: String,
        /// The type of the limit.
        ty: String,
        /// Whether it bounds from above.
        upper: bool,
        /// Whether the limit itself fits.
        inclusive: bool,
        /// The limit's place in the order of its type.
        rank: i128,
        /// A number's nearest double, by its bits: by it, limits of two types compare where they are clearly apart.
        number: Option<u64>,
    },
    /// `subject in (…)`.
    Among {
        /// The normal form of what is compared.
        subject: String,
        /// Normal forms of the values.
        values: BTreeSet<String>,
    },
}

/// How a new text relates to an old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// They mean the same.
    Same,
    /// The same conditions in another order, and one of them can fail.
    Reordered,
    /// Whatever the new one lets pass, the old one let pass.
    Tighter,
    /// Whatever the old one let pass, the new one lets pass.
    Looser,
    /// Some of its conditions ask for more than they did, others for less.
    Mixed,
    /// Anything else.
    Different,
}

impl Demand {
    /// Whether a value that meets `self` always meets `other`.
    fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Bound { subject, ty, upper, inclusive, rank, number },
                Self::Bound { subject: of, ty: as_ty, upper: above, inclusive: with, rank: limit, number: other },
            ) => {
                let within = || if *upper { rank < limit } else { rank > limit };
                let meets = if ty == as_ty {
                    within() || (rank == limit && (*with || !*inclusive))
                } else {
                    matches!((number, other), (Some(own), Some(other)) if is_clearly_below(*own, *other, *upper))
                };
                subject == of && upper == above && meets
            }
            (Self::Among { subject, values }, Self::Among { subject: of, values: all }) => subject == of && values.is_subset(all),
            _ => false,
        }
    }
}

/// Whether one double is below (or above, where `below` is not wanted) another one by more than any rounding on the way.
fn is_clearly_below(a: u64, b: u64, below: bool) -> bool {
    const ROUNDING: f64 = 1e-12;
    let (a, b) = (f64::from_bits(a), f64::from_bits(b));
    let distance = if below { b - a } else { a - b };
    distance > ROUNDING * a.abs().max(b.abs())
}

impl Part {
    fn implies(&self, other: &Self) -> bool {
        self.form == other.form || matches!((&self.demand, &other.demand), (Some(own), Some(wanted)) if own.implies(wanted))
    }
}

impl Canonical {
    /// Whether every row that meets `self` meets `other`, and every row that breaks `other` breaks `self`.
    #[must_use]
    pub fn implies(&self, other: &Self) -> bool {
        !other.parts.is_empty() && other.parts.iter().all(|wanted| self.parts.iter().any(|part| part.implies(wanted)))
    }

    /// The form with views under other names; `names` maps old to new. Names stand in quotes that no text can end, so nothing else is
    /// touched.
    #[must_use]
    pub fn with_views_renamed(self, names: &BTreeMap<String, String>) -> Self {
        let rename = |mut form: String| {
            // All at once: a view may take over the name of another one.
            for (at, from) in names.keys().enumerate() {
                form = form.replace(&view_form(from), &format!("\u{1e}{at}v")).replace(&rest_form(from), &format!("\u{1e}{at}r"));
            }
            for (at, to) in names.values().enumerate() {
                form = form.replace(&format!("\u{1e}{at}v"), &view_form(to)).replace(&format!("\u{1e}{at}r"), &rest_form(to));
            }
            form
        };
        Self { form: rename(self.form), unordered: rename(self.unordered), parts: self.parts }
    }

    /// What became of `self` in `new`.
    #[must_use]
    pub fn relate(&self, new: &Self) -> Relation {
        if self.form == new.form {
            return Relation::Same;
        }
        if self.unordered == new.unordered {
            return Relation::Reordered;
        }
        match (new.implies(self), self.implies(new)) {
            (true, false) => Relation::Tighter,
            (false, true) => Relation::Looser,
            _ if self.is_mixed(new) => Relation::Mixed,
            _ => Relation::Different,
        }
    }

    /// Whether the conditions that differ are pairs of a tighter and a looser one, but for some that only one side has.
    fn is_mixed(&self, new: &Self) -> bool {
        let lacks = |part: &&Part, all: &[Part]| !all.iter().any(|other| other.form == part.form);
        let mut came: Vec<&Part> = new.parts.iter().filter(|part| lacks(part, &self.parts)).collect();
        let mut gone: Vec<&Part> = self.parts.iter().filter(|part| lacks(part, &new.parts)).collect();
        let all = came.len();
        gone.retain(|was| {
            let found = came.iter().position(|is| is.implies(was) || was.implies(is));
            found.map(|at| came.remove(at)).is_none()
        });
        // What went and what came may say the same in other words; only one of them alone is a direction.
        came.len() < all && (gone.is_empty() || came.is_empty())
    }
}

/// How a form names a view.
#[must_use]
pub fn view_form(name: &str) -> String {
    format!("(view {name:?})")
}

fn rest_form(view: &str) -> String {
    format!("{:?}", open_column(view))
}

/// What is said of one comparison under the schemas of both versions: what all that can say anything say, if they agree.
pub(crate) fn agreed(found: [Option<Relation>; 2]) -> Relation {
    match found {
        [Some(before), Some(after)] if before == after => before,
        [Some(one), None] | [None, Some(one)] => one,
        _ => Relation::Different,
    }
}

/// The column that stands for those that a view may get: it makes `*` differ from the list of today's columns. No file
/// can write its name.
#[must_use]
pub fn open_column(view: &str) -> String {
    format!("\u{1f}the rest of {view}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(upper: bool, inclusive: bool, rank: i128) -> Part {
        let demand = Demand::Bound { subject: "x".to_owned(), ty: "int".to_owned(), upper, inclusive, rank, number: None };
        Part { form: format!("{demand:?}"), demand: Some(demand) }
    }

    fn all(parts: Vec<Part>) -> Canonical {
        let form = format!("{parts:?}");
        Canonical { unordered: form.clone(), form, parts }
    }

    #[test]
    fn bounds_compare_by_what_they_let_pass() {
        let cases = [
            ((true, true, 10), (true, true, 20), Relation::Looser),
            ((true, true, 20), (true, true, 10), Relation::Tighter),
            ((true, true, 10), (true, false, 10), Relation::Tighter),
            ((false, true, 10), (false, true, 20), Relation::Tighter),
            ((false, false, 10), (false, true, 10), Relation::Looser),
            ((false, true, 10), (true, true, 10), Relation::Different),
        ];
        for ((upper, inclusive, rank), (new_upper, new_inclusive, new_rank), wanted) in cases {
            let (old, new) = (all(vec![bound(upper, inclusive, rank)]), all(vec![bound(new_upper, new_inclusive, new_rank)]));
            assert_eq!(old.relate(&new), wanted, "{old:?} {new:?}");
        }
    }

    #[test]
    fn a_further_condition_tightens() {
        let (one, two) = (all(vec![bound(true, true, 9)]), all(vec![bound(true, true, 9), bound(false, true, 1)]));
        assert_eq!((one.relate(&two), two.relate(&one)), (Relation::Tighter, Relation::Looser));
        let moved = all(vec![bound(true, true, 5), bound(false, true, 0)]);
        assert_eq!(two.relate(&moved), Relation::Mixed);
    }
}
