//! `check (…)`: a range, a length, a list of values, or a rule.

use super::name_of;
use runi_lang::model::{Contract, Range, Rule};
use runi_lang::sql::{Bindings, SqlEngine as _};
use runi_lang::types::DataType;
use sqlparser::ast::{BinaryOperator, DataType as SqlType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator, Value};

/// One comparison of a column, or of its length, with a literal.
struct Bound {
    column: String,
    length: bool,
    min: bool,
    exclusive: bool,
    value: String,
}

/// Puts a check into a contract.
///
/// # Errors
/// Why the contract cannot say it.
pub(super) fn apply(contract: &mut Contract, title: Option<String>, expr: &Expr) -> Result<(), String> {
    // PostgreSQL and MySQL name what has no name: `orders_side_check`, `orders_chk_1`.
    let title = title.filter(|title| !title.contains("_check") && !title.contains("_chk_"));
    let mut expr = expr;
    while let Expr::Nested(inner) = expr {
        expr = inner;
    }
    let mut parts = Vec::new();
    conjunction(expr, &mut parts);
    if title.is_none() && (values(contract, expr) || bounds(contract, &parts)) {
        return Ok(());
    }
    let sql = expr.to_string();
    let title = title.unwrap_or_else(|| sql.clone());
    let engine = runi_engine::sql::DataFusionEngine::new();
    match engine.expr(&sql, &contract.schema(), &Bindings::default()) {
        Ok(typed) if matches!(typed.ty, DataType::Boolean | DataType::Null) => {
            contract.rules.push(Rule { title: crate::text::one_line(&title), sql: crate::text::one_line(&sql), on_fail: None });
            Ok(())
        }
        Ok(typed) => Err(format!("the check `{sql}` is a `{}`, not a condition", typed.ty)),
        Err(problems) => {
            let why = problems.first().map_or(String::new(), |problem| format!(": {}", problem.message));
            Err(format!("the check `{sql}` is no expression of this language{why}"))
        }
    }
}

fn conjunction<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Nested(inner) => conjunction(inner, parts),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            conjunction(left, parts);
            conjunction(right, parts);
        }
        other => parts.push(other),
    }
}

/// The field of a column, whatever the case of its name.
fn column(contract: &Contract, expr: &Expr) -> Option<String> {
    let Expr::Identifier(ident) = bare(expr) else { return None };
    name_of(contract, &ident.value)
}

fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) => bare(inner),
        // PostgreSQL writes casts of what already has the type: `side::text`, `'buy'::text`.
        Expr::Cast { expr, data_type: SqlType::Text | SqlType::Varchar(_) | SqlType::CharacterVarying(_), .. } => bare(expr),
        other => other,
    }
}

/// A literal as a bound says it.
fn literal(expr: &Expr) -> Option<String> {
    match bare(expr) {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => Some(number.clone()),
            Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => literal(expr).map(|value| format!("-{value}")),
        Expr::TypedString(typed) => match &typed.value.value {
            Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        Expr::Cast { expr, .. } => literal(expr),
        _ => None,
    }
}

/// `c in ('a', 'b')` on text makes an enum.
fn values(contract: &mut Contract, expr: &Expr) -> bool {
    let (subject, list) = match bare(expr) {
        Expr::InList { expr, list, negated: false } => (expr, list.as_slice()),
        // PostgreSQL prints `in` as `= any (array[…])`.
        Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => match bare(right) {
            Expr::Array(array) => (left, array.elem.as_slice()),
            Expr::Cast { expr: inner, .. } => match bare(inner) {
                Expr::Array(array) => (left, array.elem.as_slice()),
                _ => return false,
            },
            _ => return false,
        },
        _ => return false,
    };
    let Some(name) = column(contract, subject) else { return false };
    let mut words: Vec<String> = Vec::new();
    for item in list {
        match bare(item) {
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) if !words.contains(text) => words.push(text.clone()),
                Value::SingleQuotedString(_) => {}
                _ => return false,
            },
            _ => return false,
        }
    }
    match contract.fields.iter_mut().find(|field| field.name == name) {
        Some(field) if field.ty == DataType::String && !words.is_empty() => {
            field.ty = DataType::Enum(words);
            true
        }
        _ => false,
    }
}

fn comparison(contract: &Contract, expr: &Expr, found: &mut Vec<Bound>) -> Option<()> {
    let subject = |expr: &Expr| match bare(expr) {
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            let FunctionArguments::List(list) = &function.args else { return None };
            match (name.as_str(), list.args.as_slice()) {
                ("length" | "char_length" | "character_length" | "len", [FunctionArg::Unnamed(FunctionArgExpr::Expr(inner))]) => {
                    column(contract, inner).map(|name| (name, true))
                }
                _ => None,
            }
        }
        other => column(contract, other).map(|name| (name, false)),
    };
    match bare(expr) {
        Expr::Between { expr, negated: false, low, high } => {
            let (name, length) = subject(expr)?;
            found.push(Bound { column: name.clone(), length, min: true, exclusive: false, value: literal(low)? });
            found.push(Bound { column: name, length, min: false, exclusive: false, value: literal(high)? });
        }
        Expr::BinaryOp { left, op, right } => {
            let (mut min, exclusive) = match op {
                BinaryOperator::Gt => (true, true),
                BinaryOperator::GtEq => (true, false),
                BinaryOperator::Lt => (false, true),
                BinaryOperator::LtEq => (false, false),
                _ => return None,
            };
            let ((name, length), value) = match (subject(left), literal(right)) {
                (Some(subject), Some(value)) => (subject, value),
                _ => {
                    min = !min;
                    (subject(right)?, literal(left)?)
                }
            };
            found.push(Bound { column: name, length, min, exclusive, value });
        }
        _ => return None,
    }
    Some(())
}

/// Comparisons of one column with literals make a range or a length.
fn bounds(contract: &mut Contract, parts: &[&Expr]) -> bool {
    let mut found = Vec::new();
    if parts.iter().any(|part| comparison(contract, part, &mut found).is_none()) {
        return false;
    }
    let Some(first) = found.first() else { return false };
    let (name, length, exclusive) = (first.column.clone(), first.length, first.exclusive);
    if found.iter().any(|bound| bound.column != name || bound.length != length || bound.exclusive != exclusive) {
        return false;
    }
    let Some(field) = contract.fields.iter_mut().find(|field| field.name == name) else { return false };
    let fits = if length { field.ty.is_textual() } else { field.ty.is_ordered() };
    let place = if length { &mut field.rules.length } else { &mut field.rules.range };
    let mut range = place.clone().unwrap_or_else(|| Range { exclusive, ..Range::default() });
    if !fits || range.exclusive != exclusive {
        return false;
    }
    for bound in found {
        let side = if bound.min { &mut range.min } else { &mut range.max };
        if side.is_some() {
            return false;
        }
        *side = Some(bound.value);
    }
    *place = Some(range);
    true
}
