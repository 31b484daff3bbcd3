//! Finds the smallest parts of a `select` that do not type, so that every mistake is told at its place.
//!
//! The planner stops at its first mistake and mostly does not say where it is. So each part is planned alone, over what
//! its `select` reads from; this happens only once a `select` was refused.

use super::errors::{Known, convert};
use super::functions::Functions;
use super::text::SqlText;
use super::types::from_arrow;
use arrow::datatypes::DataType as ArrowType;
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::sqlparser::ast::{
    self, Cte, GroupByExpr, JoinConstraint, JoinOperator, OrderByKind, SelectItem, SetExpr, Spanned, TableFactor, TableWithJoins, Visit,
    Visitor,
};
use runi_lang::sql::{SqlError, SqlErrorKind};
use std::cell::Cell;
use std::ops::ControlFlow;

/// How many parts are planned before the search is given up.
const PROBES_MAX: usize = 512;

/// Plans a query and settles its types.
pub(crate) type Plan<'a> = dyn Fn(ast::Query) -> Result<LogicalPlan> + 'a;

/// The mistakes that can be found part by part; empty where none can.
pub(crate) fn diagnose_query(query: &ast::Query, text: &SqlText<'_>, functions: &Functions, plan: &Plan<'_>) -> Vec<SqlError> {
    let mut doctor = Doctor { text, functions, plan, probes: Cell::new(0), errors: Vec::new() };
    doctor.query(query, &[]);
    doctor.errors
}

/// A message of our own where the part says what was meant.
pub(crate) fn type_message(ast: &ast::Expr, type_name: &dyn Fn(&ast::Expr) -> Option<String>) -> Option<String> {
    match ast {
        ast::Expr::BinaryOp { left, op, right } => {
            Some(format!("`{}` does not take {} and {}", op.to_string().to_lowercase(), type_name(left)?, type_name(right)?))
        }
        ast::Expr::Function(function) => {
            let ast::FunctionArguments::List(list) = &function.args else { return None };
            let types = list.args.iter().map(|arg| match arg {
                ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => type_name(expr),
                _ => None,
            });
            let types: Option<Vec<String>> = types.collect();
            Some(format!("`{}` does not take ({})", function.name.to_string().to_lowercase(), types?.join(", ")))
        }
        _ => None,
    }
}

/// How a function that was called with the wrong arguments is called.
pub(crate) fn type_help(ast: &ast::Expr, functions: &Functions) -> Option<String> {
    let ast::Expr::Function(function) = ast else { return None };
    let form = functions.form(&function.name.to_string().to_lowercase())?;
    Some(format!("it is called as `{form}`; another type is converted with `cast(… as type)`"))
}

/// What the parts of one `select` are planned over.
struct Frame<'f> {
    scope: &'f [Cte],
    /// The `select` with nothing but its `from`, whose conditions are all true.
    select: ast::Select,
}

struct Doctor<'a> {
    text: &'a SqlText<'a>,
    functions: &'a Functions,
    plan: &'a Plan<'a>,
    probes: Cell<usize>,
    errors: Vec<SqlError>,
}

