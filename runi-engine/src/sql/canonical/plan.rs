//! The normal form of a `select`.
//!
//! A plan is written from its scans upwards. Each column is written as what it is made of, so the names that a query gives
//! to its parts (aliases, CTEs, sub-queries) are nowhere in the form. What changes the rows (a filter, a join, an
//! aggregate, a limit, a window) is a level of the form, and columns that cross it say so: `coalesce(x, 0)` below an
//! outer join is not the same as above it.

use super::{Writer, call, quoted};
use crate::sql::engine::DataFusionEngine;
use crate::sql::query::{Views, plan_query};
use crate::sql::text::SqlText;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Distinct, Expr, Join, LogicalPlan, Operator, Volatility};
use datafusion::optimizer::Analyzer;
use runi_lang::sql::{Canonical, view_form};

/// The form of a plan so far.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Which rows there are.
    rows: String,
    /// What each output column is made of.
    columns: Vec<String>,
}

/// The normal form of a `select`; `None` when it has none.
pub(crate) fn canonical_query(engine: &DataFusionEngine, text: &SqlText<'_>, views: &Views) -> Option<Canonical> {
    let plan = plan_query(text, views, &engine.functions, &engine.options).ok()?;
    let plan = Analyzer::new().execute_and_check(plan, &engine.options, |_, _| {}).ok()?;
    if is_volatile(&plan) {
        return None;
    }
    let names: Vec<String> = plan.schema().fields().iter().map(|field| quoted(field.name())).collect();
    let write = |unordered| -> Option<String> {
        let node = Node::of(engine, &plan, unordered)?;
        let columns = names.iter().zip(&node.columns).map(|(name, column)| call("as", &[name.clone(), column.clone()]));
        call("query", &[columns.collect::<Option<Vec<_>>>()?, vec![node.rows.clone()]].concat())
    };
    Some(Canonical { form: write(false)?, unordered: write(true)?, parts: Vec::new() })
}

fn is_volatile(plan: &LogicalPlan) -> bool {
    let mut volatile = false;
    // The closure never fails, so neither does the walk.
    let _ = plan.apply_with_subqueries(|plan| {
        plan.apply_expressions(|expr| {
            volatile |= expr.exists(|expr| {
                Ok(match expr {
                    Expr::ScalarFunction(function) => function.func.signature().volatility == Volatility::Volatile,
                    _ => false,
                })
            })?;
            Ok(TreeNodeRecursion::Continue)
        })
    });
    volatile
}

