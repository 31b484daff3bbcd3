//! Constraints of a table: its keys, and the columns of other tables that it refers to.

use super::{Reader, check, last, name_of};
use crate::build;
use runi_lang::model::{Contract, Duplicates, Key, Reference};
use sqlparser::ast::{Expr, ForeignKeyConstraint, Ident, IndexColumn, TableConstraint};

impl Reader {
    pub(super) fn constraint(&mut self, contract: &mut Contract, constraint: TableConstraint, at: &str) {
        match constraint {
            TableConstraint::PrimaryKey(key) => self.key(contract, &key.columns, true, at),
            TableConstraint::Unique(key) => self.key(contract, &key.columns, false, at),
            TableConstraint::ForeignKey(key) => {
                let columns = key.columns.clone();
                self.references.push((at.to_owned(), key, columns));
            }
            TableConstraint::Check(check) => {
                if let Err(why) = check::apply(contract, check.name.map(|name| name.value), &check.expr) {
                    self.lose(at, why);
                }
            }
            // An index only makes reading faster.
            TableConstraint::Index(_) | TableConstraint::FulltextOrSpatial(_) => {}
            other => self.lose(at, format!("`{other}` is not kept")),
        }
    }

    pub(super) fn key(&mut self, contract: &mut Contract, columns: &[IndexColumn], primary: bool, at: &str) {
        let named = columns.iter().map(|column| match &column.column.expr {
            Expr::Identifier(ident) => name_of(contract, &ident.value),
            _ => None,
        });
        let Some(columns) = named.collect::<Option<Vec<String>>>().filter(|columns| !columns.is_empty()) else {
            return self.lose(at, "a key over something other than columns is not kept");
        };
        let key = Key { columns, primary, duplicates: Duplicates::default(), on_fail: None };
        match key.columns.as_slice() {
            [one] if !primary => {
                if let Some(field) = contract.fields.iter_mut().find(|field| field.name == *one) {
                    field.rules.unique = Some(key);
                }
            }
            _ if primary => contract.keys.insert(0, key),
            _ => contract.keys.push(key),
        }
    }

    pub(super) fn reference(&mut self, contract: &mut Contract, key: &ForeignKeyConstraint, columns: &[Ident], at: &str) {
        let target = last(&key.foreign_table);
        let other = build::contract_name(&target);
        let own = contract.name == other;
        let primary = if own {
            contract.keys.iter().find(|key| key.primary).map(|key| key.columns.clone())
        } else {
            let table = self.tables.get(&target.to_lowercase()).and_then(|at| self.contracts.get(*at));
            table.and_then(|contract| contract.keys.iter().find(|key| key.primary)).map(|key| key.columns.clone())
        };
        let referred: Vec<String> = match key.referred_columns.as_slice() {
            [] => primary.unwrap_or_default(),
            named => named.iter().map(|ident| ident.value.clone()).collect(),
        };
        match (columns, referred.as_slice()) {
            ([column], [target]) => {
                let column = name_of(contract, &column.value).unwrap_or_else(|| column.value.clone());
                contract.references.push(Reference { column, contract: other, target: target.clone(), on_fail: None });
            }
            (_, []) => self.lose(at, format!("the reference to `{other}` does not say which column, and its key is not known")),
            _ => self.lose(at, format!("a reference over {} columns to `{other}` is not kept: `@references` takes one", columns.len())),
        }
    }
}
