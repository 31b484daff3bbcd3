//! A contract by itself: rules that fit their types, rules that type, references that resolve.

use super::api::Lookup;
use super::coarse;
use super::ctx::{Ctx, sql_error};
use super::literal;
use super::resolve::same;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::history::accept_unknown_rule;
use crate::diagnostics::names::{duplicate_name, unknown_column, unknown_contract};
use crate::diagnostics::privacy::unknown_role;
use crate::diagnostics::{contracts, nearest, types};
use crate::diff::rules;
use crate::model::{Contract, ContractFile, Field, Mask, Range, Sql};
use crate::schema::Schema;
use crate::sql::SqlEngine;
use crate::types::DataType;
use std::collections::BTreeSet;

/// The formats that a value can be checked against.
pub const FORMATS: &[&str] = &[
    "email", "uuid", "uri", "ipv4", "ipv6", "hostname", "date", "iso4217", "iso3166", "isin", "lei", "bic", "iban", "luhn", "json",
    "semver", "sin",
];

/// Checks a contract file. Other contracts are seen through `lookup`.
#[must_use]
pub fn check_contract(path: &str, file: &ContractFile, lookup: &dyn Lookup, engine: &dyn SqlEngine) -> Vec<Diagnostic> {
    let ctx = Ctx::new(path, lookup, engine);
    for contract in &file.contracts {
        let check = Check { ctx: &ctx, file, contract };
        check.names();
        for field in &contract.fields {
            check.field(field);
        }
        check.rules();
        check.references();
        check.freshness();
        check.accepted();
    }
    ctx.finish()
}

struct Check<'c, 'a> {
    ctx: &'c Ctx<'a>,
    file: &'c ContractFile,
    contract: &'c Contract,
}

impl Check<'_, '_> {
    /// The range of an item of this file, by its key below the contract's name.
    fn place(&self, key: &str) -> Place {
        let key = if key.is_empty() { self.contract.name.clone() } else { format!("{}/{key}", self.contract.name) };
        match self.file.spans.get(&key) {
            Some(range) => self.ctx.place(range),
            None => Place::item(self.ctx.path, key),
        }
    }

    fn known(&self) -> Vec<String> {
        self.contract.fields.iter().map(|field| field.name.clone()).collect()
    }

    /// Names that must be fields, and names that must not be.
    fn names(&self) {
        for field in self.contract.fields.iter().filter(|field| self.contract.reserved.contains(&field.name)) {
            self.ctx.emit(contracts::reserved_name(self.place(&format!("field/{}", field.name)), &field.name));
        }
        let mut uniques = 0;
        for key in &self.contract.keys {
            let tag = if key.primary {
                "@key".to_owned()
            } else {
                uniques += 1;
                numbered("@unique", uniques)
            };
            for column in key.columns.iter().filter(|column| self.contract.field(column).is_none()) {
                self.ctx.emit(unknown_column(self.whole(&tag), column, &self.contract.name, &self.known()));
            }
        }
        for (i, renamed) in self.contract.renamed.iter().enumerate() {
            let tag = numbered("@renamed_from", i + 1);
            if self.contract.field(&renamed.to).is_none() {
                self.ctx.emit(unknown_column(self.whole(&tag), &renamed.to, &self.contract.name, &self.known()));
            }
            if self.contract.field(&renamed.from).is_some() {
                self.ctx.emit(duplicate_name(self.whole(&tag), "field", &renamed.from, None));
            }
        }
    }

    /// A tag as an item. A name inside it has no range of its own, and a fix must not replace the whole tag.
    fn whole(&self, tag: &str) -> Place {
        Place::item(self.ctx.path, format!("{}/{tag}", self.contract.name))
    }

