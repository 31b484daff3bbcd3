//! Set-level steps: a `select` over views.

use super::ctx::Ctx;
use super::rows::{condition, warn_null};
use super::scope::{Col, find, schema};
use crate::diagnostic::{Place, TextRange};
use crate::diagnostics::{contracts, types};
use crate::ir::Condition;
use crate::model::{OnFail, Promise, Sql, StepKind};
use crate::schema::Column;
use crate::sql::{Bindings, Certainty};
use std::collections::{BTreeMap, BTreeSet};

/// What a set-level step gives.
#[derive(Debug, Default)]
pub(crate) struct Set {
    /// Its columns.
    pub(crate) cols: Vec<Col>,
    /// The views that it really reads.
    pub(crate) views: Vec<String>,
    /// Promises.
    pub(crate) then: Vec<Condition>,
    /// Sensitive columns that choose rows.
    pub(crate) choices: Vec<(Place, &'static str, Vec<String>)>,
    /// Whether the columns are not known.
    pub(crate) broken: bool,
    /// Whether it reads the clock.
    pub(crate) clock: Option<TextRange>,
    /// For each output column, the view columns that it came from, for the words of a leak.
    pub(crate) origins: BTreeMap<String, String>,
}

/// The `select` of a body, when it has one.
pub(crate) fn select(body: &StepKind) -> Option<&Sql> {
    body.actions.iter().find_map(|block| match &block.action {
        crate::model::Action::Query(sql) => Some(sql),
        _ => None,
    })
}

/// Types a set-level body over views; `later` knows steps that stand further down.
pub(crate) fn type_set(
    ctx: &Ctx<'_>,
    views: &[(String, Vec<Col>)],
    body: &StepKind,
    sql: &Sql,
    bindings: &Bindings,
    on_fail: OnFail,
    later: &dyn Fn(&str) -> bool,
) -> Set {
    let mut out = Set::default();
    form(ctx, body);
    let shapes = views.iter().map(|(name, cols)| (name.clone(), schema(cols))).collect();
    let Some(typed) = ctx.query(sql, &shapes, bindings, later) else {
        out.broken = true;
        return out;
    };
    if typed.reads_clock {
        out.clock = Some(sql.range);
    }
    let view = |name: &str| views.iter().find(|(view, _)| view == name).map(|(_, cols)| cols);
    let mut seen = BTreeSet::new();
    for column in typed.columns {
        if !seen.insert(column.name.clone()) {
            ctx.emit(types::column_conflict(ctx.place(sql.range), &column.name));
            out.broken = true;
            continue;
        }
        let mut col = Col::new(Column { name: column.name.clone(), ty: column.ty, nullable: column.nullable });
        let mut origins = Vec::new();
        let mut lost = matches!(column.certainty, Certainty::Opaque(_));
        for (from, influence) in &column.from {
            match view(&from.view).and_then(|cols| find(cols, &from.column)) {
                Some(source) => {
                    col.derive(source, *influence);
                    origins.push(format!("`{}.{}`", from.view, from.column));
                }
                None => lost = true,
            }
        }
        for from in &column.equals {
            if let Some(source) = view(&from.view).and_then(|cols| find(cols, &from.column)) {
                col.labels.merge(&source.labels.pointed());
                origins.push(format!("what equals `{}.{}`", from.view, from.column));
            }
        }
        if lost {
            // Nothing is known, so everything is assumed.
            for source in views.iter().flat_map(|(_, cols)| cols) {
                col.derive(source, crate::sql::Influence::Transformation);
            }
        }
        col.certainty = super::scope::weaker(&col.certainty, &column.certainty);
        out.origins.insert(column.name, origins.join(", "));
        out.cols.push(col);
    }
    let open = out.cols.iter().any(|col| col.labels.is_empty());
    let mut sensitive: Vec<String> = typed
        .row_influences
        .iter()
        .filter(|read| view(&read.view).and_then(|cols| find(cols, &read.column)).is_some_and(|col| col.labels.chooses(open)))
        .map(|read| format!("{}.{}", read.view, read.column))
        .collect();
    sensitive.sort();
    sensitive.dedup();
    if !sensitive.is_empty() {
        out.choices.push((ctx.place(sql.range), "this `select`", sensitive));
    }
    out.views = typed.views;
    promises(ctx, &body.then, &mut out, bindings, on_fail);
    out
}

/// A set-level step has one `@do` and no guard.
fn form(ctx: &Ctx<'_>, body: &StepKind) {
    if let Some(when) = body.when.first() {
        ctx.emit(contracts::step_form(
            ctx.place(when.sql.range),
            "a `select` has no `@when`",
            "choose its rows with a `where`; guard single rows in a step of their own",
        ));
    }
    if let Some(second) = body.actions.get(1) {
        ctx.emit(contracts::step_form(ctx.place(second.range), "a `select` stands alone in its step", "give each `@do` a step of its own"));
    }
}

fn promises(ctx: &Ctx<'_>, then: &[Promise], out: &mut Set, bindings: &Bindings, on_fail: OnFail) {
    let output = schema(&out.cols);
    let mut proved = Vec::new();
    for promise in then {
        if !out.broken
            && let Some(typed) = ctx.condition(&promise.sql, &output, bindings, "a `@then`")
        {
            warn_null(ctx, &typed, &output, promise.sql.range);
            proved.extend(typed.rejects_null);
        }
        out.then.push(condition(promise));
    }
    if on_fail != OnFail::Warn {
        for col in &mut out.cols {
            col.column.nullable &= !proved.contains(&col.column.name);
        }
    }
}
