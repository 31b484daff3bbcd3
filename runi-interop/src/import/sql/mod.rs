//! `create table` statements become contracts.
//!
//! Each table is a contract. Keys and comments may also come later, by `alter table`, `create unique index` and `comment on`, as dumps
//! write them. Statements of other kinds are named and left out, even those that the parser does not know.

mod check;
mod keys;
mod maps;
mod statements;
mod tables;
mod types;

use crate::build::{self, lose};
use crate::dialect::Dialect;
use crate::error::ImportError;
use crate::import::Input;
use crate::loss::{Imported, Loss};
use crate::text;
use runi_lang::model::Contract;
use sqlparser::ast::{
    AlterTableOperation, CommentObject, ForeignKeyConstraint, Ident, ObjectName, ObjectNamePart, Statement, UserDefinedTypeRepresentation,
};
use statements::statements;
use std::collections::HashMap;

const FORMAT: &str = "SQL";

/// Reads one source.
pub(super) fn from(input: &Input<'_>) -> Result<Imported, ImportError> {
    let dialect = input.options.dialect.as_deref().map_or(Ok(Dialect::default()), Dialect::named);
    let dialect = dialect.map_err(|message| ImportError::unreadable(FORMAT, message, None))?;
    build::choose(FORMAT, import(&super::text(FORMAT, input.bytes)?, dialect)?, input.options)
}

/// Reads every table of a text.
///
/// # Errors
/// Text that is no SQL, a table that cannot be parsed, no table at all, more than an import reads.
pub fn import(text: &str, dialect: Dialect) -> Result<Imported, ImportError> {
    build::within_limit(FORMAT, text.len())?;
    let mut reader = Reader {
        types: types::Types { dialect, enums: HashMap::new() },
        contracts: Vec::new(),
        tables: HashMap::new(),
        losses: Vec::new(),
        names: build::Names::default(),
        references: Vec::new(),
    };
    let mut statements = statements(text, dialect, &mut reader.losses)?;
    // A type may be defined after the table that uses it, in a dump of several files.
    for statement in &statements {
        if let Statement::CreateTable(table) = statement
            && table.columns.len() > crate::import::MAX_PARTS
        {
            return Err(ImportError::TooLarge { format: FORMAT, message: format!("`{}` has more than 20,000 columns", table.name) });
        }
        if let Statement::CreateType { name, representation: Some(UserDefinedTypeRepresentation::Enum { labels }) } = statement {
            let values = labels.iter().map(|label| label.value.clone()).collect();
            reader.types.enums.insert(last(name).to_lowercase(), values);
        }
    }
    // Tables first, so that what is said about them later finds them.
    statements.sort_by_key(|statement| !matches!(statement, Statement::CreateTable(_)));
    for statement in statements {
        reader.statement(statement);
    }
    for (table, key, columns) in std::mem::take(&mut reader.references) {
        reader.on(&table, |reader, contract, at| reader.reference(contract, &key, &columns, at));
    }
    if reader.contracts.is_empty() {
        return Err(ImportError::nothing(FORMAT, "there is no `create table` in the text"));
    }
    Ok(Imported { contracts: reader.contracts, losses: reader.losses, notes: Vec::new() })
}

/// The last part of a name: `public.orders` is `orders`.
fn last(name: &ObjectName) -> String {
    name.0.last().map_or_else(String::new, part)
}

fn part(part: &ObjectNamePart) -> String {
    match part {
        ObjectNamePart::Identifier(ident) => ident.value.clone(),
        other => other.to_string(),
    }
}

/// The field of this name, as it is written; the case may differ, as SQL has it.
fn name_of(contract: &Contract, column: &str) -> Option<String> {
    let exact = contract.fields.iter().find(|field| field.name == column);
    exact.or_else(|| contract.fields.iter().find(|field| field.name.eq_ignore_ascii_case(column))).map(|field| field.name.clone())
}

struct Reader {
    types: types::Types,
    contracts: Vec<Contract>,
    /// Where the contract of a table is, by the table's name in lower case.
    tables: HashMap<String, usize>,
    losses: Vec<Loss>,
    names: build::Names,
    /// References, to be read when every key is known: the table, the constraint and its columns.
    references: Vec<(String, ForeignKeyConstraint, Vec<Ident>)>,
}

impl Reader {
    fn lose(&mut self, at: &str, message: impl Into<String>) {
        lose(&mut self.losses, at, message);
    }

    fn statement(&mut self, statement: Statement) {
        match statement {
            Statement::CreateTable(table) => self.table(table),
            Statement::AlterTable(alter) => {
                let name = last(&alter.name);
                for operation in alter.operations {
                    match operation {
                        AlterTableOperation::AddConstraint { constraint, .. } => self.on(&name, |reader, contract, at| {
                            reader.constraint(contract, constraint, at);
                        }),
                        other => self.lose(&name, format!("`{}` is not read", text::one_line(&other.to_string()))),
                    }
                }
            }
            Statement::CreateIndex(index) => {
                let name = last(&index.table_name);
                if index.unique && index.predicate.is_none() {
                    self.on(&name, |reader, contract, at| reader.key(contract, &index.columns, false, at));
                } else if index.unique {
                    self.lose(&name, "a unique index over some of the rows is not read");
                }
            }
            Statement::Comment { object_type, object_name, comment: Some(comment), .. } => {
                self.comment(&object_type, &object_name, &comment)
            }
            Statement::CreateType { .. } | Statement::Comment { .. } => {}
            other => {
                let text = other.to_string();
                let words: Vec<&str> = text.split_whitespace().take(3).collect();
                self.lose(&words.join(" "), "this statement makes no table, and is left out");
            }
        }
    }

    /// Does something with the contract of a table.
    fn on(&mut self, table: &str, act: impl FnOnce(&mut Self, &mut Contract, &str)) {
        let Some(contract) = self.tables.get(&table.to_lowercase()).and_then(|at| self.contracts.get_mut(*at)) else {
            return self.lose(table, "there is no such table in the text");
        };
        let mut taken = std::mem::replace(contract, Contract::new(""));
        act(self, &mut taken, table);
        if let Some(contract) = self.tables.get(&table.to_lowercase()).and_then(|at| self.contracts.get_mut(*at)) {
            *contract = taken;
        }
    }

    fn comment(&mut self, kind: &CommentObject, name: &ObjectName, comment: &str) {
        let parts: Vec<String> = name.0.iter().map(part).collect();
        match (kind, parts.as_slice()) {
            (CommentObject::Table, [.., table]) => self.on(table, |_, contract, _| contract.doc = text::comment(comment)),
            (CommentObject::Column, [.., table, column]) => self.on(table, |reader, contract, at| {
                match contract.fields.iter_mut().find(|field| field.name.eq_ignore_ascii_case(column)) {
                    Some(field) => field.description = text::one_line(comment),
                    None => reader.lose(&format!("{at}.{column}"), "there is no such column"),
                }
            }),
            _ => self.lose(&name.to_string(), "a comment on something other than a table is not read"),
        }
    }
}
