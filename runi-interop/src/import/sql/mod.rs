//! `create table` statements become contracts.
//!
//! Each table is a contract. Keys and comments may also come later, by `alter table`, `create unique index` and `comment on`, as dumps
//! write them. Statements of other kinds are named and left out, even those that the parser does not know.

mod check;
mod maps;
mod types;

use crate::build::{self, lose};
use crate::dialect::Dialect;
use crate::error::ImportError;
use crate::import::Input;
use crate::loss::{Imported, Loss};
use runi_lang::model::{Contract, Duplicates, Field, Key, Range, Reference};
use runi_lang::types::DataType;
use sqlparser::ast::{
    AlterTableOperation, ColumnDef, ColumnOption, CommentDef, CommentObject, CreateTable, CreateTableOptions, Expr, ForeignKeyConstraint,
    Ident, IndexColumn, ObjectName, ObjectNamePart, SqlOption, Statement, TableConstraint, UserDefinedTypeRepresentation, Value,
};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};
use std::collections::{HashMap, HashSet};

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
        return Err(ImportError::unreadable(FORMAT, "there is no `create table` in the text", None));
    }
    Ok(Imported { contracts: reader.contracts, losses: reader.losses, notes: Vec::new() })
}

/// Every statement that the parser knows. One that it does not know is lost, unless it makes a table.
fn statements(text: &str, dialect: Dialect, losses: &mut Vec<Loss>) -> Result<Vec<Statement>, ImportError> {
    let failed = |error: sqlparser::parser::ParserError, line: Option<u32>| {
        let message = error.to_string();
        let message = message.strip_prefix("sql parser error: ").unwrap_or(&message).to_owned();
        ImportError::unreadable(FORMAT, message, line)
    };
    let tokens = Tokenizer::new(dialect.grammar(), text).tokenize_with_location().map_err(|error| failed(error.into(), None))?;
    if deepest(&tokens) > build::MAX_DEPTH {
        return Err(ImportError::TooLarge { format: FORMAT, message: "brackets are nested more than 100 levels deep".to_owned() });
    }
    let mut found = Vec::new();
    for tokens in tokens.split(|token| token.token == Token::SemiColon) {
        let mut words = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
        let Some(line) = words.clone().next().map(|first| u32::try_from(first.span.start.line).ok().filter(|line| *line > 0)) else {
            continue;
        };
        let head: Vec<String> = words.by_ref().take(5).map(|token| token.token.to_string().to_lowercase()).collect();
        let first = head.first().map_or("", String::as_str);
        let table = first == "create" && head.iter().any(|word| word == "table");
        // Every dialect comments in the words of PostgreSQL, but the parser knows that of few.
        let grammar = if first == "comment" { Dialect::Postgres.grammar() } else { dialect.grammar() };
        let tokens = if dialect == Dialect::DuckDb { maps::as_structs(tokens.to_vec()) } else { tokens.to_vec() };
        let mut parser = Parser::new(grammar).with_tokens_with_locations(tokens);
        let outcome = parser.parse_statement();
        let rest = parser.peek_token().token;
        match outcome {
            Ok(statement) if rest == Token::EOF => found.push(statement),
            Ok(_) if table => return Err(ImportError::unreadable(FORMAT, format!("`{rest}` is not understood behind a table"), line)),
            Err(error) if table => return Err(failed(error, line)),
            _ => {
                let message = "this statement is not understood, and left out".to_owned();
                losses.push(Loss { at: head.get(..2).unwrap_or_default().join(" "), message, line });
            }
        }
    }
    Ok(found)
}

/// How deep brackets nest. `<` is one behind the name of a nested type.
fn deepest(tokens: &[TokenWithSpan]) -> usize {
    let (mut open, mut deepest) = (Vec::new(), 0);
    let mut nests = false;
    for token in tokens {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::SemiColon => open.clear(),
            Token::LParen | Token::LBracket | Token::LBrace => open.push(false),
            Token::RParen | Token::RBracket | Token::RBrace => drop(open.pop()),
            Token::Lt if nests => open.push(true),
            Token::Gt if open.last() == Some(&true) => drop(open.pop()),
            Token::ShiftRight if open.last() == Some(&true) => {
                open.pop();
                open.pop();
            }
            _ => {}
        }
        deepest = deepest.max(open.len());
        nests = matches!(&token.token, Token::Word(word) if ["array", "struct", "map"].iter().any(|name| word.value.eq_ignore_ascii_case(name)));
    }
    deepest
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
                        other => self.lose(&name, format!("`{}` is not read", build::one_line(&other.to_string()))),
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
            (CommentObject::Table, [.., table]) => self.on(table, |_, contract, _| contract.doc = build::docstring(comment)),
            (CommentObject::Column, [.., table, column]) => self.on(table, |reader, contract, at| {
                match contract.fields.iter_mut().find(|field| field.name.eq_ignore_ascii_case(column)) {
                    Some(field) => field.description = build::one_line(comment),
                    None => reader.lose(&format!("{at}.{column}"), "there is no such column"),
                }
            }),
            _ => self.lose(&name.to_string(), "a comment on something other than a table is not read"),
        }
    }

    fn table(&mut self, table: CreateTable) {
        let name = last(&table.name);
        let mut contract = Contract::new(self.names.unique(build::contract_name(&name)));
        if table.columns.is_empty() {
            return self.lose(&name, "a table without a list of columns is left out");
        }
        contract.doc = build::docstring(&table_comment(&table).unwrap_or_default());
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
                ColumnOption::Comment(comment) => field.description = build::one_line(comment),
                ColumnOption::Options(options) => match options.iter().find_map(|option| said(option, "description")) {
                    Some(comment) => field.description = build::one_line(&comment),
                    None => self.lose(at, format!("`{}` is not kept", option.option)),
                },
                other => self.lose(at, format!("`{other}` is not kept")),
            }
        }
    }

    fn constraint(&mut self, contract: &mut Contract, constraint: TableConstraint, at: &str) {
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

    fn key(&mut self, contract: &mut Contract, columns: &[IndexColumn], primary: bool, at: &str) {
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

    fn reference(&mut self, contract: &mut Contract, key: &ForeignKeyConstraint, columns: &[Ident], at: &str) {
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
        Expr::UnaryOp { op: sqlparser::ast::UnaryOperator::Minus, expr } => match default(expr, ty)? {
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
