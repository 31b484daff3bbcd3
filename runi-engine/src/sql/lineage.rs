//! Where each output column of a plan comes from, and which columns decide which rows come out.
//!
//! The walk reads the analysed, unoptimised plan: types are settled, and nothing that was written
//! has been optimised away. Nullability is tracked along, because DataFusion's own is coarser
//! (see [`super::nulls`]). A node that is not understood makes its columns opaque, never silent.

use super::facts::Facts;
use super::nulls::{Scope, Set};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Column, DFSchema, JoinType};
use datafusion::logical_expr::utils::{grouping_set_to_exprlist, merge_schema};
use datafusion::logical_expr::{Aggregate, Distinct, Expr, Join, LogicalPlan, Subquery, WindowFunctionDefinition};
use runi_lang::sql::{ColumnRef, Influence};
use std::collections::{BTreeMap, BTreeSet};

/// What a value is made of.
pub(crate) type From = BTreeMap<ColumnRef, Influence>;

/// An output column of some node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Col {
    pub(crate) from: From,
    pub(crate) nullable: bool,
    /// Why nothing is known of it.
    pub(crate) opaque: Option<String>,
}

/// What a whole plan does.
#[derive(Debug, Default)]
pub(crate) struct Lineage {
    /// Columns that decide which rows come out.
    pub(crate) rows: BTreeSet<ColumnRef>,
    /// Views read.
    pub(crate) views: BTreeSet<String>,
    /// What its expressions do.
    pub(crate) facts: Facts,
    /// The nodes around a sub-query.
    outer: Vec<(DFSchema, Vec<Col>)>,
}

/// Columns that an expression can name.
type Scopes<'a> = &'a [(&'a DFSchema, &'a [Col])];

impl Lineage {
    /// The columns of a plan; `limited` says whether an order above decides which rows stay.
    pub(crate) fn plan(&mut self, plan: &LogicalPlan, limited: bool) -> Vec<Col> {
        self.gather(plan);
        match plan {
            LogicalPlan::TableScan(scan) => {
                let view = scan.table_name.table().to_owned();
                self.views.insert(view.clone());
                let column = |name: &str| ColumnRef { view: view.clone(), column: name.to_owned() };
                let fields = plan.schema().fields().iter();
                fields
                    .map(|field| Col {
                        from: From::from([(column(field.name()), Influence::Identity)]),
                        nullable: field.is_nullable(),
                        opaque: None,
                    })
                    .collect()
            }
            LogicalPlan::SubqueryAlias(alias) => self.plan(&alias.input, limited),
            LogicalPlan::Subquery(subquery) => self.plan(&subquery.subquery, limited),
            LogicalPlan::Repartition(repartition) => self.plan(&repartition.input, limited),
            LogicalPlan::Projection(projection) => {
                let input = self.plan(&projection.input, limited);
                self.columns(&projection.expr, projection.input.schema(), &input)
            }
            LogicalPlan::Filter(filter) => {
                let mut input = self.plan(&filter.input, limited);
                let schema = filter.input.schema();
                self.decides(&filter.predicate, &[(schema, &input)]);
                let nullable = nullability(&input);
                let known = Scope { schema, nullable: &nullable }.non_null_if(&filter.predicate, true);
                forget_nulls(&mut input, &known);
                input
            }
            LogicalPlan::Sort(sort) => {
                let input = self.plan(&sort.input, limited);
                if limited || sort.fetch.is_some() {
                    for by in &sort.expr {
                        self.decides(&by.expr, &[(sort.input.schema(), &input)]);
                    }
                }
                input
            }
            LogicalPlan::Limit(limit) => self.plan(&limit.input, true),
            LogicalPlan::Join(join) => self.join(join, limited),
            LogicalPlan::Aggregate(aggregate) => self.aggregate(aggregate, limited),
            LogicalPlan::Window(window) => {
                let input = self.plan(&window.input, limited);
                let mut columns = input.clone();
                columns.extend(self.columns(&window.window_expr, window.input.schema(), &input));
                columns
            }
            LogicalPlan::Union(union) => {
                let mut columns: Vec<Col> = Vec::new();
                for input in &union.inputs {
                    let input = self.plan(input, limited);
                    if columns.is_empty() {
                        columns = input;
                        continue;
                    }
                    for (column, other) in columns.iter_mut().zip(input) {
                        merge(&mut column.from, other.from);
                        column.nullable |= other.nullable;
                        column.opaque = column.opaque.take().or(other.opaque);
                    }
                }
                columns
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let columns = self.plan(input, limited);
                self.rows.extend(columns.iter().flat_map(|column| column.from.keys().cloned()));
                columns
            }
            LogicalPlan::Distinct(Distinct::On(on)) => {
                let input = self.plan(&on.input, limited);
                let scopes: Scopes<'_> = &[(on.input.schema(), &input)];
                for expr in &on.on_expr {
                    self.decides(expr, scopes);
                }
                for by in on.sort_expr.iter().flatten() {
                    self.decides(&by.expr, scopes);
                }
                self.columns(&on.select_expr, on.input.schema(), &input)
            }
            LogicalPlan::Values(values) => {
                let schema = DFSchema::empty();
                let scope = Scope { schema: &schema, nullable: &[] };
                let nullable =
                    |index: usize| values.values.iter().any(|row| row.get(index).is_none_or(|value| scope.nullable(value, &Set::new())));
                let column = |index: usize| {
                    let mut column = Col { nullable: nullable(index), ..Col::default() };
                    // A lateral `values` can hold columns of the rows around it.
                    for value in values.values.iter().filter_map(|row| row.get(index)) {
                        self.trace(value, &[], Influence::Identity, &mut column);
                    }
                    column
                };
                (0..values.schema.fields().len()).map(column).collect()
            }
            LogicalPlan::EmptyRelation(empty) => vec![Col::default(); empty.schema.fields().len()],
            LogicalPlan::Unnest(unnest) => {
                let input = self.plan(&unnest.input, limited);
                let column = |index: &usize| {
                    let mut column = input.get(*index).cloned().unwrap_or_else(|| opaque("unnest"));
                    column.from = composed(&column.from, Influence::Transformation);
                    column.nullable = true;
                    column
                };
                let columns: Vec<Col> = unnest.dependency_indices.iter().map(column).collect();
                let exploded = unnest.exec_columns.iter().filter_map(|column| unnest.input.schema().maybe_index_of_column(column));
                let rows: Vec<ColumnRef> =
                    exploded.filter_map(|index| input.get(index)).flat_map(|column| column.from.keys().cloned()).collect();
                self.rows.extend(rows);
                columns
            }
            other => {
                for input in other.inputs() {
                    self.plan(input, limited);
                }
                let reason = format!("`{}` is not traced", other.display().to_string().split_whitespace().next().unwrap_or("this part"));
                vec![opaque(&reason); other.schema().fields().len()]
            }
        }
    }