    fn field(&self, field: &Field) {
        let tag = |name: &str| self.place(&format!("field/{}/@{name}", field.name));
        let misfit = |name: &str, wants: &str| self.ctx.emit(contracts::rule_type(tag(name), name, &field.name, &field.ty, wants));
        if field.ty == DataType::Unknown {
            return;
        }
        if let Some(range) = &field.rules.range {
            if field.ty.is_ordered() {
                self.bounds("range", range, &field.ty, tag("range"));
            } else {
                misfit("range", "a number, a date or a time");
            }
        }
        if let Some(length) = &field.rules.length {
            if field.ty.is_textual() {
                self.bounds("length", length, &DataType::UInt64, tag("length"));
            } else {
                misfit("length", "text");
            }
        }
        if let Some((pattern, _)) = &field.rules.matches {
            if !field.ty.is_textual() {
                misfit("matches", "text");
            } else if let Err(error) = crate::pattern::whole(pattern) {
                let reason = error.to_string();
                let why = reason.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
                self.ctx.emit(contracts::bad_pattern(tag("matches"), pattern, &why));
            }
        }
        if let Some((format, _)) = &field.rules.format {
            if !FORMATS.contains(&format.as_str()) {
                let known: Vec<String> = FORMATS.iter().map(|name| (*name).to_owned()).collect();
                self.ctx.emit(contracts::unknown_format(tag("format"), format, &known));
            } else if !field.ty.is_textual() {
                misfit("format", "text");
            }
        }
        if field.rules.enumeration.is_some() && !matches!(field.ty, DataType::Enum(_)) {
            misfit("enum_policy", "an `enum(…)`");
        }
        if let Some(default) = &field.default {
            self.default(default, field, tag("default"));
        }
        if let Some(mask) = &field.sensitivity.mask {
            self.mask(mask, field, tag("mask"));
        }
        self.access(field, &tag("access"));
    }

    /// A slip in the name of a role would open the field to nobody, or keep a mask from being asked for.
    fn access(&self, field: &Field, place: &Place) {
        if field.sensitivity.access.is_empty() {
            return;
        }
        let herds = self.ctx.lookup.herd_names().into_iter().filter_map(|name| self.ctx.lookup.herd(&name));
        let roles: BTreeSet<String> = herds.flat_map(|herd| herd.roles.keys().cloned().collect::<Vec<_>>()).collect();
        for role in field.sensitivity.access.iter().filter(|role| !roles.contains(*role)) {
            if let Some(near) = nearest(role, roles.iter().map(String::as_str)) {
                self.ctx.emit(unknown_role(place.clone(), &field.name, role, near));
            }
        }
    }

    fn bounds(&self, name: &str, range: &Range, ty: &DataType, place: Place) {
        let mut fine = true;
        for bound in [&range.min, &range.max].into_iter().flatten() {
            // A bound is compared, not stored: it may have more digits than a decimal keeps.
            let ty = if matches!(ty, DataType::Decimal { .. }) { &DataType::Decimal { precision: 38, scale: 18 } } else { ty };
            if let Err(why) = literal::parse(bound, ty) {
                self.ctx.emit(types::bad_value(place.clone(), bound, ty, &why));
                fine = false;
            }
        }
        if let (Some(min), Some(max), true) = (&range.min, &range.max, fine) {
            let order = literal::compare(min, max, ty);
            if order.is_some_and(|order| order.is_gt() || (order.is_eq() && range.exclusive)) {
                self.ctx.emit(contracts::empty_range(place, name, min, max));
            }
        }
    }

