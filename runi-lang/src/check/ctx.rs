//! The company of every check: the file at hand, the rest of the workspace, the engine, and the list of problems.

use super::Lookup;
use crate::diagnostic::{Diagnostic, Place, TextRange, TextSize};
use crate::diagnostics::{names, types};
use crate::model::Sql;
use crate::schema::Schema;
use crate::sql::{Bindings, NeverHeld, SqlEngine, SqlError, SqlErrorKind, TypedExpr, TypedQuery};
use crate::types::DataType;
use std::cell::{Cell, RefCell};
use std::ops::Range;

/// A named view of a query.
pub(crate) type Views = Vec<(String, Schema)>;

/// Carries what every check needs. One per file and walk.
pub(crate) struct Ctx<'a> {
    /// The file at hand.
    pub(crate) path: &'a str,
    /// Other files.
    pub(crate) lookup: &'a dyn Lookup,
    /// Types SQL.
    pub(crate) engine: &'a dyn SqlEngine,
    out: RefCell<Vec<Diagnostic>>,
    /// The scenario at hand: where its problems begin in the list, and whether names of it may be missing.
    scenario: Cell<(usize, bool)>,
}

impl<'a> Ctx<'a> {
    /// For one file.
    pub(crate) fn new(path: &'a str, lookup: &'a dyn Lookup, engine: &'a dyn SqlEngine) -> Self {
        Self { path, lookup, engine, out: RefCell::new(Vec::new()), scenario: Cell::default() }
    }

    /// The same company for another file, with an empty list.
    pub(crate) fn aside<'b>(&self, path: &'b str) -> Ctx<'b>
    where
        'a: 'b,
    {
        Ctx { path, lookup: self.lookup, engine: self.engine, out: RefCell::new(Vec::new()), scenario: Cell::default() }
    }

    /// A range of this file.
    pub(crate) fn place(&self, range: TextRange) -> Place {
        Place::range(self.path, range)
    }

    /// A scenario begins. In a damaged one a name that is not known may be that of what could not be read.
    pub(crate) fn begin(&self, damaged: bool) {
        self.scenario.set((self.out.borrow().len(), damaged));
    }

    /// Reports; the name of a view that is not there is one problem of its scenario, however often it is used.
    pub(crate) fn emit(&self, diagnostic: Diagnostic) {
        let (start, damaged) = self.scenario.get();
        let code = diagnostic.code.as_str();
        if damaged && [names::UNKNOWN_VIEW.id, names::UNKNOWN_SINK.id, names::NO_SOURCE.id].contains(&code) {
            return;
        }
        let mut out = self.out.borrow_mut();
        let told = |other: &Diagnostic| other.code == diagnostic.code && other.message == diagnostic.message;
        if code == names::UNKNOWN_VIEW.id && out.iter().skip(start).any(told) {
            return;
        }
        out.push(diagnostic);
    }

    /// How many errors were reported so far.
    pub(crate) fn errors(&self) -> usize {
        self.out.borrow().iter().filter(|diagnostic| diagnostic.is_error()).count()
    }

    /// The list, by offset, without repeats.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        let mut out = self.out.into_inner();
        out.sort_by(|a, b| {
            let start = |diagnostic: &Diagnostic| diagnostic.place.text_range().map_or(0, |range| u32::from(range.start()));
            (start(a), &a.code, &a.message).cmp(&(start(b), &b.code, &b.message))
        });
        out.dedup();
        out
    }

    /// Types an expression; mistakes are reported.
    pub(crate) fn expr(&self, sql: &Sql, input: &Schema, bindings: &Bindings) -> Option<TypedExpr> {
        match self.engine.expr(&sql.text, input, bindings) {
            Ok(typed) => {
                self.never_held(sql, &typed.never_held);
                Some(typed)
            }
            Err(errors) => {
                self.sql_errors(sql, &errors, &|_| false);
                None
            }
        }
    }

    /// Types a condition; one that is not boolean is reported as `what`.
    pub(crate) fn condition(&self, sql: &Sql, input: &Schema, bindings: &Bindings, what: &str) -> Option<TypedExpr> {
        let typed = self.expr(sql, input, bindings)?;
        match typed.ty {
            DataType::Boolean | DataType::Null | DataType::Unknown => Some(typed),
            ref other => {
                self.emit(types::not_boolean(self.place(sql.range), what, other));
                None
            }
        }
    }

    /// Types a `select`; `later` knows the names of steps that stand further down.
    pub(crate) fn query(&self, sql: &Sql, views: &Views, bindings: &Bindings, later: &dyn Fn(&str) -> bool) -> Option<TypedQuery> {
        match self.engine.query(&sql.text, views, bindings) {
            Ok(typed) => {
                self.never_held(sql, &typed.never_held);
                Some(typed)
            }
            Err(errors) => {
                self.sql_errors(sql, &errors, later);
                None
            }
        }
    }

    /// Warns about comparisons that no value of an enum makes true.
    fn never_held(&self, sql: &Sql, found: &[NeverHeld]) {
        for held in found {
            let place = Place::range(self.path, within(sql, held.range.as_ref()));
            self.emit(types::never_held(place, &held.column, &held.text, &held.values));
        }
    }

    /// Reports the engine's mistakes, each under its own code.
    pub(crate) fn sql_errors(&self, sql: &Sql, errors: &[SqlError], later: &dyn Fn(&str) -> bool) {
        for error in errors {
            self.emit(sql_error(Place::range(self.path, within(sql, error.range.as_ref())), error, later));
        }
    }
}

/// Where in the file a range inside the SQL is; without one, all of the SQL.
fn within(sql: &Sql, range: Option<&Range<usize>>) -> TextRange {
    let length = u32::from(sql.range.len());
    let part = range.and_then(|range| {
        let start = u32::try_from(range.start).ok()?.min(length);
        let end = u32::try_from(range.end).ok()?.min(length);
        (start <= end).then(|| TextRange::new(sql.range.start() + TextSize::new(start), sql.range.start() + TextSize::new(end)))
    });
    part.unwrap_or(sql.range)
}

/// One mistake of the engine as a diagnostic.
pub(crate) fn sql_error(place: Place, error: &SqlError, later: &dyn Fn(&str) -> bool) -> Diagnostic {
    let help = error.help.as_deref();
    match &error.kind {
        SqlErrorKind::Syntax => types::sql_syntax(place, &error.message, help),
        SqlErrorKind::UnknownColumn { name, known } => names::unknown_column(place, name, "", known),
        SqlErrorKind::AmbiguousColumn { name } => names::ambiguous_column(place, name),
        SqlErrorKind::UnknownTable { name, known } => names::unknown_view(place, name, known, later(name)),
        SqlErrorKind::UnknownFunction { name, known } => names::unknown_function(place, name, known),
        SqlErrorKind::UnknownParameter { name } => names::unknown_parameter(place, name, &[]),
        SqlErrorKind::Type => types::type_mismatch(place, &error.message, help),
        SqlErrorKind::Value { text, ty } => types::unreadable_literal(place, text, ty),
        SqlErrorKind::DoubleQuotedString { text } => names::double_quoted_string(place, text),
        SqlErrorKind::NotAllowed => types::sql_not_allowed(place, &error.message, help),
        SqlErrorKind::Other => types::sql_other(place, &error.message, help),
    }
}

/// `TradeRaw` as `trade_raw`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && before_lower {
            out.push('_');
        }
        before_lower = c.is_lowercase() || c.is_ascii_digit();
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    out
}