    /// Facts of the node's own expressions.
    fn gather(&mut self, plan: &LogicalPlan) {
        let schema = merge_schema(&plan.inputs());
        // The closure never fails, so neither does the walk.
        let _ = plan.apply_expressions(|expr| {
            self.facts.add(expr, &schema);
            Ok(TreeNodeRecursion::Continue)
        });
    }

    fn columns(&mut self, exprs: &[Expr], schema: &DFSchema, input: &[Col]) -> Vec<Col> {
        let nullable = nullability(input);
        let scope = Scope { schema, nullable: &nullable };
        exprs
            .iter()
            .map(|expr| {
                let mut column = Col { nullable: scope.nullable(expr, &Set::new()), ..Col::default() };
                self.trace(expr, &[(schema, input)], Influence::Identity, &mut column);
                column
            })
            .collect()
    }

    fn decides(&mut self, expr: &Expr, scopes: Scopes<'_>) {
        let mut column = Col::default();
        self.trace(expr, scopes, Influence::Transformation, &mut column);
        self.rows.extend(column.from.into_keys());
    }

    fn join(&mut self, join: &Join, limited: bool) -> Vec<Col> {
        let (mut left, mut right) = (self.plan(&join.left, limited), self.plan(&join.right, limited));
        let (left_schema, right_schema) = (join.left.schema(), join.right.schema());
        let mut deciding = Col::default();
        let scopes: Scopes<'_> = &[(left_schema, &left), (right_schema, &right)];
        let exprs = join.on.iter().flat_map(|(l, r)| [l, r]).chain(&join.filter);
        for expr in exprs {
            self.trace(expr, scopes, Influence::Transformation, &mut deciding);
        }
        self.rows.extend(deciding.from.keys().cloned());
        if join.join_type == JoinType::Inner {
            // Keys that are equal are not null.
            for (l, r) in &join.on {
                forget_null_column(l, left_schema, &mut left);
                forget_null_column(r, right_schema, &mut right);
            }
        }
        if matches!(join.join_type, JoinType::Left | JoinType::Full) {
            right.iter_mut().for_each(|column| column.nullable = true);
        }
        if matches!(join.join_type, JoinType::Right | JoinType::Full) {
            left.iter_mut().for_each(|column| column.nullable = true);
        }
        let mark = Col { nullable: false, ..deciding };
        match join.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti => left,
            JoinType::RightSemi | JoinType::RightAnti => right,
            JoinType::LeftMark => left.into_iter().chain([mark]).collect(),
            JoinType::RightMark => right.into_iter().chain([mark]).collect(),
            _ => left.into_iter().chain(right).collect(),
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate, limited: bool) -> Vec<Col> {
        let input = self.plan(&aggregate.input, limited);
        let schema = aggregate.input.schema();
        let sets = matches!(aggregate.group_expr.as_slice(), [Expr::GroupingSet(_)]);
        let groups: Vec<Expr> = match grouping_set_to_exprlist(&aggregate.group_expr) {
            Ok(groups) => groups.into_iter().cloned().collect(),
            Err(_) => return vec![opaque("grouping sets are not traced"); aggregate.schema.fields().len()],
        };
        let mut columns = self.columns(&groups, schema, &input);
        self.rows.extend(columns.iter().flat_map(|column| column.from.keys().cloned()));
        if sets {
            columns.iter_mut().for_each(|column| column.nullable = true);
            columns.push(Col::default());
        }
        let mut aggregates = self.columns(&aggregate.aggr_expr, schema, &input);
        if !groups.is_empty() && !sets {
            let nullable = nullability(&input);
            let scope = Scope { schema, nullable: &nullable };
            for (column, expr) in aggregates.iter_mut().zip(&aggregate.aggr_expr) {
                column.nullable &= aggregate_nullable(expr, &scope);
            }
        }
        columns.append(&mut aggregates);
        columns
    }

