//! Aggregates, window functions and limits in clauses that cannot hold them, found before planning so that every place is known.

use super::functions::Functions;
use super::text::{SqlText, not_allowed};
use datafusion::sql::sqlparser::ast::{
    self, GroupByExpr, JoinConstraint, JoinOperator, LimitClause, SelectItem, Spanned, UnaryOperator, Visit, Visitor,
};
use runi_lang::sql::{SqlError, SqlErrorKind};
use std::ops::{ControlFlow, Range};

/// The calls of one `select` that stand where they cannot; its sub-queries are asked on their own.
pub(crate) fn misused_calls(select: &ast::Select, text: &SqlText<'_>, functions: &Functions) -> Vec<SqlError> {
    let mut errors = Vec::new();
    let calls = |expr: &ast::Expr| {
        let mut calls = Calls { text, functions, queries: 0, aggregates: 0, found: Vec::new() };
        let _ = expr.visit(&mut calls);
        calls.found
    };
    let mut refuse = |expr: &ast::Expr, clause: &str, help: &str| {
        for call in calls(expr) {
            let (what, help) = match call.kind {
                Kind::Aggregate | Kind::Nested => ("an aggregate", help),
                Kind::Window => ("a window function", "compute it in an inner `select`, and use its column outside"),
            };
            let message = format!("`{}` is {what}, which a `{clause}` cannot hold", call.name);
            errors.push(SqlError { help: Some(help.to_owned()), ..not_allowed(message, call.range) });
        }
    };
    for join in select.from.iter().flat_map(|table| &table.joins) {
        if let JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) | JoinOperator::Left(constraint) = &join.join_operator
            && let JoinConstraint::On(condition) = constraint
        {
            refuse(condition, "join", "aggregate in an inner `select`, and join its rows");
        }
    }
    if let Some(condition) = &select.selection {
        refuse(condition, "where", "put the condition into a `having`, which sees groups");
    }
    if let GroupByExpr::Expressions(groups, _) = &select.group_by {
        for group in groups {
            refuse(group, "group by", "aggregate in an inner `select`, and group its rows");
        }
    }
    let items = select.projection.iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    });
    for call in items.chain(&select.having).flat_map(calls).filter(|call| call.kind == Kind::Nested) {
        let message = format!("`{}` stands inside another aggregate", call.name);
        let help = "aggregate in an inner `select`, and aggregate its rows outside".to_owned();
        errors.push(SqlError { help: Some(help), ..not_allowed(message, call.range) });
    }
    errors
}

/// Numbers of rows that are written out and are none.
pub(crate) fn misused_limits(query: &ast::Query, text: &SqlText<'_>) -> Vec<SqlError> {
    let (limit, offset) = match &query.limit_clause {
        Some(LimitClause::LimitOffset { limit, offset, .. }) => (limit.as_ref(), offset.as_ref().map(|offset| &offset.value)),
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => (Some(limit), Some(offset)),
        None => (None, None),
    };
    let clauses = [("limit", limit), ("offset", offset)];
    let wrong = clauses.into_iter().filter_map(|(clause, expr)| Some((clause, expr.filter(|expr| !may_count_rows(expr))?)));
    let error = |(clause, expr): (&str, &ast::Expr)| SqlError {
        kind: SqlErrorKind::Type,
        message: format!("what stands after `{clause}` is a number of rows, and `{}` is none", expr.to_string().to_lowercase()),
        range: text.known_range(expr.span()).map(|range| text.with_minus(range)),
        help: Some(format!("write a whole number that is not negative, such as `{clause} 10`")),
    };
    wrong.map(error).collect()
}

/// Whether a number of rows may be meant; what is computed is left to the planner.
fn may_count_rows(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Nested(inner) => may_count_rows(inner),
        ast::Expr::UnaryOp { op: UnaryOperator::Minus, expr } => !matches!(expr.as_ref(), ast::Expr::Value(_)),
        ast::Expr::Value(value) => match &value.value {
            ast::Value::Null => true,
            ast::Value::Number(text, _) | ast::Value::SingleQuotedString(text) => text.trim().parse::<u64>().is_ok(),
            _ => false,
        },
        _ => true,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Aggregate,
    /// An aggregate inside another one.
    Nested,
    Window,
}

struct Call {
    name: String,
    range: Option<Range<usize>>,
    kind: Kind,
}

struct Calls<'a> {
    text: &'a SqlText<'a>,
    functions: &'a Functions,
    queries: usize,
    /// How many aggregates are around the expression.
    aggregates: usize,
    found: Vec<Call>,
}

impl Calls<'_> {
    fn kind(&self, function: &ast::Function) -> Option<Kind> {
        if function.over.is_some() {
            return Some(Kind::Window);
        }
        let aggregate = self.functions.aggregate.contains_key(&function.name.to_string().to_lowercase());
        aggregate.then_some(if self.aggregates > 0 { Kind::Nested } else { Kind::Aggregate })
    }
}

impl Visitor for Calls<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &ast::Query) -> ControlFlow<()> {
        self.queries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &ast::Query) -> ControlFlow<()> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &ast::Expr) -> ControlFlow<()> {
        if let ast::Expr::Function(function) = expr
            && self.queries == 0
            && let Some(kind) = self.kind(function)
        {
            self.found.push(Call { name: function.name.to_string().to_lowercase(), range: self.text.known_range(expr.span()), kind });
            self.aggregates += usize::from(kind != Kind::Window);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &ast::Expr) -> ControlFlow<()> {
        if let ast::Expr::Function(function) = expr
            && self.queries == 0
            && self.kind(function).is_some_and(|kind| kind != Kind::Window)
        {
            self.aggregates = self.aggregates.saturating_sub(1);
        }
        ControlFlow::Continue(())
    }
}
