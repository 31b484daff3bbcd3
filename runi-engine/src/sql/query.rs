//! Typing of `select`s.

use super::context::Context;
use super::errors::{Known, clean, convert, duplicate_column};
use super::expr::{refuse_mixed_text, unknown_function};
use super::functions::Functions;
use super::lineage::Lineage;
use super::numbers::prefer_floats_in;
use super::text::{SqlText, not_allowed};
use super::types::from_arrow;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{LogicalPlan, TableSource};
use datafusion::optimizer::Analyzer;
use datafusion::sql::sqlparser::ast::{self, SetExpr, Spanned, TableFactor, Visit, Visitor};
use runi_lang::sql::{Certainty, SqlError, SqlErrorKind, TypedColumn, TypedQuery};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Named views to plan against.
pub(crate) type Views = Vec<(String, Arc<dyn TableSource>)>;

/// Types a `select`.
pub(crate) fn type_query(
    text: &SqlText<'_>,
    views: &Views,
    functions: &Functions,
    options: &ConfigOptions,
) -> Result<TypedQuery, Vec<SqlError>> {
    let plan = plan_query(text, views, functions, options)?;
    let names: Vec<String> = views.iter().map(|(name, _)| name.clone()).collect();
    let known = Known { columns: &[], views: &names };
    let plan = Analyzer::new().execute_and_check(plan, options, |_, _| {}).map_err(|error| convert(&error, text, known))?;
    describe(&plan, text)
}

/// Plans a `select`; types are not settled yet.
pub(crate) fn plan_query(
    text: &SqlText<'_>,
    views: &Views,
    functions: &Functions,
    options: &ConfigOptions,
) -> Result<LogicalPlan, Vec<SqlError>> {
    let query = text.parse_query()?;
    let mut rules = QueryRules { text, functions, errors: Vec::new() };
    let _ = query.visit(&mut rules);
    rules.errors.extend(repeated_names(&query, text));
    if !rules.errors.is_empty() {
        return Err(rules.errors);
    }
    let names: Vec<String> = views.iter().map(|(name, _)| name.clone()).collect();
    let context = Context::new(functions, options, views);
    let plan = context
        .planner()
        .sql_statement_to_plan(ast::Statement::Query(Box::new(query)))
        .and_then(|plan| refuse_mixed_plan(&plan).and_then(|()| prefer_floats_in(plan)))
        .map_err(|error| convert(&error, text, Known { columns: &[], views: &names }))?;
    let mut seen = BTreeSet::new();
    let repeated: Vec<SqlError> = plan
        .schema()
        .fields()
        .iter()
        .filter(|field| !seen.insert(field.name()))
        .map(|field| duplicate_column(field.name(), text))
        .collect();
    if repeated.is_empty() { Ok(plan) } else { Err(repeated) }
}

/// Output columns that are written with the same name; DataFusion calls some of these ambiguous.
fn repeated_names(query: &ast::Query, text: &SqlText<'_>) -> Vec<SqlError> {
    let SetExpr::Select(select) = query.body.as_ref() else { return Vec::new() };
    let mut seen = BTreeSet::new();
    let names = select.projection.iter().filter_map(|item| match item {
        ast::SelectItem::ExprWithAlias { alias, .. } | ast::SelectItem::UnnamedExpr(ast::Expr::Identifier(alias)) => Some(alias),
        ast::SelectItem::UnnamedExpr(ast::Expr::CompoundIdentifier(parts)) => parts.last(),
        _ => None,
    });
    names
        .filter(|name| !seen.insert(name.value.clone()))
        .map(|name| SqlError { range: text.known_range(name.span), ..duplicate_column(&name.value, text) })
        .collect()
}

fn refuse_mixed_plan(plan: &LogicalPlan) -> Result<()> {
    plan.apply_with_subqueries(|plan| {
        let schema = merge_schema(&plan.inputs());
        plan.apply_expressions(|expr| refuse_mixed_text(expr, &schema).map(|()| TreeNodeRecursion::Continue))?;
        Ok(TreeNodeRecursion::Continue)
    })
    .map(|_| ())
}

fn describe(plan: &LogicalPlan, text: &SqlText<'_>) -> Result<TypedQuery, Vec<SqlError>> {
    let mut lineage = Lineage::default();
    let traced = lineage.plan(plan, false);
    let mut columns = Vec::new();
    let mut errors = Vec::new();
    for (field, column) in plan.schema().fields().iter().zip(traced) {
        let Some(ty) = from_arrow(field.data_type()) else {
            let message =
                format!("the type of `{}`, {}, is none that a column can have", field.name(), clean(&field.data_type().to_string()));
            errors.push(SqlError { kind: SqlErrorKind::Type, message, range: text.find_word(field.name()), help: None });
            continue;
        };
        columns.push(TypedColumn {
            name: field.name().clone(),
            ty,
            nullable: column.nullable,
            from: column.from.into_iter().collect(),
            certainty: column.opaque.map_or(Certainty::Exact, Certainty::Opaque),
        });
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(TypedQuery {
        columns,
        row_influences: lineage.rows.into_iter().collect(),
        views: lineage.views.into_iter().collect(),
        fallible: lineage.facts.fallible,
        volatile: lineage.facts.volatile,
        reads_clock: lineage.facts.reads_clock,
    })
}

/// What a `select` may not hold, found before it is planned so that every place is known.
struct QueryRules<'a> {
    text: &'a SqlText<'a>,
    functions: &'a Functions,
    errors: Vec<SqlError>,
}

impl Visitor for QueryRules<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<()> {
        let body = match query.body.as_ref() {
            SetExpr::Insert(_) => "insert",
            SetExpr::Update(_) => "update",
            SetExpr::Delete(_) => "delete",
            SetExpr::Merge(_) => "merge",
            _ => return ControlFlow::Continue(()),
        };
        self.errors.push(not_allowed(format!("a `select` cannot hold `{body}`"), self.text.known_range(query.span())));
        ControlFlow::Break(())
    }

    fn pre_visit_select(&mut self, select: &ast::Select) -> ControlFlow<()> {
        if let Some(into) = &select.into {
            self.errors.push(not_allowed("`select into` writes a table; a sink does that".to_owned(), self.text.known_range(into.span())));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let allowed = match factor {
            TableFactor::Table { args, .. } => args.is_none(),
            TableFactor::Derived { .. } | TableFactor::NestedJoin { .. } | TableFactor::UNNEST { .. } => true,
            _ => false,
        };
        if !allowed {
            let message = "only views, sub-queries, joins and `unnest` can be selected from".to_owned();
            self.errors.push(not_allowed(message, self.text.known_range(factor.span())));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &ast::Expr) -> ControlFlow<()> {
        if let ast::Expr::Function(function) = expr
            && !self.functions.knows(&function.name.to_string().to_lowercase())
        {
            self.errors.push(unknown_function(function, self.text, self.functions, false));
        }
        ControlFlow::Continue(())
    }
}