    /// Adds what `expr` reads to `into`.
    fn trace(&mut self, expr: &Expr, scopes: Scopes<'_>, how: Influence, into: &mut Col) {
        match expr {
            Expr::Alias(alias) => self.trace(&alias.expr, scopes, how, into),
            Expr::Column(column) => match find(column, scopes) {
                Some(found) => {
                    merge(&mut into.from, composed(&found.from, how));
                    into.opaque = into.opaque.take().or_else(|| found.opaque.clone());
                }
                None => into.opaque = Some(format!("`{}` is not traced", column.name)),
            },
            Expr::OuterReferenceColumn(_, column) => {
                let outer = self.outer.iter().rev().find_map(|(schema, columns)| find(column, &[(schema, columns)]));
                match outer {
                    Some(found) => {
                        merge(&mut into.from, composed(&found.from, how));
                        into.opaque = into.opaque.take().or_else(|| found.opaque.clone());
                    }
                    None => into.opaque = Some(format!("`{}` is not traced", column.name)),
                }
            }
            Expr::AggregateFunction(function) => {
                let argument = if function.func.name() == "count" { Influence::Count } else { Influence::Aggregation };
                for arg in &function.params.args {
                    self.trace(arg, scopes, argument, into);
                }
                // What is counted can be told from a condition on it, so a condition is more than a count.
                for condition in function.params.filter.as_deref().into_iter().chain(function.params.order_by.iter().map(|by| &by.expr)) {
                    self.trace(condition, scopes, Influence::Aggregation, into);
                }
            }
            Expr::WindowFunction(function) => {
                let argument = match &function.fun {
                    WindowFunctionDefinition::AggregateUDF(udf) if udf.name() == "count" => Influence::Count,
                    WindowFunctionDefinition::AggregateUDF(_) => Influence::Aggregation,
                    WindowFunctionDefinition::WindowUDF(_) => Influence::Transformation,
                };
                let params = &function.params;
                for arg in &params.args {
                    self.trace(arg, scopes, argument, into);
                }
                let order = params.order_by.iter().map(|by| &by.expr);
                for part in params.partition_by.iter().chain(order).chain(params.filter.as_deref()) {
                    self.trace(part, scopes, Influence::Transformation, into);
                }
            }
            Expr::ScalarSubquery(subquery) => {
                let (columns, _) = self.subquery(subquery, scopes);
                for column in columns {
                    merge(&mut into.from, composed(&column.from, how.max(Influence::Transformation)));
                    into.opaque = into.opaque.take().or(column.opaque);
                }
            }
            Expr::Exists(exists) => {
                let (_, rows) = self.subquery(&exists.subquery, scopes);
                merge(&mut into.from, rows.into_iter().map(|column| (column, Influence::Transformation)).collect());
            }
            Expr::InSubquery(within) => {
                self.trace(&within.expr, scopes, Influence::Transformation, into);
                self.membership(&within.subquery, scopes, into);
            }
            Expr::SetComparison(comparison) => {
                self.trace(&comparison.expr, scopes, Influence::Transformation, into);
                self.membership(&comparison.subquery, scopes, into);
            }
            other => {
                let how = compose(how, Influence::Transformation);
                let mut children = Vec::new();
                let walked = datafusion::common::tree_node::TreeNode::apply_children(other, |child| {
                    children.push(child.clone());
                    Ok(TreeNodeRecursion::Continue)
                });
                if walked.is_err() {
                    into.opaque = Some("an expression is not traced".to_owned());
                }
                for child in &children {
                    self.trace(child, scopes, how, into);
                }
            }
        }
    }

