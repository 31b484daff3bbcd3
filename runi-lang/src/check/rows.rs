//! Row-level steps: a guarded command with a postcondition, typed action by action.
//!
//! Two nullabilities are kept per column: in the rows that the guard chose, and in the others. What a guard, a
//! `keep where` or a promise proves holds for the chosen rows; what leaves the step is either of both.

use super::cast::cast_sql;
use super::ctx::Ctx;
use super::labels::LabelSet;
use super::literal;
use super::scope::{Col, find, names, schema};
use crate::diagnostic::{Place, TextRange};
use crate::diagnostics::names::{bad_argument, unknown_column};
use crate::diagnostics::{contracts, types};
use crate::ir::{Condition, RowAction};
use crate::model::{Action, OnFail, Promise, Spanned, Sql, StepKind};
use crate::schema::{Column, Schema};
use crate::sql::{Binding, Bindings, Influence, TypedExpr};
use crate::types::DataType;
use std::collections::{BTreeMap, BTreeSet};

/// What a row-level step makes of its input.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// The columns that leave it.
    pub(crate) cols: Vec<Col>,
    /// Guards.
    pub(crate) when: Vec<Condition>,
    /// Actions.
    pub(crate) actions: Vec<RowAction>,
    /// Promises.
    pub(crate) then: Vec<Condition>,
    /// Clauses that choose rows by sensitive columns: where, what, which.
    pub(crate) choices: Vec<(Place, &'static str, Vec<String>)>,
    /// Whether the columns that leave it are not known.
    pub(crate) broken: bool,
    /// Columns that were assigned, with the place of the (last) target.
    pub(crate) assigned: BTreeMap<String, TextRange>,
    /// Whether a read depends on the clock, and where.
    pub(crate) clock: Option<TextRange>,
}

struct Walk<'c, 'a> {
    ctx: &'c Ctx<'a>,
    bindings: &'c Bindings,
    guard: Option<TextRange>,
    guard_labels: LabelSet,
    /// The columns as the chosen rows have them.
    cols: Vec<Col>,
    /// Nullability in the rows that were not chosen, by name.
    others: BTreeMap<String, bool>,
    out: Rows,
}

/// Types a row-level body over `input`.
pub(crate) fn type_rows(ctx: &Ctx<'_>, input: &[Col], body: &StepKind, bindings: &Bindings, on_fail: OnFail) -> Rows {
    let mut walk = Walk {
        ctx,
        bindings,
        guard: body.when.first().map(|promise| promise.sql.range),
        guard_labels: LabelSet::default(),
        cols: input.to_vec(),
        others: input.iter().map(|col| (col.column.name.clone(), col.column.nullable)).collect(),
        out: Rows::default(),
    };
    walk.guards(&body.when);
    for block in &body.actions {
        walk.action(&block.action, block.range);
    }
    walk.promises(&body.then, on_fail);
    walk.finish()
}

/// A promise's title and text, for the run.
pub(crate) fn condition(promise: &Promise) -> Condition {
    let title = promise.title.as_ref().map_or_else(|| promise.sql.text.trim().to_owned(), |title| title.value.clone());
    Condition { title, sql: promise.sql.text.clone() }
}

/// Labelled columns among those that an expression reads.
pub(crate) fn sensitive_reads(typed: &TypedExpr, cols: &[Col]) -> Vec<String> {
    let open = cols.iter().any(|col| col.labels.is_empty());
    let chooses = |name: &str| find(cols, name).is_some_and(|col| col.labels.chooses(open));
    typed.reads.iter().filter(|(name, influence)| *influence != Influence::Count && chooses(name)).map(|(name, _)| name.clone()).collect()
}

impl Walk<'_, '_> {
    fn schema(&self) -> Schema {
        schema(&self.cols)
    }

    fn chosen_not_null(&mut self, columns: &[String]) {
        for col in &mut self.cols {
            if columns.contains(&col.column.name) {
                col.column.nullable = false;
            }
        }
    }

