//! Contracts become `create table` statements.
//!
//! What is written is read back by [`crate::import::sql`], and every difference is a loss: nothing that a dialect cannot say is
//! left out in silence. What a reader should know of that stands in the text as a comment.

mod types;

use crate::build;
use crate::compare;
use crate::dialect::Dialect;
use crate::export::Written;
use crate::import;
use crate::loss::Loss;
use crate::text;
use runi_lang::model::{Contract, Field, Key, Range};
use runi_lang::types::DataType;
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};
use sqlparser::keywords::ALL_KEYWORDS;
use sqlparser::parser::Parser;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The tables of contracts, those that others refer to first.
#[must_use]
pub fn export(contracts: &[Contract], dialect: Dialect) -> Written {
    let mut text = String::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for contract in ordered(contracts) {
        if !text.is_empty() {
            text.push('\n');
        }
        Table { contract, contracts, dialect, done: &done }.write(&mut text);
        done.insert(&contract.name);
    }
    let losses = losses(contracts, &text, dialect);
    Written { text, losses }
}

/// What the text says otherwise, or not at all.
fn losses(contracts: &[Contract], text: &str, dialect: Dialect) -> Vec<Loss> {
    let mut losses = Vec::new();
    let read = match import::sql::import(text, dialect) {
        Ok(read) => read.contracts,
        Err(error) => {
            build::lose(&mut losses, "", format!("the text does not read back: {error}"));
            return losses;
        }
    };
    let order = ordered(contracts);
    for contract in contracts {
        let at = order.iter().position(|other| other.name == contract.name);
        match at.and_then(|at| read.get(at)) {
            Some(back) => losses.extend(compare::losses("SQL", contract, back)),
            None => build::lose(&mut losses, &contract.name, "SQL has no such table: one without columns is not written"),
        }
    }
    losses
}

/// Contracts in such an order that references point backwards, as far as they can.
fn ordered(contracts: &[Contract]) -> Vec<&Contract> {
    let mut order: Vec<&Contract> = Vec::new();
    // Contracts without fields make no table.
    let mut rest: Vec<&Contract> = contracts.iter().filter(|contract| !contract.fields.is_empty()).collect();
    while !rest.is_empty() {
        let free = |contract: &Contract| {
            contract.references.iter().all(|r| r.contract == contract.name || !rest.iter().any(|other| other.name == r.contract))
        };
        // In a circle, the first one goes first; its references are then not written.
        let next = rest.iter().position(|contract| free(contract)).unwrap_or(0);
        order.push(rest.remove(next));
    }
    order
}

/// A name as the dialect takes it: quoted where it would be a keyword, or be folded.
fn name(name: &str, dialect: Dialect) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let keyword = ALL_KEYWORDS.binary_search(&name.to_uppercase().as_str()).is_ok();
    if plain && !keyword {
        return name.to_owned();
    }
    let quote = dialect.quote();
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}

struct Table<'a> {
    contract: &'a Contract,
    contracts: &'a [Contract],
    dialect: Dialect,
    /// Contracts whose tables stand above.
    done: &'a BTreeSet<&'a str>,
}