    fn membership(&mut self, subquery: &Subquery, scopes: Scopes<'_>, into: &mut Col) {
        let (columns, rows) = self.subquery(subquery, scopes);
        for column in columns {
            merge(&mut into.from, composed(&column.from, Influence::Transformation));
            into.opaque = into.opaque.take().or(column.opaque);
        }
        merge(&mut into.from, rows.into_iter().map(|column| (column, Influence::Transformation)).collect());
    }

    /// The columns of a sub-query, and the columns that decide its rows.
    fn subquery(&mut self, subquery: &Subquery, scopes: Scopes<'_>) -> (Vec<Col>, BTreeSet<ColumnRef>) {
        let depth = self.outer.len();
        self.outer.extend(scopes.iter().map(|(schema, columns)| ((*schema).clone(), columns.to_vec())));
        let before = std::mem::take(&mut self.rows);
        let columns = self.plan(&subquery.subquery, false);
        let rows = std::mem::replace(&mut self.rows, before);
        self.rows.extend(rows.iter().cloned());
        self.outer.truncate(depth);
        (columns, rows)
    }
}

/// Whether an aggregate of a group, which is never empty, can be null.
fn aggregate_nullable(expr: &Expr, scope: &Scope<'_>) -> bool {
    match expr {
        Expr::Alias(alias) => aggregate_nullable(&alias.expr, scope),
        Expr::AggregateFunction(function) if matches!(function.func.name(), "sum" | "min" | "max" | "avg" | "bool_and" | "bool_or") => {
            function.params.filter.is_some() || function.params.args.iter().any(|arg| scope.nullable(arg, &Set::new()))
        }
        _ => true,
    }
}

fn find<'a>(column: &Column, scopes: &[(&'a DFSchema, &'a [Col])]) -> Option<&'a Col> {
    scopes.iter().find_map(|(schema, columns)| columns.get(schema.maybe_index_of_column(column)?))
}

fn opaque(reason: &str) -> Col {
    Col { from: From::new(), nullable: true, opaque: Some(reason.to_owned()) }
}

fn nullability(columns: &[Col]) -> Vec<bool> {
    columns.iter().map(|column| column.nullable).collect()
}

fn forget_nulls(columns: &mut [Col], known: &Set) {
    for index in known {
        if let Some(column) = columns.get_mut(*index) {
            column.nullable = false;
        }
    }
}

fn forget_null_column(expr: &Expr, schema: &DFSchema, columns: &mut [Col]) {
    if let Expr::Column(column) = expr {
        forget_nulls(columns, &schema.maybe_index_of_column(column).into_iter().collect());
    }
}

/// What a value is made of when something is done to it.
fn composed(from: &From, how: Influence) -> From {
    from.iter().map(|(column, inner)| (column.clone(), compose(*inner, how))).collect()
}

/// The later of the two in the order identity, transformation, aggregation, count: nothing undoes an aggregation.
fn compose(inner: Influence, outer: Influence) -> Influence {
    inner.max(outer)
}

/// Keeps the strongest influence of each column.
fn merge(into: &mut From, other: From) {
    for (column, influence) in other {
        into.entry(column).and_modify(|known| *known = (*known).min(influence)).or_insert(influence);
    }
}
