//! Typing of `select`s.

use super::context::Context;
use super::diagnose::diagnose_query;
use super::errors::{Known, LIMIT_WRITTEN, clean, convert, duplicate_column, duplicate_columns};
use super::expr::{refuse_mixed_text, unknown_function};
use super::functions::{Functions, UNNEST};
use super::levels::refuse_depth;
use super::lineage::Lineage;
use super::literals::{FoldLiterals, impossible, impossible_interval, never_held};
use super::misuse::{misused_calls, misused_limits};
use super::numbers::prefer_floats_in;
use super::optimizing::optimize;
use super::text::{SqlText, not_allowed};
use super::types::from_arrow;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, FetchType, LogicalPlan, SkipType, TableSource};
use datafusion::optimizer::Analyzer;
use datafusion::sql::sqlparser::ast::{self, SetExpr, Spanned, TableFactor, Visit, Visitor};
use datafusion::sql::sqlparser::tokenizer::Span;
use runi_lang::sql::{Certainty, Influence, NeverHeld, SqlError, SqlErrorKind, TypedColumn, TypedQuery};
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
    type_plan(text, views, functions, options).map_err(|errors| locate(errors, text, views, functions, options))
}

fn type_plan(text: &SqlText<'_>, views: &Views, functions: &Functions, options: &ConfigOptions) -> Result<TypedQuery, Vec<SqlError>> {
    let plan = plan_query(text, views, functions, options)?;
    let names: Vec<String> = views.iter().map(|(name, _)| name.clone()).collect();
    let known = Known { columns: &[], views: &names };
    let plan = settle(plan, options).map_err(|error| convert(&error, text, known))?;
    let held = refuse_literals(&plan, text)?;
    let typed = describe(&plan, text)?;
    refuse_unplannable(plan, text, known, functions)?;
    Ok(TypedQuery { never_held: held, ..typed })
}

/// Settles the types of a plan.
fn settle(plan: LogicalPlan, options: &ConfigOptions) -> Result<LogicalPlan> {
    let mut analyzer = Analyzer::new();
    analyzer.rules.push(Arc::new(FoldLiterals));
    analyzer.execute_and_check(plan, options, |_, _| {})
}

/// The planner stops at its first wrong type: finds every one, at its place.
fn locate(errors: Vec<SqlError>, text: &SqlText<'_>, views: &Views, functions: &Functions, options: &ConfigOptions) -> Vec<SqlError> {
    let Ok(query) = text.parse_query() else { return errors };
    if errors.iter().all(|error| error.kind != SqlErrorKind::Type) {
        return errors;
    }
    let plan = |query: ast::Query| {
        let context = Context::new(functions, options, views);
        let plan = context.planner().sql_statement_to_plan(ast::Statement::Query(Box::new(query)))?;
        refuse_mixed_plan(&plan)?;
        settle(prefer_floats_in(plan)?, options)
    };
    let found = diagnose_query(&query, text, functions, &plan);
    if found.is_empty() {
        return errors;
    }
    errors.into_iter().filter(|error| error.kind != SqlErrorKind::Type).chain(found).collect()
}

/// Refuses literals that no row can make right; gives those that an enum column never holds.
fn refuse_literals(plan: &LogicalPlan, text: &SqlText<'_>) -> Result<Vec<NeverHeld>, Vec<SqlError>> {
    let (mut wrong, mut held) = (Vec::new(), Vec::new());
    // The closures never fail, so neither does the walk.
    let _ = plan.apply_with_subqueries(|plan| {
        let schema = merge_schema(&plan.inputs());
        plan.apply_expressions(|expr| {
            impossible(expr, text, &mut wrong);
            never_held(expr, &schema, text, &mut held);
            Ok(TreeNodeRecursion::Continue)
        })
    });
    if wrong.is_empty() { Ok(held) } else { Err(wrong) }
}

/// Refuses what types well and yet cannot run: a broken pattern or date that is written out, a sub-query that depends
/// on the rows around it in a way that no join can express. Else a run would find it.
fn refuse_unplannable(plan: LogicalPlan, text: &SqlText<'_>, known: Known<'_>, functions: &Functions) -> Result<(), Vec<SqlError>> {
    let plan = optimize(plan, functions).map_err(|error| convert(&error, text, known))?;
    let (mut dependent, mut membership) = (false, false);
    let walked = plan.apply_with_subqueries(|plan| {
        if let LogicalPlan::Limit(limit) = plan
            && (matches!(limit.get_fetch_type()?, FetchType::UnsupportedExpr)
                || matches!(limit.get_skip_type()?, SkipType::UnsupportedExpr))
        {
            return plan_err!("{LIMIT_WRITTEN}");
        }
        plan.apply_expressions(|expr| {
            dependent |= expr.exists(|expr| Ok(matches!(expr, Expr::OuterReferenceColumn(..))))?;
            membership |= expr.exists(|expr| Ok(matches!(expr, Expr::Exists(_) | Expr::InSubquery(_) | Expr::SetComparison(_))))?;
            Ok(TreeNodeRecursion::Continue)
        })
    });
    walked.map_err(|error| convert(&error, text, known))?;
    if dependent && !membership {
        let message = "a sub-query depends on the rows around it in a way that the engine cannot run".to_owned();
        let help = Some("write it as a join, with an `=` between the two sides".to_owned());
        return Err(vec![SqlError { help, ..not_allowed(message, None) }]);
    }
    if membership {
        let message = "`exists` and `in (select …)` can only be conditions of a `where`, parted by `and`".to_owned();
        let help = Some("write it as a join, or compare a count: `(select count(*) …) > 0`".to_owned());
        return Err(vec![SqlError { help, ..not_allowed(message, None) }]);
    }
    Ok(())
}

