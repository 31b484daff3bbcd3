//! Reusable steps, unfolded: the body with its parameters bound, as a node of the pipeline.
//!
//! What leaves the step is what its signature says; the body only adds how it is computed and where it came from.

use super::api::{StepEntry, StepShape};
use super::cast::cast_sql;
use super::query::{select, type_set};
use super::resolve::{Applied, Seen, same};
use super::rows::{Rows, type_rows};
use super::scenario::{Walk, rows_kind};
use super::scope::{Col, find};
use crate::diagnostic::TextRange;
use crate::ir::{NodeId, NodeKind, QueryNode, RowAction};
use crate::model::{OnFail, Sql, StepDef};
use crate::sql::Bindings;
use crate::types::DataType;
use std::sync::Arc;

impl Walk<'_, '_> {
    /// The node of a use; `applied` gets the exact origins of its columns.
    pub(crate) fn unfolded(
        &mut self,
        entry: &StepEntry,
        applied: &mut Applied,
        input: usize,
        above: NodeId,
        on_fail: OnFail,
    ) -> Option<NodeKind> {
        let here = |def: &&StepDef| super::step_entry(self.ctx.path, def).key == entry.key;
        let def: Arc<StepDef> = match self.file.steps.iter().find(here) {
            Some(def) => Arc::new(def.clone()),
            None => self.ctx.lookup.step_body(&entry.key)?,
        };
        if let (StepShape::Set, Some(sql)) = (entry.shape, select(&def.body)) {
            return self.unfolded_set(entry, &def, sql, applied, input, above, on_fail);
        }
        let muted = self.ctx.aside(&entry.key.path);
        let cols = &self.views.get(input)?.cols;
        let mut rows = type_rows(&muted, cols, &def.body, &applied.bindings, on_fail);
        for col in &mut applied.cols {
            let Some(typed) = find(&rows.cols, &col.column.name) else { continue };
            if typed.column.ty != col.column.ty && !(typed.column.ty.is_textual() && col.column.ty.is_textual()) {
                declared_type(&mut rows.actions, &col.column.name, &col.column.ty);
            }
            *col = exact(col, typed);
        }
        Some(rows_kind(rows, above, Some(entry.key.display()), applied.bindings.clone(), on_fail))
    }

    /// A `select` sees only what the signature hands over: with more, a `*` would give more, and a name in a
    /// sub-query could mean another column than the one that was proved.
    #[allow(clippy::too_many_arguments, reason = "everything that makes up one use")]
    fn unfolded_set(
        &mut self,
        entry: &StepEntry,
        def: &StepDef,
        sql: &Sql,
        applied: &mut Applied,
        input: usize,
        above: NodeId,
        on_fail: OnFail,
    ) -> Option<NodeKind> {
        let muted = self.ctx.aside(&entry.key.path);
        let mut handed = vec![("input".to_owned(), above, self.views.get(input)?.cols.clone(), applied.visible.clone())];
        for (name, visible) in &applied.tables {
            match handed.iter_mut().find(|(other, ..)| other == name) {
                // One view for two parameters is seen with the columns of both.
                Some((.., seen)) => seen.extend(visible.iter().cloned()),
                None => {
                    let view = self.views.iter().find(|view| view.name == *name)?;
                    handed.push((name.clone(), view.node, view.cols.clone(), visible.clone()));
                }
            }
        }
        let views: Vec<(String, Vec<Col>)> =
            handed.iter().map(|(name, _, cols, visible)| (name.clone(), hand_over(cols, visible))).collect();
        let set = type_set(&muted, &views, &def.body, sql, &applied.bindings, on_fail, &|_| false);
        let mut nodes = Vec::new();
        for ((name, node, cols, _), (_, seen)) in handed.iter().zip(&views) {
            if set.views.contains(name) {
                let id = if seen.len() < cols.len() || !casts(cols, seen).is_empty() { self.projection(*node, cols, seen) } else { *node };
                nodes.push((name.clone(), id));
            }
        }
        applied.cols = set.cols.iter().filter_map(|col| Some(exact(find(&applied.cols, &col.column.name)?, col))).collect();
        Some(NodeKind::Query(QueryNode {
            sql: sql.text.clone(),
            uses: Some(entry.key.display()),
            bindings: applied.bindings.clone(),
            views: nodes,
            then: set.then,
            on_fail,
        }))
    }

    /// A node of its own that keeps only some columns of another, with the types that the signature says.
    fn projection(&mut self, above: NodeId, cols: &[Col], seen: &[Col]) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let (name, range) = match self.nodes.get(above.index()) {
            Some(node) => (format!("{}#{}", node.name, id.0), TextRange::empty(node.origin.offset.into())),
            None => (format!("input#{}", id.0), TextRange::empty(0.into())),
        };
        let mut actions = vec![RowAction::KeepColumns(seen.iter().map(|col| col.column.name.clone()).collect())];
        let casts = casts(cols, seen);
        if !casts.is_empty() {
            actions.push(RowAction::Assign(casts));
        }
        let rows = Rows { actions, ..Rows::default() };
        self.push(id, name, seen, rows_kind(rows, above, None, Bindings::new(), OnFail::default()), range);
        id
    }
}

/// The columns that the body may see, as the signature types them.
fn hand_over(cols: &[Col], visible: &Seen) -> Vec<Col> {
    let typed = |col: &Col| {
        let (_, ty) = visible.iter().find(|(name, _)| *name == col.column.name)?;
        let mut col = col.clone();
        if !same(&col.column.ty, ty) {
            col.column.ty = ty.clone();
        }
        Some(col)
    };
    cols.iter().filter_map(typed).collect()
}

/// The columns whose type the signature widens, with the expression that does it.
fn casts(cols: &[Col], seen: &[Col]) -> Vec<(String, String)> {
    let differs = |col: &&Col| find(cols, &col.column.name).is_some_and(|old| old.column.ty != col.column.ty);
    let cast = |col: &Col| {
        let name = &col.column.name;
        (name.clone(), cast_sql(&format!("\"{}\"", name.replace('"', "\"\"")), &col.column.ty))
    };
    seen.iter().filter(differs).map(cast).collect()
}

/// What the signature says, with the origins that the body shows.
fn exact(signature: &Col, body: &Col) -> Col {
    Col { from: body.from.clone(), certainty: body.certainty.clone(), ..signature.clone() }
}

/// Makes the last assignment of a column give the declared type.
fn declared_type(actions: &mut [RowAction], column: &str, ty: &DataType) {
    let last = actions.iter_mut().rev().find_map(|action| match action {
        RowAction::Assign(list) => list.iter_mut().find(|(name, _)| name == column),
        _ => None,
    });
    if let Some((_, sql)) = last {
        *sql = cast_sql(sql, ty);
    }
}
