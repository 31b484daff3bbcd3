//! Windows: each row gets the windows that its event time lies in.
//!
//! A tumbling window is one assignment per row. Where rows stand in several windows, or where a window depends on the rows around it,
//! a `select` computes it. In all three `window_start <= event time < window_end` holds, and a row without an event time stands once,
//! in no window.

use super::cast::cast_sql;
use super::ctx::Ctx;
use super::rows::Rows;
use super::scenario::{View, Walk, rows_kind};
use super::scope::{Col, find, names};
use crate::diagnostics::names::unknown_column;
use crate::diagnostics::types;
use crate::ir::{NodeId, NodeKind, QueryNode, RowAction};
use crate::model::{Duration, OnFail, Scenario, Window};
use crate::schema::Column;
use crate::sql::{Bindings, Influence};
use crate::types::{DataType, TimeUnit};

/// In how many windows one row may stand: each is a row of the view.
const WINDOWS_MAX: u64 = 10_000;

/// The longest window, a century: beyond it edges leave what a timestamp of nanoseconds can say.
const LONGEST: Duration = Duration { ms: 36_525 * 86_400_000 };

/// How the columns of a window are computed.
enum Computed {
    /// Row by row: `(column, sql)`.
    Assign(Vec<(String, String)>),
    /// By a query over `input`.
    Query(String),
}

impl Walk<'_, '_> {
    /// Puts the window of the scenario below the source that has its event time.
    pub(crate) fn window(&mut self) {
        if let Some(window) = &self.scenario.window {
            let on = window.on.as_ref().map(|on| on.value.as_str());
            let at = self.views.iter().position(|view| on.is_none_or(|on| find(&view.cols, on).is_some())).unwrap_or(0);
            let made = self.views.get_mut(at).filter(|view| !view.broken).and_then(|view| {
                let computed = columns(self.ctx, window, &mut view.cols)?;
                Some((view.name.clone(), view.node, view.cols.clone(), computed))
            });
            if let Some((name, above, cols, computed)) = made {
                // A node of its own below the source: a source gives what its contract says and nothing else.
                let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
                let kind = match computed {
                    Computed::Assign(assigned) => {
                        let rows = Rows { actions: vec![RowAction::Assign(assigned)], ..Rows::default() };
                        rows_kind(rows, above, None, Bindings::new(), OnFail::default())
                    }
                    Computed::Query(sql) => NodeKind::Query(QueryNode {
                        sql,
                        uses: None,
                        bindings: Bindings::new(),
                        views: vec![("input".to_owned(), above)],
                        then: Vec::new(),
                        on_fail: OnFail::default(),
                    }),
                };
                self.push(id, format!("{name}#window"), &cols, kind, window.range);
                if let Some(view) = self.views.get_mut(at) {
                    view.node = id;
                }
            }
        } else if let Some(stream) = &self.stream
            && self.reaches.iter().all(|reach| reach.connector.is_some())
        {
            keys_need_window(self.ctx, self.scenario, stream, &self.views);
        }
    }
}