/// Plans a `select`; types are not settled yet.
pub(crate) fn plan_query(
    text: &SqlText<'_>,
    views: &Views,
    functions: &Functions,
    options: &ConfigOptions,
) -> Result<LogicalPlan, Vec<SqlError>> {
    let query = text.parse_query()?;
    if let Some(error) = refuse_depth(&query, text) {
        return Err(vec![error]);
    }
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
    let repeated: BTreeSet<&String> = plan.schema().fields().iter().map(|field| field.name()).filter(|name| !seen.insert(*name)).collect();
    let repeated: Vec<&str> = repeated.into_iter().map(String::as_str).collect();
    if repeated.is_empty() { Ok(plan) } else { Err(vec![duplicate_columns(&repeated, text)]) }
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
            equals: column.equals.into_iter().filter(|(_, how)| *how != Influence::Count).map(|(equal, _)| equal).collect(),
            from: column.from.into_iter().collect(),
            // Rows that columns decide of which nothing is known tell something of every column.
            certainty: column.opaque.or_else(|| lineage.hidden.clone()).map_or(Certainty::Exact, Certainty::Opaque),
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
        never_held: Vec::new(),
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
            _ => {
                self.refuse_ignored(ignored_of_query(query), || query.span());
                self.errors.extend(misused_limits(query, self.text));
                return ControlFlow::Continue(());
            }
        };
        self.errors.push(not_allowed(format!("a `select` cannot hold `{body}`"), self.text.known_range(query.span())));
        ControlFlow::Break(())
    }

    fn pre_visit_select(&mut self, select: &ast::Select) -> ControlFlow<()> {
        if let Some(into) = &select.into {
            self.errors.push(not_allowed("`select into` writes a table; a sink does that".to_owned(), self.text.known_range(into.span())));
        }
        self.refuse_ignored(ignored_of_select(select), || select.span());
        self.errors.extend(misused_calls(select, self.text, self.functions));
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
        self.refuse_ignored(ignored_of_table(factor), || factor.span());
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &ast::Expr) -> ControlFlow<()> {
        if let ast::Expr::Function(function) = expr
            && function.name.to_string().to_lowercase() != UNNEST
            && !self.functions.knows(&function.name.to_string().to_lowercase())
        {
            self.errors.push(unknown_function(function, self.text, self.functions, false));
        }
        self.errors.extend(impossible_interval(expr, self.text));
        ControlFlow::Continue(())
    }
}

impl QueryRules<'_> {
    fn refuse_ignored(&mut self, clause: Option<&str>, span: impl FnOnce() -> Span) {
        if let Some(clause) = clause {
            let range = self.text.find_word(clause.split(' ').next().unwrap_or(clause)).or_else(|| self.text.known_range(span()));
            self.errors.push(not_allowed(format!("`{clause}` is not supported"), range));
        }
    }
}

/// Clauses that parse and that the planner would pass over: the result would not be what was asked for.
fn ignored_of_query(query: &ast::Query) -> Option<&'static str> {
    [
        (!query.locks.is_empty() || query.for_clause.is_some(), "for"),
        (query.settings.is_some(), "settings"),
        (query.format_clause.is_some(), "format"),
        (query.fetch.is_some(), "fetch"),
    ]
    .into_iter()
    .find_map(|(there, name)| there.then_some(name))
}

fn ignored_of_select(select: &ast::Select) -> Option<&'static str> {
    [
        (select.top.is_some(), "top"),
        (select.prewhere.is_some(), "prewhere"),
        (!select.lateral_views.is_empty(), "lateral view"),
        (!select.connect_by.is_empty(), "connect by"),
        (!select.cluster_by.is_empty(), "cluster by"),
        (!select.distribute_by.is_empty(), "distribute by"),
        (!select.sort_by.is_empty(), "sort by"),
        (select.value_table_mode.is_some(), "as struct"),
    ]
    .into_iter()
    .find_map(|(there, name)| there.then_some(name))
}

fn ignored_of_table(factor: &TableFactor) -> Option<&'static str> {
    let (sample, others) = match factor {
        TableFactor::Table { sample, with_hints, version, with_ordinality, partitions, index_hints, json_path, .. } => {
            let others = [
                (!with_hints.is_empty(), "with"),
                (version.is_some(), "version"),
                (*with_ordinality, "with ordinality"),
                (!partitions.is_empty(), "partition"),
                (!index_hints.is_empty(), "index"),
                (json_path.is_some(), "a path into a view"),
            ];
            (sample, others.into_iter().find_map(|(there, name)| there.then_some(name)))
        }
        TableFactor::Derived { sample, .. } => (sample, None),
        _ => return None,
    };
    sample.is_some().then_some("tablesample").or(others)
}