    fn note_clock(&mut self, typed: &TypedExpr, range: TextRange) {
        if typed.reads_clock {
            self.out.clock.get_or_insert(range);
        }
    }

    fn guards(&mut self, when: &[Promise]) {
        let input = self.schema();
        let mut proved = Vec::new();
        for promise in when {
            if let Some(typed) = self.ctx.condition(&promise.sql, &input, self.bindings, "a `@when`") {
                self.note_clock(&typed, promise.sql.range);
                for (name, influence) in &typed.reads {
                    if *influence != Influence::Count
                        && let Some(col) = find(&self.cols, name)
                    {
                        self.guard_labels.merge(&col.labels);
                    }
                }
                proved.extend(typed.proves_not_null);
            }
            self.out.when.push(condition(promise));
        }
        self.chosen_not_null(&proved);
    }

    fn action(&mut self, action: &Action, range: TextRange) {
        match action {
            Action::Assign(assignments) => self.assign(assignments),
            Action::Rename(pairs) => self.rename(pairs, range),
            Action::DropColumns(columns) => {
                if self.whole_shape("`drop`", range) && self.known(columns) {
                    let gone: Vec<String> = columns.iter().map(|column| column.value.clone()).collect();
                    self.cols.retain(|col| !gone.contains(&col.column.name));
                    self.out.actions.push(RowAction::DropColumns(gone));
                }
            }
            Action::KeepColumns(columns) => {
                if self.whole_shape("`keep`", range) && self.known(columns) {
                    let kept: Vec<String> = columns.iter().map(|column| column.value.clone()).collect();
                    self.cols = kept.iter().filter_map(|name| find(&self.cols, name).cloned()).collect();
                    self.out.actions.push(RowAction::KeepColumns(kept));
                }
            }
            Action::DropWhere(sql) => self.filter(sql, true),
            Action::KeepWhere(sql) => self.filter(sql, false),
            Action::Query(_) => {
                self.ctx.emit(contracts::step_form(
                    self.ctx.place(range),
                    "a `select` stands alone in its step",
                    "give the `select` a step of its own: it has no `@when` and no other `@do`",
                ));
                self.out.broken = true;
            }
            Action::Broken => self.out.broken = true,
        }
    }

    /// Whether an action that changes all rows may stand here.
    fn whole_shape(&mut self, what: &str, range: TextRange) -> bool {
        let Some(guard) = self.guard else { return true };
        self.ctx.emit(types::guarded_shape_change(self.ctx.place(range), what, self.ctx.place(guard)));
        self.out.broken = true;
        false
    }

    fn known(&mut self, columns: &[Spanned<String>]) -> bool {
        let mut seen = BTreeSet::new();
        let mut fine = true;
        for column in columns {
            if find(&self.cols, &column.value).is_none() {
                self.ctx.emit(unknown_column(self.ctx.place(column.range), &column.value, "", &names(&self.cols)));
                fine = false;
            } else if !seen.insert(column.value.as_str()) {
                // Reading the file said so.
                fine = false;
            }
        }
        self.out.broken |= !fine;
        fine
    }

    fn rename(&mut self, pairs: &[(Spanned<String>, Spanned<String>)], range: TextRange) {
        let old: Vec<Spanned<String>> = pairs.iter().map(|(old, _)| old.clone()).collect();
        if !(self.whole_shape("`rename`", range) && self.known(&old)) {
            return;
        }
        let map: BTreeMap<&str, &str> = pairs.iter().map(|(old, new)| (old.value.as_str(), new.value.as_str())).collect();
        let mut taken: BTreeSet<&str> =
            self.cols.iter().map(|col| col.column.name.as_str()).filter(|name| !map.contains_key(name)).collect();
        for (_, new) in pairs {
            if !taken.insert(&new.value) {
                self.ctx.emit(types::column_conflict(self.ctx.place(new.range), &new.value));
                self.out.broken = true;
            }
        }
        for col in &mut self.cols {
            if let Some(new) = map.get(col.column.name.as_str()) {
                if let Some(nullable) = self.others.get(&col.column.name).copied() {
                    self.others.insert((*new).to_owned(), nullable);
                }
                col.column.name = (*new).to_owned();
            }
        }
        self.out.actions.push(RowAction::Rename(pairs.iter().map(|(old, new)| (old.value.clone(), new.value.clone())).collect()));
    }