impl Doctor<'_> {
    fn query(&mut self, query: &ast::Query, outer: &[Cte]) {
        let mut scope = outer.to_vec();
        let start = self.errors.len();
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.query(&cte.query, &scope);
            if self.errors.len() > start {
                return;
            }
            scope.push(cte.clone());
        }
        self.body(&query.body, &scope);
        if self.errors.len() > start {
            return;
        }
        if let Some(ast::OrderBy { kind: OrderByKind::Expressions(order), .. }) = &query.order_by
            && order.iter().any(|order| number_of(&order.expr).is_some())
            && let Ok(plan) = self.probe(query_of(query.body.as_ref().clone(), &scope))
        {
            self.positions("order by", order.iter().map(|order| &order.expr), &names_of(&plan));
        }
    }

    /// Numbers that stand for output columns, and for which there is none.
    fn positions<'e>(&mut self, clause: &str, order: impl Iterator<Item = &'e ast::Expr>, columns: &[String]) {
        for (expr, number) in order.filter_map(|expr| Some((expr, number_of(expr)?))) {
            if number.parse().is_ok_and(|at: usize| (1..=columns.len()).contains(&at)) {
                continue;
            }
            self.errors.push(SqlError {
                kind: SqlErrorKind::Other,
                message: format!("there is no output column number {number}: the `select` has {}", counted(columns)),
                range: self.text.known_range(expr.span()),
                help: Some(format!("a number after `{clause}` is the place of an output column, from 1; better, name the column")),
            });
        }
    }

    fn body(&mut self, body: &SetExpr, scope: &[Cte]) {
        match body {
            SetExpr::Select(select) => self.select(select, scope),
            SetExpr::Query(query) => self.query(query, scope),
            SetExpr::SetOperation { left, op, right, .. } => {
                let start = self.errors.len();
                self.body(left, scope);
                self.body(right, scope);
                if self.errors.len() == start {
                    self.sides(left, &op.to_string().to_lowercase(), right, scope);
                }
            }
            _ => {}
        }
    }

    /// Two sides of a set operation that have not the same number of columns.
    fn sides(&mut self, left: &SetExpr, op: &str, right: &SetExpr, scope: &[Cte]) {
        let plan = |body: &SetExpr| self.probe(query_of(body.clone(), scope)).ok();
        let (Some(left), Some(second)) = (plan(left), plan(right)) else { return };
        if left.schema().fields().len() == second.schema().fields().len() {
            return;
        }
        self.errors.push(SqlError {
            kind: SqlErrorKind::Other,
            message: format!(
                "this side of the `{op}` has {}, the one before it {}",
                counted(&names_of(&second)),
                counted(&names_of(&left))
            ),
            range: self.text.known_range(right.span()),
            help: Some(format!("select the same columns on both sides of the `{op}`, in the same order")),
        });
    }

    fn select(&mut self, select: &ast::Select, scope: &[Cte]) {
        let start = self.errors.len();
        for table in &select.from {
            self.tables(table, scope);
        }
        if self.errors.len() > start {
            return;
        }
        let frame = Frame { scope, select: stripped(select) };
        // Where what is read from is itself wrong, every part would seem so.
        if self.type_of(&frame, &always()).is_err() {
            return;
        }
        for item in &select.projection {
            if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
                self.part(&frame, expr);
            }
        }
        let mut conditions: Vec<(&str, &ast::Expr)> = Vec::new();
        let joins = select.from.iter().flat_map(|table| &table.joins);
        conditions.extend(joins.filter_map(|join| condition(&join.join_operator)).map(|condition| ("on", condition)));
        conditions.extend(select.selection.as_ref().map(|condition| ("where", condition)));
        conditions.extend(select.having.as_ref().map(|condition| ("having", condition)));
        for (clause, condition) in conditions {
            self.part(&frame, condition);
            self.boolean(&frame, clause, condition);
        }
        if let GroupByExpr::Expressions(groups, _) = &select.group_by {
            for group in groups.iter().filter(|group| !matches!(group, ast::Expr::Value(_))) {
                self.part(&frame, group);
            }
            if self.errors.len() == start && groups.iter().any(|group| number_of(group).is_some()) {
                let columns: Option<Vec<_>> = select.projection.iter().map(|item| self.output(&frame, item)).collect();
                if let Some(columns) = columns {
                    self.positions("group by", groups.iter(), &columns.concat());
                }
            }
        }
    }

    /// The names of the columns that an item of a `select` gives.
    fn output(&self, frame: &Frame<'_>, item: &SelectItem) -> Option<Vec<String>> {
        Some(match item {
            SelectItem::ExprWithAlias { alias, .. } => vec![alias.value.clone()],
            SelectItem::UnnamedExpr(ast::Expr::CompoundIdentifier(parts)) => vec![parts.last()?.value.clone()],
            SelectItem::UnnamedExpr(expr) => vec![expr.to_string()],
            several => {
                let select = ast::Select { projection: vec![several.clone()], ..frame.select.clone() };
                names_of(&self.probe(query_of(SetExpr::Select(Box::new(select)), frame.scope)).ok()?)
            }
        })
    }

    fn tables(&mut self, table: &TableWithJoins, scope: &[Cte]) {
        for factor in std::iter::once(&table.relation).chain(table.joins.iter().map(|join| &join.relation)) {
            match factor {
                TableFactor::Derived { subquery, .. } => self.query(subquery, scope),
                TableFactor::NestedJoin { table_with_joins, .. } => self.tables(table_with_joins, scope),
                _ => {}
            }
        }
    }

    /// A condition that is neither true nor false.
    fn boolean(&mut self, frame: &Frame<'_>, clause: &str, condition: &ast::Expr) {
        let Ok(ty) = self.type_of(frame, condition) else { return };
        if matches!(ty, ArrowType::Boolean | ArrowType::Null) {
            return;
        }
        self.errors.push(SqlError {
            kind: SqlErrorKind::Type,
            message: format!("what stands after `{clause}` must be true or false, and this is {}", name_of(&ty)),
            range: self.text.known_range(condition.span()),
            help: Some("compare it with something".to_owned()),
        });
    }

    fn part(&mut self, frame: &Frame<'_>, expr: &ast::Expr) {
        if self.type_of(frame, expr).is_err() {
            let mut parts = Parts { doctor: self, frame, queries: 0, starts: Vec::new() };
            let _ = expr.visit(&mut parts);
        }
    }

    fn type_of(&self, frame: &Frame<'_>, expr: &ast::Expr) -> Result<ArrowType> {
        let mut select = frame.select.clone();
        select.projection = vec![SelectItem::UnnamedExpr(expr.clone())];
        let plan = self.probe(query_of(SetExpr::Select(Box::new(select)), frame.scope))?;
        plan.schema().fields().first().map(|field| field.data_type().clone()).ok_or_else(given_up)
    }

    fn probe(&self, query: ast::Query) -> Result<LogicalPlan> {
        self.probes.set(self.probes.get() + 1);
        if self.probes.get() > PROBES_MAX {
            return Err(given_up());
        }
        (self.plan)(query)
    }

    /// What is wrong with a part all of whose own parts are right.
    fn tell(&mut self, frame: &Frame<'_>, expr: &ast::Expr, error: &DataFusionError) {
        let place = self.text.known_range(expr.span());
        let known = Known { columns: &[], views: &[] };
        for found in convert(error, self.text, known) {
            // Names have places of their own; here a name may be one that the part alone does not see.
            if !matches!(found.kind, SqlErrorKind::Type) {
                continue;
            }
            let type_name = |part: &ast::Expr| self.type_of(frame, part).ok().map(|ty| name_of(&ty));
            let message = type_message(expr, &type_name).unwrap_or(found.message);
            let help = type_help(expr, self.functions).or(found.help);
            let error = SqlError { kind: SqlErrorKind::Type, message, range: place.clone().or(found.range), help };
            if !self.errors.contains(&error) {
                self.errors.push(error);
            }
        }
    }
}

