//! Assertions over counts: `valid(trades) + invalid(trades) = read(trades)`.
//!
//! The calls `read`, `valid`, `invalid` and `rows` name views, not values, so they are replaced by
//! whole numbers before the rest is typed (zeros) or evaluated (the run's counts).

use super::engine::DataFusionEngine;
use super::expr::unknown_function;
use super::functions::Functions;
use super::text::{SqlText, not_allowed};
use crate::error::EngineError;
use datafusion::common::ScalarValue;
use datafusion::sql::sqlparser::ast::{self, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned, VisitMut, VisitorMut};
use runi_lang::sql::{Bindings, SqlError, SqlErrorKind};
use runi_lang::types::DataType;
use std::ops::{ControlFlow, Range};

/// The counts that an assertion can name, with what they count.
const KINDS: [(&str, bool); 4] = [("read", true), ("valid", true), ("invalid", true), ("rows", false)];

/// Types an assertion.
pub(crate) fn type_assertion(engine: &DataFusionEngine, sql: &str, sources: &[String], steps: &[String]) -> Result<(), Vec<SqlError>> {
    let text = SqlText::new(sql, &Bindings::new())?;
    let (expr, calls) = replace(&text, &engine.functions, &|_, _| Some(0))?;
    let mut errors = Vec::new();
    for (kind, name, range) in calls {
        // The rows of a source are those that are valid, so `rows` takes both.
        let known: Vec<String> = if kind == "rows" { steps.iter().chain(sources).cloned().collect() } else { sources.to_vec() };
        if !known.contains(&name) {
            let what = if kind == "rows" { "view" } else { "source" };
            errors.push(SqlError {
                message: format!("no {what} `{name}`"),
                kind: SqlErrorKind::UnknownTable { name, known },
                range,
                help: None,
            });
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let typed = engine.type_ast(&expr, &text)?;
    if matches!(typed, DataType::Boolean | DataType::Null) {
        Ok(())
    } else {
        let message = format!("an assertion is true or false, not {typed}");
        Err(vec![SqlError { kind: SqlErrorKind::Type, message, range: None, help: None }])
    }
}

/// The value of an assertion, given the run's counts (`kind` is `read`, `valid`, `invalid` or `rows`); `None` is null,
/// which fails.
///
/// # Errors
/// An assertion that does not type, a count that is not there, or an evaluation that fails.
pub fn eval_assertion(sql: &str, count: &dyn Fn(&str, &str) -> Option<u64>) -> Result<Option<bool>, EngineError> {
    let failed = |errors: Vec<SqlError>| EngineError::Engine {
        context: format!("cannot evaluate the assertion `{sql}`"),
        message: errors.first().map(|error| error.message.clone()).unwrap_or_default(),
    };
    let text = SqlText::new(sql, &Bindings::new()).map_err(failed)?;
    let (expr, _) = replace(&text, &DataFusionEngine::shared().functions, count).map_err(failed)?;
    match DataFusionEngine::shared().evaluate_constant(expr)? {
        ScalarValue::Boolean(value) => Ok(value),
        value if value.is_null() => Ok(None),
        value => Err(EngineError::Engine {
            context: format!("cannot evaluate the assertion `{sql}`"),
            message: format!("it is {value}, not true or false"),
        }),
    }
}

/// A count that is named: its kind, the view, and where.
type Call = (String, String, Option<Range<usize>>);

fn replace(
    text: &SqlText<'_>,
    functions: &Functions,
    count: &dyn Fn(&str, &str) -> Option<u64>,
) -> Result<(ast::Expr, Vec<Call>), Vec<SqlError>> {
    let mut expr = text.parse_expr()?;
    let mut counts = Counts { text, functions, count, calls: Vec::new(), errors: Vec::new() };
    let _ = VisitMut::visit(&mut expr, &mut counts);
    if counts.errors.is_empty() { Ok((expr, counts.calls)) } else { Err(counts.errors) }
}

struct Counts<'a> {
    text: &'a SqlText<'a>,
    functions: &'a Functions,
    count: &'a dyn Fn(&str, &str) -> Option<u64>,
    calls: Vec<Call>,
    errors: Vec<SqlError>,
}

impl VisitorMut for Counts<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut ast::Expr) -> ControlFlow<()> {
        let ast::Expr::Function(function) = &*expr else { return ControlFlow::Continue(()) };
        let kind = function.name.to_string().to_lowercase();
        if !KINDS.iter().any(|(name, _)| *name == kind) {
            if !self.functions.knows(&kind) {
                let mut error = unknown_function(function, self.text, self.functions, true);
                if let SqlErrorKind::UnknownFunction { known, .. } = &mut error.kind {
                    known.extend(KINDS.iter().map(|(name, _)| (*name).to_owned()));
                }
                self.errors.push(error);
            }
            return ControlFlow::Continue(());
        }
        let range = self.text.known_range(expr.span());
        let Some(name) = single_name(function) else {
            self.errors.push(not_allowed(format!("`{kind}` takes the name of one view"), range));
            return ControlFlow::Continue(());
        };
        match (self.count)(&kind, &name.value) {
            Some(count) => {
                self.calls.push((kind, name.value, self.text.known_range(name.span).or(range)));
                *expr = ast::Expr::Value(ast::Value::Number(count.to_string(), false).into());
            }
            None => self.errors.push(SqlError {
                message: format!("nothing was counted for `{kind}({})`", name.value),
                kind: SqlErrorKind::UnknownTable { name: name.value, known: Vec::new() },
                range,
                help: None,
            }),
        }
        ControlFlow::Continue(())
    }
}

fn single_name(function: &ast::Function) -> Option<ast::Ident> {
    let FunctionArguments::List(list) = &function.args else { return None };
    match list.args.as_slice() {
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(ast::Expr::Identifier(ident)))] => Some(ident.clone()),
        _ => None,
    }
}
