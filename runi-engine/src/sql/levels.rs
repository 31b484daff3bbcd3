//! How deep and how large a `select` becomes once its named parts stand where they are read.
//!
//! The planner puts the plan of a `with` wherever its name is read. A chain of them is as deep a plan as it is long, and one that reads
//! each name twice doubles at each link. The stack and the memory are finite, so both have a limit, which is looked at before planning.

use super::text::{SqlText, not_allowed};
use datafusion::sql::sqlparser::ast::{self, TableFactor, Visit, Visitor};
use runi_lang::sql::SqlError;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// How many queries may stand one on another.
const LEVELS_MAX: usize = 100;

/// How many views a query may read, each as often as it is read.
const READS_MAX: usize = 10_000;

/// What a query comes to.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    levels: usize,
    reads: usize,
}

impl Extent {
    /// Beside another part of the same query.
    fn beside(self, other: Self) -> Self {
        Self { levels: self.levels.max(other.levels), reads: self.reads.saturating_add(other.reads) }
    }
}

/// Refuses a query that is too deep or too large to be planned.
pub(crate) fn refuse_depth(query: &ast::Query, text: &SqlText<'_>) -> Option<SqlError> {
    let mut walk = Walk { text, open: Vec::new(), names: BTreeMap::new(), named: BTreeMap::new() };
    match query.visit(&mut walk) {
        ControlFlow::Break(error) => Some(*error),
        ControlFlow::Continue(()) => None,
    }
}

struct Walk<'a> {
    text: &'a SqlText<'a>,
    /// The queries around the place, outermost first.
    open: Vec<Extent>,
    /// Queries that have a name, by where they are: each is visited before what may read it.
    names: BTreeMap<*const ast::Query, ast::Ident>,
    named: BTreeMap<String, Extent>,
}

impl Walk<'_> {
    fn read(&mut self, extent: Extent) {
        if let Some(open) = self.open.last_mut() {
            *open = open.beside(extent);
        }
    }
}

impl Visitor for Walk<'_> {
    type Break = Box<SqlError>;

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<Self::Break> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.names.insert(std::ptr::from_ref(cte.query.as_ref()), cte.alias.name.clone());
        }
        self.open.push(Extent::default());
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Self::Break> {
        if let TableFactor::Table { name, .. } = factor {
            let own = Extent { levels: 0, reads: 1 };
            let ident = name.0.last().and_then(|part| part.as_ident());
            self.read(ident.and_then(|ident| self.named.get(&ident.value)).copied().unwrap_or(own));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &ast::Query) -> ControlFlow<Self::Break> {
        let extent = self.open.pop().unwrap_or_default();
        let extent = Extent { levels: extent.levels + 1, ..extent };
        let name = self.names.remove(&std::ptr::from_ref(query));
        let error = |message: String| {
            let range = name.as_ref().and_then(|name| self.text.known_range(name.span));
            let help =
                Some("make a step of some of it: the rows of a step are computed once, and later steps read them by its name".to_owned());
            ControlFlow::Break(Box::new(SqlError { help, ..not_allowed(message, range) }))
        };
        if extent.levels > LEVELS_MAX {
            return error(format!("more than {LEVELS_MAX} queries stand one on another"));
        }
        if extent.reads > READS_MAX {
            return error(format!("views are read more than {READS_MAX} times, counted through the names of `with`"));
        }
        match name {
            Some(name) => drop(self.named.insert(name.value, extent)),
            None => self.read(extent),
        }
        ControlFlow::Continue(())
    }
}