    /// A default is a literal of the type (where the type has parts, JSON), or an expression that widens to it.
    fn default(&self, default: &str, field: &Field, place: Place) {
        let text = default.trim();
        if text.eq_ignore_ascii_case("null") {
            return;
        }
        let quoted = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).map(|inner| inner.replace("''", "'"));
        let Err(why) = literal::default(quoted.as_deref().unwrap_or(text), &field.ty) else { return };
        let typed = self.ctx.engine.expr(text, &Schema::default(), &Vec::new());
        if !typed.is_ok_and(|typed| same(&typed.ty, &field.ty) && quoted.is_none()) {
            self.ctx.emit(types::bad_value(place, quoted.as_deref().unwrap_or(text), &field.ty, &why));
        }
    }

    fn mask(&self, mask: &Mask, field: &Field, place: Place) {
        let why = match mask {
            Mask::Null | Mask::Redact => return,
            Mask::Hash | Mask::Tokenise | Mask::Partial { .. } => {
                if field.ty == DataType::String {
                    return;
                }
                "makes text".to_owned()
            }
            Mask::Generalise { to } => {
                let Err(wants) = coarse::fits(to, &field.ty) else { return };
                wants
            }
        };
        self.ctx.emit(contracts::bad_mask(place, mask.name(), &field.name, &field.ty, &why));
    }

    fn rules(&self) {
        if self.contract.fields.iter().any(|field| field.ty == DataType::Unknown) {
            return;
        }
        let schema = self.contract.schema();
        for (i, rule) in self.contract.rules.iter().enumerate() {
            let place = self.place(&format!("rule/{i}/sql"));
            match place.text_range() {
                Some(range) => {
                    let sql = Sql { text: rule.sql.clone(), range };
                    let _ = self.ctx.condition(&sql, &schema, &Vec::new(), "a `@rule`");
                }
                None => {
                    for error in self.ctx.engine.expr(&rule.sql, &schema, &Vec::new()).err().unwrap_or_default() {
                        self.ctx.emit(sql_error(place.clone(), &error, &|_| false));
                    }
                }
            }
        }
    }

    fn references(&self) {
        for (i, reference) in self.contract.references.iter().enumerate() {
            let place = self.place(&numbered("@references", i + 1));
            let whole = self.whole(&numbered("@references", i + 1));
            let Some(field) = self.contract.field(&reference.column) else {
                self.ctx.emit(unknown_column(whole, &reference.column, &self.contract.name, &self.known()));
                continue;
            };
            let here = self.file.contracts.iter().find(|contract| contract.name == reference.contract).cloned();
            let Some(other) = here.or_else(|| self.ctx.lookup.contract(&reference.contract).map(|entry| entry.binding.contract.clone()))
            else {
                self.ctx.emit(unknown_contract(whole, &reference.contract, &self.ctx.lookup.contract_names()));
                continue;
            };
            match other.field(&reference.target) {
                None => {
                    let known: Vec<String> = other.fields.iter().map(|field| field.name.clone()).collect();
                    self.ctx.emit(unknown_column(whole, &reference.target, &other.name, &known));
                }
                Some(target) if !same(&field.ty, &target.ty) => self.ctx.emit(contracts::bad_reference(
                    place,
                    format!("`{}` is `{}`, but `{}.{}` is `{}`", field.name, field.ty, other.name, target.name, target.ty),
                    "both columns of a reference have one type",
                )),
                Some(_) => {}
            }
        }
    }

    /// A slip in the name of a rule would be found only when the break is refused.
    fn accepted(&self) {
        for (i, accept) in self.contract.accepted.iter().enumerate().filter(|(_, accept)| rules::find(&accept.rule).is_none()) {
            self.ctx.emit(accept_unknown_rule(self.place(&numbered("@accept", i + 1)), &self.contract.name, &accept.rule));
        }
    }

    fn freshness(&self) {
        let Some(freshness) = &self.contract.freshness else { return };
        match self.contract.field(&freshness.column) {
            None => {
                self.ctx.emit(unknown_column(self.whole("@freshness"), &freshness.column, &self.contract.name, &self.known()));
            }
            Some(field) if !matches!(field.ty, DataType::Timestamp { .. } | DataType::Unknown) => {
                self.ctx.emit(contracts::bad_freshness(self.place("@freshness"), &freshness.column, &field.ty));
            }
            Some(_) => {}
        }
    }
}

/// `@tag`, `@tag#2`, …
fn numbered(tag: &str, n: usize) -> String {
    if n <= 1 { tag.to_owned() } else { format!("{tag}#{n}") }
}
