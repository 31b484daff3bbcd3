//! What became of the condition of a rule over rows.
//!
//! The same words are the same condition. Other words are asked of an engine, which is made only then: it brings both into one normal
//! form, once with the types of the old version and once with those of the new one.

use super::MakeEngine;
use crate::model::Contract;
use crate::schema::{Column, Schema};
use crate::sql::{Canonical, Relation, SqlEngine, agreed, same_tokens, with_names};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The normal form with the types of the old version, and with those of the new one; `None` where there is none.
type Forms = [Option<Canonical>; 2];

/// The conditions of two versions of a contract. Forms are made when they are asked for, and kept.
pub(super) struct Conditions<'a> {
    contracts: [&'a Contract; 2],
    /// Names of today of columns that had another name.
    renamed: BTreeMap<String, String>,
    make: MakeEngine<'a>,
    engine: OnceCell<Arc<dyn SqlEngine>>,
    /// The forms of the old and of the new rules, in their order.
    forms: [Vec<OnceCell<Forms>>; 2],
}

impl<'a> Conditions<'a> {
    pub(super) fn new(old: &'a Contract, new: &'a Contract, renamed: &BTreeMap<String, String>, make: MakeEngine<'a>) -> Self {
        let contracts = [old, new];
        let forms = contracts.map(|contract| contract.rules.iter().map(|_| OnceCell::new()).collect());
        Self { contracts, renamed: renamed.clone(), make, engine: OnceCell::new(), forms }
    }

    /// Whether two rules have the same condition in the same words.
    pub(super) fn is_same_text(&self, old: usize, new: usize) -> bool {
        let [was, is] = [self.text(0, old), self.text(1, new)];
        same_tokens(was, is)
    }

    /// How the condition of a new rule relates to that of an old one.
    pub(super) fn relate(&self, old: usize, new: usize) -> Relation {
        if self.is_same_text(old, new) {
            return Relation::Same;
        }
        let (Some(was), Some(is)) = (self.forms(0, old), self.forms(1, new)) else { return Relation::Different };
        let under = |types: usize| {
            let (was, is) = (was.get(types)?.as_ref()?, is.get(types)?.as_ref()?);
            Some(was.relate(is))
        };
        agreed([under(0), under(1)])
    }

    /// Whether no row of the old version can break a new rule: all that it asks of was not there, and it lets that pass.
    pub(super) fn holds_without(&self, new: usize) -> bool {
        let [before, after] = self.contracts;
        let was_there = |name: &String| before.field(name).is_some() || self.renamed.values().any(|now| now == name);
        let is_fresh = |name: &str| after.fields.iter().any(|field| field.name == name && !field.is_required() && !was_there(&field.name));
        if !after.fields.iter().any(|field| is_fresh(&field.name)) {
            return false;
        }
        let text = self.text(1, new);
        let engine = self.engine.get_or_init(|| (self.make)());
        let Ok(typed) = engine.expr(text, &schema(after, |name| name), &Vec::new()) else { return false };
        if typed.reads.is_empty() || !typed.reads.iter().all(|(name, _)| is_fresh(name)) {
            return false;
        }
        let form = |text: &str| engine.canonical_expr(text, &Schema::default(), &Vec::new());
        let Some(found) = with_names(text, |name| is_fresh(name).then_some("null")).and_then(|text| form(&text)) else { return false };
        ["true", "cast(null as boolean)", "null"].into_iter().filter_map(form).any(|passes| passes.relate(&found) == Relation::Same)
    }

    fn text(&self, side: usize, at: usize) -> &'a str {
        self.contracts.get(side).and_then(|contract| contract.rules.get(at)).map_or("", |rule| rule.sql.as_str())
    }

    fn forms(&self, side: usize, at: usize) -> Option<&Forms> {
        let kept = self.forms.get(side)?.get(at)?;
        Some(kept.get_or_init(|| {
            let engine = self.engine.get_or_init(|| (self.make)());
            // Every form has the names of today; a text has those of its own version.
            let [called, names] = if side == 0 { [Some(&self.renamed), None] } else { [None, Some(&self.renamed)] };
            let none = BTreeMap::new();
            let text = self.text(side, at);
            let old_types = schema(self.contracts[0], |name| names.and_then(|names| names.get(name)).unwrap_or(name));
            let before = |name: &String| called.into_iter().flatten().find(|(_, now)| *now == name).map(|(was, _)| was);
            let new_types = schema(self.contracts[1], |name| before(name).unwrap_or(name));
            [old_types, new_types].map(|schema| engine.canonical_expr_as(text, &schema, called.unwrap_or(&none), &Vec::new()))
        }))
    }
}

/// The fields of a contract as columns under the names that a text has for them.
fn schema<'n>(contract: &'n Contract, name: impl Fn(&'n String) -> &'n String) -> Schema {
    let columns = contract.fields.iter().map(|field| Column { name: name(&field.name).clone(), ty: field.ty.clone(), nullable: true });
    Schema { columns: columns.collect() }
}