/// Walks one expression from its leaves up. Sub-queries are looked into as queries, not as parts.
struct Parts<'p, 'a, 'f> {
    doctor: &'p mut Doctor<'a>,
    frame: &'p Frame<'f>,
    queries: usize,
    /// How many errors there were when each enclosing expression was entered.
    starts: Vec<usize>,
}

impl Visitor for Parts<'_, '_, '_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<()> {
        if self.queries == 0 {
            self.doctor.query(query, self.frame.scope);
        }
        self.queries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &ast::Query) -> ControlFlow<()> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, _: &ast::Expr) -> ControlFlow<()> {
        if self.queries == 0 {
            self.starts.push(self.doctor.errors.len());
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &ast::Expr) -> ControlFlow<()> {
        if self.queries > 0 || self.starts.pop().is_some_and(|start| start < self.doctor.errors.len()) {
            return ControlFlow::Continue(());
        }
        if let Err(error) = self.doctor.type_of(self.frame, expr) {
            self.doctor.tell(self.frame, expr, &error);
        }
        ControlFlow::Continue(())
    }
}

fn name_of(ty: &ArrowType) -> String {
    from_arrow(ty).map_or_else(|| ty.to_string(), |ty| ty.to_string())
}

fn names_of(plan: &LogicalPlan) -> Vec<String> {
    plan.schema().fields().iter().map(|field| field.name().clone()).collect()
}

/// Columns: how many, and which.
fn counted(names: &[String]) -> String {
    let count = if names.len() == 1 { "1 column".to_owned() } else { format!("{} columns", names.len()) };
    format!("{count} ({})", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
}

/// A number that is written out.
fn number_of(expr: &ast::Expr) -> Option<&str> {
    match expr {
        ast::Expr::Value(ast::ValueWithSpan { value: ast::Value::Number(number, _), .. }) => Some(number),
        _ => None,
    }
}

fn given_up() -> DataFusionError {
    DataFusionError::ResourcesExhausted("too many parts".to_owned())
}

fn always() -> ast::Expr {
    ast::Expr::value(ast::Value::Boolean(true))
}

/// A query that is nothing but `body`, with the views of `scope`.
fn query_of(body: SetExpr, scope: &[Cte]) -> ast::Query {
    let with = ast::With { with_token: ast::helpers::attached_token::AttachedToken::empty(), recursive: false, cte_tables: scope.to_vec() };
    ast::Query {
        with: (!scope.is_empty()).then_some(with),
        body: Box::new(body),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

/// A `select` with its `from` and its named windows alone; its joins match always.
fn stripped(select: &ast::Select) -> ast::Select {
    let mut select = select.clone();
    for join in select.from.iter_mut().flat_map(|table| &mut table.joins) {
        if condition(&join.join_operator).is_some() {
            join.join_operator = JoinOperator::Inner(JoinConstraint::On(always()));
        }
    }
    select.distinct = None;
    select.selection = None;
    select.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
    select.having = None;
    select.qualify = None;
    select
}

/// What stands after a join's `on`.
fn condition(join: &JoinOperator) -> Option<&ast::Expr> {
    let constraint = match join {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::Semi(constraint)
        | JoinOperator::LeftSemi(constraint)
        | JoinOperator::RightSemi(constraint)
        | JoinOperator::Anti(constraint)
        | JoinOperator::LeftAnti(constraint)
        | JoinOperator::RightAnti(constraint) => constraint,
        _ => return None,
    };
    match constraint {
        JoinConstraint::On(condition) => Some(condition),
        _ => None,
    }
}