    fn filter(&mut self, sql: &Sql, drops: bool) {
        let input = self.schema();
        let what = if drops { "`drop where`" } else { "`keep where`" };
        if let Some(typed) = self.ctx.condition(sql, &input, self.bindings, what) {
            self.note_clock(&typed, sql.range);
            let sensitive = sensitive_reads(&typed, &self.cols);
            if !sensitive.is_empty() {
                self.out.choices.push((self.ctx.place(sql.range), what, sensitive));
            }
            let proved = if drops {
                // A row stays when the clause is not true; that is "false" only where it cannot be null.
                let negated = format!("not ({}\n)", sql.text);
                match self.ctx.engine.expr(&negated, &input, self.bindings) {
                    Ok(negated) if !typed.nullable => negated.proves_not_null,
                    _ => Vec::new(),
                }
            } else {
                typed.proves_not_null
            };
            self.chosen_not_null(&proved);
        }
        let text = sql.text.clone();
        self.out.actions.push(if drops { RowAction::DropWhere(text) } else { RowAction::KeepWhere(text) });
    }

    /// The column that a target means: itself, or what `$name` is bound to.
    fn target(&mut self, target: &Spanned<String>) -> Option<String> {
        let Some(parameter) = target.value.strip_prefix('$') else { return Some(target.value.clone()) };
        match self.bindings.iter().find(|(name, _)| name == parameter) {
            Some((_, Binding::Column(column))) => Some(column.clone()),
            Some(_) => {
                self.ctx.emit(bad_argument(
                    self.ctx.place(target.range),
                    format!("`{}` is not a column", target.value),
                    "only a `column<…>` parameter can be assigned to",
                ));
                None
            }
            None => {
                let known: Vec<String> = self.bindings.iter().map(|(name, _)| name.clone()).collect();
                self.ctx.emit(crate::diagnostics::names::unknown_parameter(self.ctx.place(target.range), parameter, &known));
                None
            }
        }
    }

    fn assign(&mut self, assignments: &[(Spanned<String>, Sql)]) {
        let before = self.cols.clone();
        let input = self.schema();
        let mut written = Vec::new();
        let mut targets: BTreeMap<String, TextRange> = BTreeMap::new();
        for (target, sql) in assignments {
            let Some(name) = self.target(target) else {
                self.out.broken = true;
                continue;
            };
            if let Some(first) = targets.insert(name.clone(), target.range) {
                self.ctx.emit(crate::diagnostics::syntax::assigned_twice(self.ctx.place(target.range), &name, self.ctx.place(first)));
                continue;
            }
            self.out.assigned.insert(name.clone(), target.range);
            let Some(typed) = self.ctx.expr(sql, &input, self.bindings) else {
                // An existing column keeps its type, so that later steps can still be checked.
                self.out.broken |= find(&before, &name).is_none();
                continue;
            };
            self.note_clock(&typed, sql.range);
            if let Some(written_sql) = self.write(&before, target, &name, sql, &typed) {
                written.push((name, written_sql));
            }
        }
        self.out.actions.push(RowAction::Assign(written));
    }

