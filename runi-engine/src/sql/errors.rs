//! DataFusion's errors in the compiler's terms, with ranges of bytes.

use super::context::NoView;
use super::text::{SqlText, lower_first};
use datafusion::common::{Column, DataFusionError, SchemaError, Span};
use datafusion::sql::sqlparser::tokenizer::{Location, Span as SqlSpan};
use runi_lang::sql::{SqlError, SqlErrorKind};
use std::error::Error;
use std::ops::Range;

/// What there is, for "did you mean".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    /// Columns of a row expression; empty for queries, where DataFusion's own list is used.
    pub(crate) columns: &'a [String],
    /// Views.
    pub(crate) views: &'a [String],
}

/// What is said of a limit that depends on something.
pub(crate) const LIMIT_WRITTEN: &str = "a `limit` or `offset` is a number that is written out";

/// Every error that DataFusion collected; never empty.
pub(crate) fn convert(error: &DataFusionError, text: &SqlText<'_>, known: Known<'_>) -> Vec<SqlError> {
    let mut errors: Vec<SqlError> = Vec::new();
    for error in error.iter() {
        let error = convert_one(error, text, known);
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    errors
}

fn convert_one(error: &DataFusionError, text: &SqlText<'_>, known: Known<'_>) -> SqlError {
    let range = error.diagnostic().and_then(|diagnostic| diagnostic.span).map(|span| text.range(sql_span(span)));
    let root = error.find_root();
    match root {
        DataFusionError::SchemaError(error, _) => schema_error(error, text, range, known),
        DataFusionError::External(external) if external.downcast_ref::<NoView>().is_some() => {
            let name = external.downcast_ref::<NoView>().map(|NoView(name)| name.clone()).unwrap_or_default();
            unknown_table(name, range, text, known.views.to_vec())
        }
        DataFusionError::NotImplemented(message) if message.contains("PGOverlap") => SqlError {
            kind: SqlErrorKind::NotAllowed,
            message: "there is no operator `&&`".to_owned(),
            range,
            help: Some("write `and`; lists are compared by `array_has_any(…, …)`".to_owned()),
        },
        DataFusionError::NotImplemented(message) => {
            let help = Some("the engine does not have this: write it in another way".to_owned());
            SqlError { kind: SqlErrorKind::NotAllowed, message: clean(message), range, help }
        }
        // The planner names windows and aggregates without their casts, and so cannot tell these apart.
        DataFusionError::Plan(message) if message.starts_with("Windows require unique expression names") => SqlError {
            kind: SqlErrorKind::Other,
            message: "two window functions differ only in a `cast`".to_owned(),
            range: range.or_else(|| text.find_word("over")),
            help: Some("convert the column in an inner `select`, and use both columns outside".to_owned()),
        },
        DataFusionError::Plan(message) if message.contains(LIMIT_WRITTEN) || message.starts_with("LIMIT must be") => SqlError {
            kind: SqlErrorKind::Type,
            message: LIMIT_WRITTEN.to_owned(),
            range: range.or_else(|| text.find_word("limit")).or_else(|| text.find_word("offset")),
            help: Some("write a whole number that is not negative, such as `limit 10`".to_owned()),
        },
        DataFusionError::Plan(message) if message.contains("must appear in the GROUP BY clause") => ungrouped(message, range, text),
        DataFusionError::Plan(message) | DataFusionError::Execution(message) => {
            SqlError { kind: SqlErrorKind::Type, message: clean(message), range, help: help(message) }
        }
        DataFusionError::ArrowError(error, _) => {
            SqlError { kind: SqlErrorKind::Type, message: clean(&error.to_string()), range, help: None }
        }
        other => {
            let message = other.source().map_or_else(|| other.strip_backtrace(), ToString::to_string);
            SqlError { kind: SqlErrorKind::Other, message: clean(&message), range, help: None }
        }
    }
}

fn schema_error(error: &SchemaError, text: &SqlText<'_>, range: Option<Range<usize>>, known: Known<'_>) -> SqlError {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let range = range.or_else(|| place(field, text)).or_else(|| text.find_word(&field.name));
            if let Some(relation) = &field.relation {
                let mut views: Vec<String> =
                    valid_fields.iter().filter_map(|field| field.relation.as_ref()).map(|relation| relation.table().to_owned()).collect();
                views.sort_unstable();
                views.dedup();
                if !views.iter().any(|view| view == relation.table()) {
                    let range = text.find_word(relation.table()).or(range);
                    return unknown_table(relation.table().to_owned(), range, text, views);
                }
            }
            let columns = valid_fields.iter().filter(|valid| field.relation.is_none() || valid.relation == field.relation);
            let mut columns: Vec<String> = columns.map(|valid| valid.name.clone()).collect();
            if columns.is_empty() {
                columns = known.columns.to_vec();
            }
            columns.dedup();
            unknown_column(&field.name, range, text, columns)
        }
        SchemaError::AmbiguousReference { field } => SqlError {
            kind: SqlErrorKind::AmbiguousColumn { name: field.name.clone() },
            message: format!("`{}` is in more than one view", field.name),
            range: range.or_else(|| place(field, text)).or_else(|| text.find_word(&field.name)),
            help: Some(format!("write which one: `view.{}`", field.name)),
        },
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => duplicate_column(name, text),
    }
}

