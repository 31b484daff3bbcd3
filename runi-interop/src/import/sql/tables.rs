//! A table and its columns as a contract and its fields.

use super::{Reader, check, last};
use crate::build;
use crate::text;
use runi_lang::model::{Contract, Duplicates, Field, Key, Range};
use runi_lang::types::DataType;
use sqlparser::ast::{
    ColumnDef, ColumnOption, CommentDef, CreateTable, CreateTableOptions, Expr, SqlOption, TableConstraint, UnaryOperator, Value,
};
use std::collections::HashSet;

impl Reader {
    pub(super) fn table(&mut self, table: CreateTable) {
        let name = last(&table.name);
        let mut contract = Contract::new(self.names.unique(build::contract_name(&name)));
        if table.columns.is_empty() {
            return self.lose(&name, "a table without a list of columns is left out");
        }
        contract.doc = text::comment(&table_comment(&table).unwrap_or_default());
        let mut checks = Vec::new();
        let mut seen = HashSet::new();
        for column in &table.columns {
            if !seen.insert(column.name.value.as_str()) {
                self.lose(&format!("{name}.{}", column.name.value), "the column is there twice; the second one is left out");
                continue;
            }
            self.column(&mut contract, column, &name, &mut checks);
        }
        for constraint in table.constraints {
            match constraint {
                TableConstraint::Check(check) => checks.push((name.clone(), check.name.map(|name| name.value), *check.expr)),
                other => self.constraint(&mut contract, other, &name),
            }
        }
        // When every column is known: a check may name a later one.
        for (at, title, expr) in checks {
            if let Err(why) = check::apply(&mut contract, title, &expr) {
                self.lose(&at, why);
            }
        }
        for (there, what) in [
            (table.partition_by.is_some() || table.cluster_by.is_some() || table.clustered_by.is_some(), "how the table is partitioned"),
            (table.query.is_some(), "the query that fills the table"),
            (table.inherits.is_some() || table.partition_of.is_some() || table.like.is_some(), "columns of other tables"),
        ] {
            if there {
                self.lose(&name, format!("{what} is not kept"));
            }
        }
        // The first table of a name is the one that others mean.
        self.tables.entry(name.to_lowercase()).or_insert(self.contracts.len());
        self.contracts.push(contract);
    }

    fn column(&mut self, contract: &mut Contract, column: &ColumnDef, table: &str, checks: &mut Vec<(String, Option<String>, Expr)>) {
        let at = &format!("{table}.{}", column.name.value);
        let shape = self.types.read(&column.data_type);
        for message in shape.losses {
            self.lose(at, message);
        }
        let mut field = Field::new(&column.name.value, shape.ty.unwrap_or(DataType::String));
        if field.ty == DataType::String {
            field.rules.length = shape.length.map(|length| Range { max: Some(length.to_string()), ..Range::default() });
            field.rules.format = shape.format.map(|format| (format.to_owned(), None));
        }
        if shape.required {
            field.rules.required = Some(None);
        }
        let name = field.name.clone();
        contract.fields.push(field);
        for option in &column.options {
            let title = option.name.as_ref().map(|name| name.value.clone());
            let Some(field) = contract.fields.last_mut() else { continue };
            match &option.option {
                ColumnOption::Null => {}
                ColumnOption::NotNull => field.rules.required = Some(None),
                ColumnOption::Default(expr) => match default(expr, &field.ty) {
                    Some(Some(sql)) => field.default = Some(sql),
                    Some(None) => {}
                    None => self.lose(at, format!("the default `{expr}` is computed by the database: it is not kept")),
                },
                ColumnOption::PrimaryKey(_) => {
                    contract
                        .keys
                        .insert(0, Key { columns: vec![name.clone()], primary: true, duplicates: Duplicates::default(), on_fail: None });
                }
                ColumnOption::Unique(_) => {
                    field.rules.unique =
                        Some(Key { columns: vec![name.clone()], primary: false, duplicates: Duplicates::default(), on_fail: None });
                }
                ColumnOption::Check(check) => {
                    checks.push((
                        at.to_owned(),
                        title.or_else(|| check.name.as_ref().map(|name| name.value.clone())),
                        (*check.expr).clone(),
                    ));
                }
                ColumnOption::ForeignKey(key) => self.references.push((table.to_owned(), key.clone(), vec![column.name.clone()])),
                ColumnOption::Comment(comment) => field.description = text::one_line(comment),
                ColumnOption::Options(options) => match options.iter().find_map(|option| said(option, "description")) {
                    Some(comment) => field.description = text::one_line(&comment),
                    None => self.lose(at, format!("`{}` is not kept", option.option)),
                },
                other => self.lose(at, format!("`{other}` is not kept")),
            }
        }
    }
}

fn table_comment(table: &CreateTable) -> Option<String> {
    if let Some(CommentDef::WithEq(text) | CommentDef::WithoutEq(text)) = &table.comment {
        return Some(text.clone());
    }
    let (CreateTableOptions::With(options)
    | CreateTableOptions::Options(options)
    | CreateTableOptions::Plain(options)
    | CreateTableOptions::TableProperties(options)) = &table.table_options
    else {
        return None;
    };
    options.iter().find_map(|option| match option {
        SqlOption::Comment(CommentDef::WithEq(text) | CommentDef::WithoutEq(text)) => Some(text.clone()),
        option => said(option, "description").or_else(|| said(option, "comment")),
    })
}

/// The text of `key = 'text'`.
fn said(option: &SqlOption, wanted: &str) -> Option<String> {
    match option {
        SqlOption::KeyValue { key, value: Expr::Value(value) } if key.value.eq_ignore_ascii_case(wanted) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// A default that is a value: `Some(None)` for null, `None` for what the database computes.
fn default(expr: &Expr, ty: &DataType) -> Option<Option<String>> {
    match expr {
        Expr::Nested(inner) => default(inner, ty),
        Expr::Cast { expr, .. } => default(expr, ty),
        Expr::Value(value) => match &value.value {
            Value::Null => Some(None),
            Value::Boolean(value) => Some(Some(value.to_string())),
            Value::Number(number, _) if *ty == DataType::Boolean => match number.as_str() {
                "0" => Some(Some("false".to_owned())),
                "1" => Some(Some("true".to_owned())),
                _ => None,
            },
            Value::Number(number, _) if ty.is_numeric() => Some(Some(number.clone())),
            Value::SingleQuotedString(text) if ty.is_numeric() => text.parse::<f64>().ok().map(|_| Some(text.clone())),
            Value::SingleQuotedString(text) if ty.is_textual() || ty.is_ordered() => Some(Some(build::sql_text(text))),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match default(expr, ty)? {
            Some(number) if ty.is_numeric() => Some(Some(format!("-{number}"))),
            _ => None,
        },
        Expr::TypedString(typed) => match &typed.value.value {
            Value::SingleQuotedString(text) => Some(Some(build::sql_text(text))),
            _ => None,
        },
        _ => None,
    }
}