    /// Puts one assigned column in its place; gives the SQL that computes it with the column's type.
    fn write(&mut self, before: &[Col], target: &Spanned<String>, name: &str, sql: &Sql, typed: &TypedExpr) -> Option<String> {
        let old = find(before, name);
        let (ty, cast) = match old {
            None => (typed.ty.clone(), false),
            Some(old) => self.kept_type(&old.column.ty, &typed.ty, &sql.text),
        };
        if ty == DataType::Null {
            self.ctx.emit(types::untyped_null(self.ctx.place(sql.range), name));
            self.out.broken = true;
            return None;
        }
        if let (Some(old), Some(guard)) = (old, self.guard)
            && !same_kind(&old.column.ty, &ty)
        {
            let what = format!("`{name}` changes from `{}` to `{ty}`, which", old.column.ty);
            let problem = types::guarded_shape_change(self.ctx.place(target.range), &what, self.ctx.place(guard));
            self.ctx.emit(problem.with_help("keep the type with a `cast`, or move it into a step of its own, without `@when`"));
            return None;
        }
        let mut col = Col::new(Column { name: name.to_owned(), ty: ty.clone(), nullable: typed.nullable || typed.ty == DataType::Null });
        for (read, influence) in &typed.reads {
            match find(before, read) {
                Some(read) => col.derive(read, *influence),
                // Nothing is known, so everything is assumed.
                None => before.iter().for_each(|read| col.derive(read, Influence::Transformation)),
            }
        }
        col.labels.merge(&self.guard_labels);
        if self.guard.is_some() {
            // The guard decides between the old value and the new one; made of each other, both are null together.
            col.decided |= old.is_none() || typed.reads.iter().any(|(read, _)| read != name);
            if let Some(old) = old {
                col.derive(old, Influence::Transformation);
            }
        }
        match self.cols.iter_mut().find(|col| col.column.name == name) {
            Some(place) => {
                if self.guard.is_none() {
                    self.others.insert(name.to_owned(), col.column.nullable);
                }
                *place = col;
            }
            None => {
                // Null where no guard chose the row.
                self.others.insert(name.to_owned(), true);
                self.cols.push(col);
            }
        }
        Some(if cast { cast_sql(&sql.text, &ty) } else { sql.text.clone() })
    }

    /// The type of an existing column after an assignment, and whether the value must be cast to it.
    fn kept_type(&self, old: &DataType, new: &DataType, sql: &str) -> (DataType, bool) {
        if old == new || *new == DataType::Unknown {
            (old.clone(), false)
        } else if *new == DataType::Null {
            (old.clone(), true)
        } else if old.is_textual() && new.is_textual() {
            (new.clone(), false)
        } else if self.ctx.engine.widens(new, old) || (new.is_numeric() && old.is_numeric() && literal::parse(sql.trim(), old).is_ok()) {
            // SQL reads a bare `0` as int64; it is a value of every number type that holds it.
            (old.clone(), true)
        } else {
            (new.clone(), false)
        }
    }

    fn promises(&mut self, then: &[Promise], on_fail: OnFail) {
        let input = self.schema();
        let mut proved = Vec::new();
        for promise in then {
            if !self.out.broken
                && let Some(typed) = self.ctx.condition(&promise.sql, &input, self.bindings, "a `@then`")
            {
                self.note_clock(&typed, promise.sql.range);
                warn_null(self.ctx, &typed, &input, promise.sql.range);
                proved.extend(typed.rejects_null);
            }
            self.out.then.push(condition(promise));
        }
        if on_fail != OnFail::Warn {
            self.chosen_not_null(&proved);
        }
    }

    fn finish(mut self) -> Rows {
        if self.guard.is_some() {
            for col in &mut self.cols {
                col.column.nullable |= self.others.get(&col.column.name).copied().unwrap_or(true);
            }
        }
        self.out.cols = self.cols;
        self.out
    }
}

/// Warns about a promise that null passes.
pub(crate) fn warn_null(ctx: &Ctx<'_>, typed: &TypedExpr, input: &Schema, range: TextRange) {
    if !typed.nullable {
        return;
    }
    let nullable: Vec<String> = typed
        .reads
        .iter()
        .map(|(name, _)| name)
        .filter(|name| input.get(name).is_some_and(|column| column.nullable) && !typed.rejects_null.contains(name))
        .cloned()
        .collect();
    if !nullable.is_empty() {
        ctx.emit(types::null_passes(ctx.place(range), &nullable));
    }
}

/// Whether a change from one to the other is no change of shape.
fn same_kind(a: &DataType, b: &DataType) -> bool {
    a == b || (a.is_textual() && b.is_textual()) || *a == DataType::Unknown || *b == DataType::Unknown
}