impl Node {
    /// The form of a plan; `None` when a part of it has none.
    pub(crate) fn of(engine: &DataFusionEngine, plan: &LogicalPlan, unordered: bool) -> Option<Self> {
        let of = |plan: &LogicalPlan| Self::of(engine, plan, unordered);
        match plan {
            LogicalPlan::TableScan(scan) if scan.filters.is_empty() && scan.fetch.is_none() => {
                let columns = plan.schema().fields().iter().map(|field| quoted(field.name())).collect();
                Some(Self { rows: view_form(scan.table_name.table()), columns })
            }
            LogicalPlan::SubqueryAlias(alias) => of(&alias.input),
            LogicalPlan::Subquery(subquery) if subquery.outer_ref_columns.is_empty() => of(&subquery.subquery),
            LogicalPlan::Projection(projection) => {
                let input = of(&projection.input)?;
                let columns = input.writer(engine, projection.input.schema(), unordered, |writer| {
                    let write = |expr: &Expr| {
                        let form = writer.write(expr)?;
                        // Which rows make it fail depends on where it is computed.
                        if writer.can_fail(expr) { input.bound("computed", &form) } else { Some(form) }
                    };
                    projection.expr.iter().map(write).collect()
                })?;
                Some(Self { rows: input.rows, columns })
            }
            LogicalPlan::Filter(filter) => {
                let input = of(&filter.input)?;
                let condition = input.writer(engine, filter.input.schema(), unordered, |writer| writer.write(&filter.predicate))?;
                Some(Self { rows: call("filter", &[condition, input.rows])?, columns: input.columns })
            }
            LogicalPlan::Sort(sort) => {
                let input = of(&sort.input)?;
                let by = input.writer(engine, sort.input.schema(), unordered, |writer| writer.sorts(&sort.expr))?;
                Some(Self { rows: call("sort", &[call("by", &by)?, format!("{:?}", sort.fetch), input.rows])?, columns: input.columns })
            }
            LogicalPlan::Limit(limit) => {
                let input = of(&limit.input)?;
                let empty = DFSchema::empty();
                let writer = Writer { engine, schema: &empty, columns: &[], unordered };
                let skip = call("skip", &writer.all(limit.skip.as_deref())?)?;
                let fetch = call("fetch", &writer.all(limit.fetch.as_deref())?)?;
                Some(Self { rows: call("limit", &[skip, fetch, input.rows])?, columns: input.columns })
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let input = of(input)?;
                let mut distinct = input.columns.clone();
                distinct.sort_unstable();
                distinct.dedup();
                Some(Self { rows: call("distinct", &[call("of", &distinct)?, input.rows])?, columns: input.columns })
            }
            LogicalPlan::Aggregate(aggregate) => {
                let input = of(&aggregate.input)?;
                let (groups, values) = input.writer(engine, aggregate.input.schema(), unordered, |writer| {
                    Some((writer.all(&aggregate.group_expr)?, writer.all(&aggregate.aggr_expr)?))
                })?;
                let mut sorted = groups.clone();
                sorted.sort_unstable();
                sorted.dedup();
                let columns = groups.iter().chain(&values).map(|column| call("grouped", std::slice::from_ref(column)));
                let columns = columns.collect::<Option<_>>()?;
                Some(Self { rows: call("group", &[call("by", &sorted)?, input.rows])?, columns })
            }
            LogicalPlan::Window(window) => {
                let input = of(&window.input)?;
                let made = input.writer(engine, window.input.schema(), unordered, |writer| writer.all(&window.window_expr))?;
                // One window function says different things of different rows.
                let made = made.iter().map(|form| input.bound("windowed", form)).collect::<Option<Vec<_>>>()?;
                Some(Self { rows: call("windowed", &[input.rows])?, columns: [input.columns, made].concat() })
            }
            LogicalPlan::Union(union) => {
                let inputs: Vec<Self> = union.inputs.iter().map(|input| of(input)).collect::<Option<_>>()?;
                let parts: Vec<String> = inputs.iter().map(Self::whole).collect::<Option<_>>()?;
                let columns = (0..plan.schema().fields().len()).map(|at| format!("(union-column {at})")).collect();
                Some(Self { rows: call("union", &parts)?, columns })
            }
            LogicalPlan::Join(join) => Self::join(engine, join, unordered),
            LogicalPlan::EmptyRelation(empty) if empty.schema.fields().is_empty() => {
                Some(Self { rows: format!("(nothing {})", empty.produce_one_row), columns: Vec::new() })
            }
            _ => None,
        }
    }

    /// Rows and columns together.
    pub(crate) fn whole(&self) -> Option<String> {
        call("rows", &[self.columns.as_slice(), std::slice::from_ref(&self.rows)].concat())
    }

    /// A column that depends on which rows there are.
    fn bound(&self, name: &str, form: &str) -> Option<String> {
        call(name, &[form.to_owned(), blake3::hash(self.rows.as_bytes()).to_hex().to_string()])
    }

    fn writer<T>(
        &self,
        engine: &DataFusionEngine,
        schema: &DFSchema,
        unordered: bool,
        with: impl FnOnce(&Writer<'_>) -> Option<T>,
    ) -> Option<T> {
        // Columns are found by position; a schema of another width would mix them up.
        if schema.fields().len() != self.columns.len() {
            return None;
        }
        with(&Writer { engine, schema, columns: &self.columns, unordered })
    }

    fn join(engine: &DataFusionEngine, join: &Join, unordered: bool) -> Option<Self> {
        let (left, right) = (Self::of(engine, &join.left, unordered)?, Self::of(engine, &join.right, unordered)?);
        let mark = |side: &str, columns: &[String]| -> Option<Vec<String>> {
            columns.iter().map(|column| call(side, std::slice::from_ref(column))).collect()
        };
        let both = Self { rows: String::new(), columns: [mark("left", &left.columns)?, mark("right", &right.columns)?].concat() };
        let schema = join.left.schema().join(join.right.schema()).ok()?;
        let equal = join.on.iter().map(|(l, r)| {
            Expr::BinaryExpr(datafusion::logical_expr::BinaryExpr {
                left: Box::new(l.clone()),
                op: Operator::Eq,
                right: Box::new(r.clone()),
            })
        });
        let condition = equal.chain(join.filter.clone()).reduce(Expr::and);
        let condition = match condition {
            Some(condition) => both.writer(engine, &schema, unordered, |writer| writer.write(&condition))?,
            None => "true".to_owned(),
        };
        let kind = format!("{:?} {:?} {}", join.join_type, join.null_equality, join.null_aware);
        let rows = call("join", &[quoted(&kind), condition, left.rows, right.rows])?;
        (join.schema.fields().len() == both.columns.len()).then_some(Self { rows, columns: both.columns })
    }
}
