//! Where each output column of a plan comes from, and which columns decide which rows come out.
//!
//! The walk reads the analysed, unoptimised plan: types are settled, and nothing that was written
//! has been optimised away. Nullability is tracked along, because DataFusion's own is coarser
//! (see [`super::nulls`]). A node that is not understood makes its columns opaque, never silent.

mod col;
mod equal;
mod trace;

use super::facts::Facts;
use super::nulls::{Scope, Set};
pub(crate) use col::{Col, From};
use col::{Scopes, forget_null_column, forget_nulls, nullability};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DFSchema, JoinType};
use datafusion::logical_expr::utils::{grouping_set_to_exprlist, merge_schema};
use datafusion::logical_expr::{Aggregate, Distinct, Expr, Join, LogicalPlan};
use equal::Equal;
use runi_lang::sql::{ColumnRef, Influence};
use std::collections::BTreeSet;

/// What a whole plan does.
#[derive(Debug, Default)]
pub(crate) struct Lineage {
    /// Columns that decide which rows come out.
    pub(crate) rows: BTreeSet<ColumnRef>,
    /// Views read.
    pub(crate) views: BTreeSet<String>,
    /// What its expressions do.
    pub(crate) facts: Facts,
    /// Why it is not known which columns decide its rows.
    pub(crate) hidden: Option<String>,
    /// The nodes around a sub-query.
    outer: Vec<(DFSchema, Vec<Col>)>,
}

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
                        ..Col::default()
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
                let equal = self.equalities(&filter.predicate, &[(schema, &input)]);
                self.equate(&equal, &mut [(schema, &mut input)]);
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
                        column.add(&other, Influence::Identity);
                        column.nullable |= other.nullable;
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
                    let mut column = Col { nullable: true, ..Col::default() };
                    match input.get(*index) {
                        Some(list) => column.add(list, Influence::Transformation),
                        None => column.opaque = Some("`unnest` is not traced".to_owned()),
                    }
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
                vec![Col::opaque(&reason); other.schema().fields().len()]
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
        self.hidden = self.hidden.take().or(column.opaque);
    }

    fn join(&mut self, join: &Join, limited: bool) -> Vec<Col> {
        let (left_schema, right_schema) = (join.left.schema(), join.right.schema());
        let mut left = self.plan(&join.left, limited);
        // A lateral right side reads the row of the left one.
        self.outer.push((left_schema.as_ref().clone(), left.clone()));
        let mut right = self.plan(&join.right, limited);
        self.outer.pop();
        let mut deciding = Col::default();
        let scopes: Scopes<'_> = &[(left_schema, &left), (right_schema, &right)];
        let exprs = join.on.iter().flat_map(|(l, r)| [l, r]).chain(&join.filter);
        for expr in exprs {
            self.trace(expr, scopes, Influence::Transformation, &mut deciding);
        }
        self.rows.extend(deciding.from.keys().cloned());
        self.hidden = self.hidden.take().or_else(|| deciding.opaque.clone());
        let mut equal: Vec<Equal<'_>> = join.on.iter().map(|(l, r)| Equal::pair(l, r)).collect();
        if let Some(filter) = &join.filter {
            equal.extend(self.equalities(filter, &[(left_schema, &left), (right_schema, &right)]));
        }
        if !matches!(join.join_type, JoinType::LeftAnti | JoinType::RightAnti | JoinType::LeftMark | JoinType::RightMark) {
            self.equate(&equal, &mut [(left_schema, &mut left), (right_schema, &mut right)]);
        }
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
            Err(_) => return vec![Col::opaque("grouping sets are not traced"); aggregate.schema.fields().len()],
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
