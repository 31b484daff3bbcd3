//! Whether two texts of SQL mean the same at the same place of two versions.
//!
//! The same words mean the same. Other words do, when the engine brings both into one normal form under every schema
//! that the place is known to have; where no schema is known, nothing but layout, comments and the case of keywords
//! is seen through.

use super::scenario::Renamed;
use crate::model::Action;
use crate::schema::{Column, Schema};
use crate::sql::{Bindings, Relation, SqlEngine, agreed, same_tokens, token_form};

/// The views that a `select` may name at one place of one version.
pub(super) type Views = Vec<(String, Schema)>;

/// What the columns are at a place, before and after; `None` where nobody knows.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub(super) before: Option<Schema>,
    pub(super) after: Option<Schema>,
    pub(super) bindings: Bindings,
}

/// How a new expression relates to an old one.
pub(super) fn relate(engine: &dyn SqlEngine, old: &str, new: &str, place: &Place) -> Relation {
    if same_tokens(old, new) {
        return Relation::Same;
    }
    let under = |schema: &Schema| {
        let old = engine.canonical_expr(old, schema, &place.bindings)?;
        Some(old.relate(&engine.canonical_expr(new, schema, &place.bindings)?))
    };
    agreed([place.before.as_ref().and_then(under), place.after.as_ref().and_then(under)])
}

/// How a new `select` relates to an old one. Views that only got another name are the same views.
pub(super) fn relate_queries(
    engine: &dyn SqlEngine,
    old: &str,
    new: &str,
    (before, after): (Option<&Views>, Option<&Views>),
    bindings: &Bindings,
    renamed: &Renamed,
) -> Relation {
    if same_tokens(old, new) && !names_one_of(old, renamed) {
        return Relation::Same;
    }
    if !renamed.is_empty() {
        return relate_renamed(engine, old, new, (before, after), bindings, renamed).unwrap_or(Relation::Different);
    }
    let under = |views: &Views| {
        let old = engine.canonical_query(old, views, bindings)?;
        Some(old.relate(&engine.canonical_query(new, views, bindings)?))
    };
    agreed([before.and_then(under), after.and_then(under)])
}

/// Whether a text may name a view that has another name now, or took over the name of another.
pub(super) fn names_one_of(sql: &str, renamed: &Renamed) -> bool {
    let form = token_form(sql);
    let mut names = renamed.iter().flat_map(|(was, is)| [was, is]);
    names.any(|name| form.split('\u{1f}').any(|token| token.trim_matches('"') == name))
}

/// As [`relate_queries`], where a text can only be read with the names of its own version: so both are read with the
/// schemas of both versions, under their own names.
fn relate_renamed(
    engine: &dyn SqlEngine,
    old: &str,
    new: &str,
    (before, after): (Option<&Views>, Option<&Views>),
    bindings: &Bindings,
    renamed: &Renamed,
) -> Option<Relation> {
    let (before, after) = (before?, after?);
    let called = |name: &String| renamed.get(name).unwrap_or(name).clone();
    let was: Views = before.iter().map(|(name, schema)| (called(name), schema.clone())).collect();
    let back = |name: &String| renamed.iter().find(|(_, now)| *now == name).map_or(name, |(was, _)| was).clone();
    let is: Views = after.iter().map(|(name, schema)| (back(name), schema.clone())).collect();
    let under = |old_views: &Views, new_views: &Views| {
        let form = engine.canonical_query(old, old_views, bindings)?.with_views_renamed(renamed);
        Some(form.relate(&engine.canonical_query(new, new_views, bindings)?))
    };
    let (one, other) = (under(before, &was)?, under(&is, after)?);
    (one == other).then_some(one)
}

/// How a new conjunction of conditions relates to an old one. Each is evaluated for itself, so their order means
/// nothing, but two of them are one condition with `and` only where neither can fail.
pub(super) fn relate_all(engine: &dyn SqlEngine, old: &[&str], new: &[&str], place: &Place) -> Relation {
    let mut left: Vec<&str> = new.to_vec();
    let matched = old.iter().all(|text| {
        let found = left.iter().position(|other| relate(engine, text, other, place) == Relation::Same);
        found.map(|at| left.remove(at)).is_some()
    });
    if matched && left.is_empty() {
        return Relation::Same;
    }
    if old.is_empty() || new.is_empty() {
        return if old.is_empty() { Relation::Tighter } else { Relation::Looser };
    }
    match relate(engine, &joined(old), &joined(new), place) {
        Relation::Same if (old.len() > 1 || new.len() > 1) && !sound(engine, old, new, place) => Relation::Reordered,
        relation => relation,
    }
}

/// The conditions as one text. A line end closes a comment.
fn joined(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("({text}\n)")).collect::<Vec<_>>().join(" and ")
}

/// Whether none of the conditions can fail.
fn sound(engine: &dyn SqlEngine, old: &[&str], new: &[&str], place: &Place) -> bool {
    let schemas = [&place.before, &place.after];
    let mut known = schemas.into_iter().flatten().peekable();
    let safe = |schema: &Schema, text: &str| engine.expr(text, schema, &place.bindings).is_ok_and(|typed| typed.fallible.is_none());
    known.peek().is_some() && known.all(|schema| old.iter().chain(new).all(|text| safe(schema, text)))
}

/// The columns after an action; `None` when it cannot be said.
pub(super) fn after(engine: &dyn SqlEngine, schema: &Schema, action: &Action, bindings: &Bindings) -> Option<Schema> {
    let named = |name: &str| match name.strip_prefix('$') {
        Some(parameter) => bindings.iter().find_map(|(bound, binding)| match binding {
            crate::sql::Binding::Column(column) if bound == parameter => Some(column.clone()),
            _ => None,
        }),
        None => Some(name.to_owned()),
    };
    let mut columns = schema.columns.clone();
    match action {
        Action::Assign(assignments) => {
            for (target, sql) in assignments {
                let typed = engine.expr(&sql.text, schema, bindings).ok()?;
                let name = named(&target.value)?;
                let column = Column { name, ty: typed.ty, nullable: true };
                match columns.iter_mut().find(|known| known.name == column.name) {
                    Some(known) => *known = column,
                    None => columns.push(column),
                }
            }
        }
        Action::Rename(pairs) => {
            for column in &mut columns {
                for (from, to) in pairs {
                    if column.name == named(&from.value)? {
                        column.name = to.value.clone();
                        break;
                    }
                }
            }
        }
        Action::DropColumns(gone) => {
            let gone: Vec<String> = gone.iter().map(|column| named(&column.value)).collect::<Option<_>>()?;
            columns.retain(|column| !gone.contains(&column.name));
        }
        Action::KeepColumns(kept) => {
            let kept: Vec<String> = kept.iter().map(|column| named(&column.value)).collect::<Option<_>>()?;
            columns = kept.iter().filter_map(|name| schema.get(name).cloned()).collect();
        }
        Action::DropWhere(_) | Action::KeepWhere(_) => {}
        Action::Query(_) | Action::Broken => return None,
    }
    Some(Schema { columns })
}