impl Table<'_> {
    fn write(&self, text: &mut String) {
        let table = name(&build::file_name(&self.contract.name), self.dialect);
        let mut lines: Vec<String> = self.contract.fields.iter().map(|field| self.column(field)).collect();
        let mut unsaid: Vec<String> = Vec::new();
        for key in &self.contract.keys {
            match self.key(key) {
                Some(line) => lines.push(line),
                None => unsaid.push(format!("{}({})", if key.primary { "@key" } else { "@unique" }, key.columns.join(", "))),
            }
        }
        for rule in &self.contract.rules {
            match self.check(&rule.sql) {
                Some(check) => {
                    // A title that is not the expression itself names the constraint.
                    let title =
                        if rule.title == rule.sql { String::new() } else { format!("CONSTRAINT {} ", quoted(&rule.title, self.dialect)) };
                    lines.push(format!("{title}{check}"));
                }
                None => unsaid.push(format!("@rule \"{}\": {}", rule.title, rule.sql)),
            }
        }
        for reference in &self.contract.references {
            let there = name(&build::file_name(&reference.contract), self.dialect);
            let (column, target) = (name(&reference.column, self.dialect), name(&reference.target, self.dialect));
            match self.can_refer(reference) {
                true => lines.push(format!("FOREIGN KEY ({column}) REFERENCES {there} ({target}){}", self.not_enforced())),
                false => unsaid.push(format!("@references({}, {}.{})", reference.column, reference.contract, reference.target)),
            }
        }
        for line in unsaid {
            let _ = writeln!(text, "-- {}", text::one_line(&line));
        }
        let options = match (self.dialect, self.contract.doc.as_str()) {
            (_, "") => String::new(),
            (Dialect::MySql, doc) => format!(" COMMENT = {}", self.literal(doc)),
            (Dialect::Snowflake, doc) => format!(" COMMENT = {}", self.literal(doc)),
            (Dialect::Spark, doc) => format!(" COMMENT {}", self.literal(doc)),
            (Dialect::BigQuery, doc) => format!(" OPTIONS (description = {})", self.literal(doc)),
            _ => String::new(),
        };
        if self.dialect == Dialect::Sqlite && !self.contract.doc.is_empty() {
            self.contract.doc.lines().for_each(|line| {
                let _ = writeln!(text, "-- {line}");
            });
        }
        let _ = writeln!(text, "CREATE TABLE {table} (\n  {}\n){options};", lines.join(",\n  "));
        if matches!(self.dialect, Dialect::Generic | Dialect::Postgres | Dialect::DuckDb) {
            if !self.contract.doc.is_empty() {
                let _ = writeln!(text, "COMMENT ON TABLE {table} IS {};", self.literal(&self.contract.doc));
            }
            for field in self.contract.fields.iter().filter(|field| !field.description.is_empty()) {
                let column = name(&field.name, self.dialect);
                let _ = writeln!(text, "COMMENT ON COLUMN {table}.{column} IS {};", self.literal(&field.description));
            }
        }
    }

    fn column(&self, field: &Field) -> String {
        let column = name(&field.name, self.dialect);
        let length = field.rules.length.as_ref().filter(|_| field.ty == DataType::String && field.rules.format.is_none());
        let most = length.filter(|length| !length.exclusive).and_then(|length| length.max.as_deref()?.parse::<u64>().ok());
        let sized = most.filter(|most| *most > 0).and_then(|most| types::sized_text(most, self.dialect));
        let keyed = self.contract.keys.iter().any(|key| key.columns.contains(&field.name)) || field.rules.unique.is_some();
        let keyed = keyed || self.contract.references.iter().any(|reference| reference.column == field.name);
        // MySQL cannot index text without a length, nor refer with it.
        let short = (self.dialect == Dialect::MySql && keyed && field.ty == DataType::String).then(|| "VARCHAR(255)".to_owned());
        let by_type = sized.is_some();
        let ty = self.known_format(field).or(sized).or(short).unwrap_or_else(|| types::of(&field.ty, self.dialect));
        // MySQL takes a default of a column without bounds only as an expression.
        let unbounded = self.dialect == Dialect::MySql && matches!(ty.as_str(), "LONGTEXT" | "LONGBLOB" | "JSON");
        let mut line = format!("{column} {ty}");
        if field.is_required() {
            line.push_str(" NOT NULL");
        }
        if let Some(default) = field.default.as_deref().and_then(|default| self.default(default, &field.ty)) {
            let _ = if unbounded { write!(line, " DEFAULT ({default})") } else { write!(line, " DEFAULT {default}") };
        }
        if field.rules.unique.is_some() && !matches!(self.dialect, Dialect::BigQuery | Dialect::Spark) {
            line.push_str(" UNIQUE");
        }
        if self.dialect.has_checks() {
            if let (DataType::Enum(values), false) = (&field.ty, matches!(self.dialect, Dialect::MySql | Dialect::DuckDb)) {
                let values: Vec<String> = values.iter().map(|value| self.literal(value)).collect();
                let _ = write!(line, " CHECK ({column} IN ({}))", values.join(", "));
            }
            if let Some(range) = &field.rules.range {
                line.push_str(&self.bounds(&column, range, &field.ty));
            }
            if let Some(length) = &field.rules.length {
                let function = if matches!(self.dialect, Dialect::MySql | Dialect::Generic) { "CHAR_LENGTH" } else { "LENGTH" };
                let rest = Range { max: length.max.clone().filter(|_| !by_type), ..length.clone() };
                line.push_str(&self.bounds(&format!("{function}({column})"), &rest, &DataType::UInt64));
            }
        }
        if !field.description.is_empty() {
            let text = self.literal(&field.description);
            match self.dialect {
                Dialect::MySql | Dialect::Snowflake | Dialect::Spark => {
                    let _ = write!(line, " COMMENT {text}");
                }
                Dialect::BigQuery => {
                    let _ = write!(line, " OPTIONS (description = {text})");
                }
                _ => {}
            }
        }
        line
    }

    /// Types that say a format.
    fn known_format(&self, field: &Field) -> Option<String> {
        let (format, None) = field.rules.format.as_ref()? else { return None };
        match (format.as_str(), self.dialect, &field.ty) {
            ("uuid", Dialect::Postgres | Dialect::DuckDb, DataType::String) => Some("UUID".to_owned()),
            ("json", Dialect::Postgres | Dialect::MySql | Dialect::DuckDb | Dialect::BigQuery, DataType::String) => Some("JSON".to_owned()),
            _ => None,
        }
    }

    /// A text between quotes.
    fn literal(&self, text: &str) -> String {
        match self.dialect {
            // These read backslashes.
            Dialect::MySql | Dialect::BigQuery | Dialect::Spark | Dialect::Snowflake => {
                build::sql_text(&text.replace('\\', "\\\\").replace('\n', "\\n"))
                    // Two quotes in a row are two texts beside each other for BigQuery and Spark.
                    .replace("''", if matches!(self.dialect, Dialect::BigQuery | Dialect::Spark) { "\\'" } else { "''" })
            }
            _ => build::sql_text(text),
        }
    }

    fn default(&self, sql: &str, ty: &DataType) -> Option<String> {
        let sql = sql.trim();
        match build::sql_unquote(sql) {
            Some(text) if ty.is_textual() || ty.is_ordered() => Some(self.literal(&text)),
            Some(_) => None,
            None if ty.is_numeric() => sql.parse::<f64>().ok().filter(|v| v.is_finite()).map(|_| sql.to_owned()),
            None if *ty == DataType::Boolean => sql.parse::<bool>().ok().map(|value| value.to_string()),
            // A bare word is a text where the field is one: `@default(open)`.
            None if ty.is_textual() && sql.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => Some(self.literal(sql)),
            None if matches!(ty, DataType::Date) && sql.parse::<runi_lang::model::Date>().is_ok() => Some(self.literal(sql)),
            None => None,
        }
    }

    fn bounds(&self, subject: &str, range: &Range, ty: &DataType) -> String {
        let literal = |bound: &String| {
            if ty.is_numeric() {
                bound.parse::<f64>().ok().filter(|v| v.is_finite()).map(|_| bound.clone())
            } else {
                Some(self.literal(bound))
            }
        };
        let (more, less) = if range.exclusive { (">", "<") } else { (">=", "<=") };
        let min = range.min.as_ref().and_then(literal).map(|bound| format!("{subject} {more} {bound}"));
        let max = range.max.as_ref().and_then(literal).map(|bound| format!("{subject} {less} {bound}"));
        let parts: Vec<String> = min.into_iter().chain(max).collect();
        if parts.is_empty() { String::new() } else { format!(" CHECK ({})", parts.join(" AND ")) }
    }

    fn key(&self, key: &Key) -> Option<String> {
        let columns: Vec<String> = key.columns.iter().map(|column| name(column, self.dialect)).collect();
        let kind = if key.primary { "PRIMARY KEY" } else { "UNIQUE" };
        match self.dialect {
            Dialect::Spark => None,
            Dialect::BigQuery if !key.primary => None,
            _ => Some(format!("{kind} ({}){}", columns.join(", "), self.not_enforced())),
        }
    }

    fn not_enforced(&self) -> &'static str {
        if self.dialect == Dialect::BigQuery { " NOT ENFORCED" } else { "" }
    }

    /// Whether the table that is referred to stands above, and its column is unique there.
    fn can_refer(&self, reference: &runi_lang::model::Reference) -> bool {
        let there = self.contracts.iter().find(|contract| contract.name == reference.contract);
        let unique = there.is_some_and(|there| {
            there.keys.iter().any(|key| key.columns == [reference.target.clone()])
                || there.field(&reference.target).is_some_and(|field| field.rules.unique.is_some())
        });
        let above = reference.contract == self.contract.name || self.done.contains(reference.contract.as_str());
        unique && above && !matches!(self.dialect, Dialect::Spark)
    }

    /// A rule as a check, when every part of it means the same in every dialect.
    fn check(&self, sql: &str) -> Option<String> {
        if !self.dialect.has_checks() {
            return None;
        }
        let mut expr = Parser::new(Dialect::Generic.grammar()).try_with_sql(sql).ok()?.parse_expr().ok()?;
        self.plain(&mut expr).then(|| format!("CHECK ({expr})"))
    }

    /// Whether an expression has only columns, literals, comparisons and logic. Names are quoted as the dialect wants them.
    fn plain(&self, expr: &mut Expr) -> bool {
        use BinaryOperator::{And, Eq, Gt, GtEq, Lt, LtEq, Minus, Multiply, NotEq, Or, Plus};
        match expr {
            Expr::Identifier(ident) => {
                let written = name(&ident.value, self.dialect);
                ident.quote_style = (written != ident.value).then(|| self.dialect.quote());
                self.contract.field(&ident.value).is_some()
            }
            Expr::Value(_) => true,
            Expr::Nested(inner) | Expr::IsNull(inner) | Expr::IsNotNull(inner) => self.plain(inner),
            Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::Minus, expr } => self.plain(expr),
            Expr::BinaryOp { left, op: And | Or | Eq | NotEq | Lt | LtEq | Gt | GtEq | Plus | Minus | Multiply, right } => {
                self.plain(left) && self.plain(right)
            }
            Expr::Between { expr, low, high, .. } => self.plain(expr) && self.plain(low) && self.plain(high),
            Expr::InList { expr, list, .. } => self.plain(expr) && list.iter_mut().all(|item| self.plain(item)),
            _ => false,
        }
    }
}

fn quoted(text: &str, dialect: Dialect) -> String {
    let quote = dialect.quote();
    format!("{quote}{}{quote}", text.replace(quote, &format!("{quote}{quote}")))
}