/// A column beside an aggregate that nothing is grouped by.
fn ungrouped(message: &str, range: Option<Range<usize>>, text: &SqlText<'_>) -> SqlError {
    // "… column "c.id" must appear in the GROUP BY clause …"; of a `having`, the whole condition is named.
    let column = message.split("column \"").nth(1).and_then(|rest| rest.split('"').next()).and_then(|name| name.rsplit('.').next());
    let Some(column) = column else {
        return SqlError {
            kind: SqlErrorKind::Other,
            message: "the `having` reads a column that is neither in the `group by` nor in an aggregate".to_owned(),
            range: range.or_else(|| text.find_word("having")),
            help: Some("a `having` sees groups: use an aggregate such as `max(…)`, or choose rows with `where`".to_owned()),
        };
    };
    SqlError {
        kind: SqlErrorKind::Other,
        message: format!("`{column}` is neither in the `group by` nor in an aggregate"),
        range: range.or_else(|| text.find_word(column)).or_else(|| text.last_wildcard()),
        help: Some(format!("add `{column}` to the `group by`, or take one value of each group: `min({column})`")),
    }
}

/// Two output columns of one name.
pub(crate) fn duplicate_column(name: &str, text: &SqlText<'_>) -> SqlError {
    SqlError {
        kind: SqlErrorKind::Other,
        message: format!("two columns are called `{name}`"),
        range: text.find_word(name),
        help: Some("give one of them another name with `as`".to_owned()),
    }
}

/// Output columns of the same names: those of a `*`, which no name in the text stands for.
pub(crate) fn duplicate_columns(names: &[&str], text: &SqlText<'_>) -> SqlError {
    let wildcard = text.last_wildcard();
    match names {
        [name] => {
            let error = duplicate_column(name, text);
            SqlError { range: wildcard.or(error.range.clone()), ..error }
        }
        _ => SqlError {
            kind: SqlErrorKind::Other,
            message: format!(
                "{} columns come out twice: {}",
                names.len(),
                names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ),
            range: wildcard,
            help: Some("name the columns that are wanted, each once".to_owned()),
        },
    }
}

/// A name that is no column: perhaps a string in the wrong quotes.
pub(crate) fn unknown_column(name: &str, range: Option<Range<usize>>, text: &SqlText<'_>, known: Vec<String>) -> SqlError {
    if range.as_ref().is_some_and(|range| text.slice(range).starts_with('"')) {
        return SqlError {
            kind: SqlErrorKind::DoubleQuotedString { text: name.to_owned() },
            message: format!("no column `{name}`; double quotes name a column"),
            range,
            help: Some(format!("a string has single quotes: `'{}'`", name.replace('\'', "''"))),
        };
    }
    SqlError {
        kind: SqlErrorKind::UnknownColumn { name: name.to_owned(), known },
        message: format!("no column `{name}`"),
        range,
        help: None,
    }
}

fn unknown_table(name: String, range: Option<Range<usize>>, text: &SqlText<'_>, known: Vec<String>) -> SqlError {
    let range = range.or_else(|| text.find_word(&name));
    SqlError { message: format!("no view `{name}`"), kind: SqlErrorKind::UnknownTable { name, known }, range, help: None }
}

fn place(column: &Column, text: &SqlText<'_>) -> Option<Range<usize>> {
    column.spans().first().map(|span| text.range(sql_span(span)))
}

fn sql_span(span: Span) -> SqlSpan {
    let location = |location: datafusion::common::Location| Location { line: location.line, column: location.column };
    SqlSpan { start: location(span.start), end: location(span.end) }
}

/// One line in the language's words.
pub(crate) fn clean(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let line = line.split(" No function matches").next().unwrap_or(line);
    // Some messages end with a dump of the parser's tree.
    let line = line.find(" { ").map_or(line, |dump| line.get(..dump).and_then(|head| head.rsplit_once(' ')).map_or(line, |(head, _)| head));
    let mut line = line.to_owned();
    for prefix in
        ["Error during planning: ", "This feature is not implemented: ", "Internal error: ", "Execution error: ", "Schema error: "]
    {
        line = line.replace(prefix, "");
    }
    for (arrow, ours) in TYPE_NAMES {
        line = line.replace(arrow, ours);
    }
    lower_first(line.trim_end_matches(['.', ' ', ':']))
}

/// Arrow's names of types and the language's; longer ones first.
const TYPE_NAMES: &[(&str, &str)] = &[
    ("Utf8View", "string"),
    ("LargeUtf8", "string"),
    ("Utf8", "string"),
    ("BinaryView", "binary"),
    ("Boolean", "boolean"),
    ("Date32", "date"),
    ("UInt64", "uint64"),
    ("UInt32", "uint32"),
    ("UInt16", "uint16"),
    ("UInt8", "uint8"),
    ("Int64", "int64"),
    ("Int32", "int32"),
    ("Int16", "int16"),
    ("Int8", "int8"),
    ("Float64", "float64"),
    ("Float32", "float32"),
    ("Decimal128", "decimal"),
];

fn help(message: &str) -> Option<String> {
    message.contains("add explicit type casts").then(|| "write the type with `cast(… as …)` or `try_cast(… as …)`".to_owned())
}