/// Checks a window and adds its two columns to `cols`; gives what computes them, after no error.
fn columns(ctx: &Ctx<'_>, window: &Window, cols: &mut Vec<Col>) -> Option<Computed> {
    let before = ctx.errors();
    let place = ctx.place(window.range);
    let Some(on) = &window.on else {
        ctx.emit(types::bad_window(place, "the window has no event time", "say which column: `@window(5m, on=column)`"));
        return None;
    };
    let at = ctx.place(on.range);
    let event = find(cols, &on.value).cloned();
    match &event {
        None => ctx.emit(unknown_column(at, &on.value, "", &names(cols))),
        Some(col) if !matches!(col.column.ty, DataType::Timestamp { .. } | DataType::Unknown) => {
            let message = format!("a window needs a timestamp, `{}` is `{}`", on.value, col.column.ty);
            ctx.emit(types::bad_window(at, message, "name a `timestamp` column with `on=`"));
        }
        Some(_) => {}
    }
    for by in &window.by {
        match find(cols, &by.value) {
            None => ctx.emit(unknown_column(ctx.place(by.range), &by.value, "", &names(cols))),
            Some(col) if matches!(col.column.ty, DataType::List(_) | DataType::Struct(_) | DataType::Map(..)) => {
                let message = format!("`{}` is `{}`, which tells no sessions apart", by.value, col.column.ty);
                ctx.emit(types::bad_window(ctx.place(by.range), message, "name columns of single values with `by=`"));
            }
            Some(_) => {}
        }
    }
    lengths(ctx, window);
    let ty = column_type(window, event.as_ref());
    let input = cols.clone();
    for name in ["window_start", "window_end"] {
        if find(&input, name).is_some() {
            ctx.emit(types::column_conflict(ctx.place(window.range), name));
            continue;
        }
        let nullable = event.as_ref().is_none_or(|event| event.column.nullable);
        let mut col = Col::new(Column { name: name.to_owned(), ty: ty.clone(), nullable });
        for read in event.iter().chain(window.by.iter().filter_map(|by| find(&input, &by.value))) {
            col.derive(read, Influence::Transformation);
        }
        cols.push(col);
    }
    (ctx.errors() == before).then(|| computed(window, &on.value, &names(&input), &ty)).flatten()
}

/// What is wrong with the lengths alone.
fn lengths(ctx: &Ctx<'_>, window: &Window) {
    let problem = |message: &str, help: &str| ctx.emit(types::bad_window(ctx.place(window.range), message, help));
    let spans = [window.length, window.every, window.session];
    if spans.iter().all(Option::is_none) {
        problem("the window has no length", "write `@window(5m, on=…)` or `@window(session=15m, on=…)`");
    } else if spans.iter().flatten().any(|span| span.ms == 0) {
        problem("a window of no length holds no rows", "write a length above zero, such as `5m`");
    } else if spans.iter().flatten().any(|span| *span > LONGEST) {
        problem("the window is longer than a century", &format!("write a length of at most `{LONGEST}`"));
    } else if let (Some(length), Some(every)) = (window.length, window.every) {
        if every.ms > length.ms {
            problem("the windows leave gaps", "rows between two windows would be in none: make `every` at most the length");
        } else if hops(length, every) > WINDOWS_MAX {
            let message = format!("each row would be in {} windows, more than {WINDOWS_MAX}", hops(length, every));
            problem(&message, "make `every` longer or the window shorter");
        }
    }
}

/// In how many windows a row stands at most.
fn hops(length: Duration, every: Duration) -> u64 {
    length.ms.div_ceil(every.ms.max(1))
}

/// The event time's own type, fine enough for the window's edges.
fn column_type(window: &Window, event: Option<&Col>) -> DataType {
    let whole_seconds = [window.length, window.every, window.session].iter().flatten().all(|span| span.ms.is_multiple_of(1_000));
    match event.map(|event| &event.column.ty) {
        Some(DataType::Timestamp { unit: TimeUnit::Second, zone }) if !whole_seconds => {
            DataType::Timestamp { unit: TimeUnit::Millisecond, zone: zone.clone() }
        }
        Some(ty @ DataType::Timestamp { .. }) => ty.clone(),
        _ => DataType::Timestamp { unit: TimeUnit::Microsecond, zone: None },
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn computed(window: &Window, on: &str, input: &[String], ty: &DataType) -> Option<Computed> {
    let event = quoted(on);
    let columns = input.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    if let Some(gap) = window.session {
        return Some(Computed::Query(session(
            gap,
            &event,
            &columns,
            &window.by.iter().map(|by| quoted(&by.value)).collect::<Vec<_>>(),
            ty,
        )));
    }
    let length = window.length?;
    match window.every {
        Some(every) => Some(Computed::Query(sliding(length, every, &event, &columns, ty))),
        None => {
            let start = format!("date_bin({}, {event})", interval(length.ms));
            let end = format!("{start} + {}", interval(length.ms));
            Some(Computed::Assign(vec![("window_start".to_owned(), cast_sql(&start, ty)), ("window_end".to_owned(), cast_sql(&end, ty))]))
        }
    }
}

fn interval(ms: u64) -> String {
    format!("interval '{ms} milliseconds'")
}

/// One row per window: the last one that begins at or before the event, and those that begin up to a length before it.
fn sliding(length: Duration, every: Duration, event: &str, columns: &str, ty: &DataType) -> String {
    let hops = hops(length, every);
    let micros = DataType::Timestamp { unit: TimeUnit::Microsecond, zone: zone(ty) };
    let newest = format!("arrow_cast({}, 'Int64')", cast_sql(&format!("date_bin({}, {event})", interval(every.ms)), &micros));
    let start = cast_sql(&format!("{newest} - \"#hop\" * {}", every.ms.saturating_mul(1_000)), &micros);
    let end = format!("\"#start\" + {}", interval(length.ms));
    format!(
        "select {columns}, {} as window_start, {} as window_end from (select {columns}, \"#hop\", {start} as \"#start\" \
         from unnest(range(0, {hops})) as \"#hops\"(\"#hop\") cross join input) as \"#windows\" \
         where {end} > {event} or ({event} is null and \"#hop\" = 0)",
        cast_sql("\"#start\"", ty),
        cast_sql(&end, ty),
    )
}

/// Rows of one key that are less than the gap apart, from the first one to the gap after the last one. What the window functions read
/// are plain columns: each stage has one partitioning, and the planner cannot take parts of it apart.
fn session(gap: Duration, event: &str, columns: &str, by: &[String], ty: &DataType) -> String {
    let keys = by.iter().map(|key| format!("{key}, ")).collect::<String>();
    let gap = interval(gap.ms);
    let at = cast_sql(event, ty);
    let part = format!("partition by {keys}\"#untimed\"");
    let ordered = format!("{part} order by \"#at\"");
    format!(
        "select {columns}, {} as window_start, {} as window_end \
         from (select {columns}, min(\"#at\") over ({part}, \"#session\") as \"#start\", max(\"#at\") over ({part}, \"#session\") as \"#last\" \
         from (select {columns}, \"#at\", \"#untimed\", sum(\"#first\") over ({ordered} rows unbounded preceding) as \"#session\" \
         from (select {columns}, \"#at\", \"#untimed\", case when \"#at\" < \"#before\" + {gap} then 0 else 1 end as \"#first\" \
         from (select {columns}, \"#at\", \"#untimed\", lag(\"#at\") over ({ordered}) as \"#before\" \
         from (select {columns}, {at} as \"#at\", {event} is null as \"#untimed\" \
         from input) as \"#times\") as \"#lags\") as \"#firsts\") as \"#sessions\") as \"#edges\"",
        cast_sql("\"#start\"", ty),
        cast_sql(&format!("\"#last\" + {gap}"), ty),
    )
}

fn zone(ty: &DataType) -> Option<String> {
    match ty {
        DataType::Timestamp { zone, .. } => zone.clone(),
        _ => None,
    }
}

/// On a stream "unique" has no end without a window.
fn keys_need_window(ctx: &Ctx<'_>, scenario: &Scenario, stream: &str, views: &[View]) {
    let Some(at) = views.iter().position(|view| view.name == stream) else { return };
    let Some(source) = scenario.sources.get(at) else { return };
    let contract = source.args.named("contract").and_then(|contract| ctx.lookup.contract(contract.value.as_str()));
    if contract.is_some_and(|entry| !entry.binding.contract.keys.is_empty()) {
        ctx.emit(types::bad_window(
            ctx.place(source.range),
            format!("`{stream}` is endless and its contract has a key, so the scenario needs a window"),
            "add `@window(…, on=column)`: a key holds within one window",
        ));
    }
}
