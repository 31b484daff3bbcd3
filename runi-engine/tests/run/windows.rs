//! Windows: each row gets the windows that its event time lies in.

use crate::support::{Fixture, doors};
use std::collections::BTreeMap;

const CONTRACT: &str = "Contract: Event
  id  int64           @required
  at  timestamp(UTC)

  @key(id)
";

#[test]
fn a_window_groups_rows_by_their_event_time() {
    let fixture = Fixture::new(&[
        ("contracts/event.contract", CONTRACT),
        (
            "features/events.dsl",
            "Feature: Events

Scenario: Count events
  @source(type=csv, path=\"data/events.csv\", contract=Event) as events
  @window(5m, on=at)
  @step(name=Counted)
    @do   select window_start, window_end, count(*) as n from events group by window_start, window_end order by n
  @sink(type=csv, path=\"out/counted.csv\")
  @quality(min_rows=5, of=events)
  @assert valid(events) = rows(Counted) + 2
",
        ),
        (
            "data/events.csv",
            "id,at
1,2026-01-05T10:00:00Z
2,2026-01-05T10:04:59.999Z
3,2026-01-05T10:05:00Z
4,2026-01-05T12:07:00+02:00
5,
",
        ),
    ]);
    let record = fixture.run(2);
    assert_eq!(doors(&record, "events"), [5, 5, 0, 0]);
    let mut lines = fixture.lines("out/counted.csv");
    lines[1..].sort();
    assert_eq!(
        lines,
        ["window_start,window_end,n", ",,1", "2026-01-05T10:00:00Z,2026-01-05T10:05:00Z,2", "2026-01-05T10:05:00Z,2026-01-05T10:10:00Z,2",]
    );
}

#[test]
fn a_sink_may_read_the_windowed_rows_themselves() {
    let fixture = Fixture::new(&[
        ("contracts/event.contract", CONTRACT),
        (
            "features/events.dsl",
            "Feature: Events

Scenario: Stamp events
  @source(type=csv, path=\"data/events.csv\", contract=Event) as events
  @window(1h, on=at)
  @sink(type=csv, path=\"out/stamped.csv\")
",
        ),
        ("data/events.csv", "id,at\n1,1969-12-31T23:30:00Z\n"),
    ]);
    let _ = fixture.run(1);
    assert_eq!(
        fixture.lines("out/stamped.csv"),
        ["id,at,window_start,window_end", "1,1969-12-31T23:30:00Z,1969-12-31T23:00:00Z,1970-01-01T00:00:00Z"]
    );
}

/// A workspace that writes every row of `events` with its windows.
fn windowed(contract: &str, window: &str, rows: &str) -> Fixture {
    let feature = format!(
        "Feature: Events

Scenario: Stamp events
  @source(type=csv, path=\"data/events.csv\", contract=Event) as events
  {window}
  @sink(type=csv, path=\"out/stamped.csv\")
"
    );
    Fixture::new(&[("contracts/event.contract", contract), ("features/events.dsl", &feature), ("data/events.csv", rows)])
}

fn stamped(fixture: &Fixture) -> Vec<String> {
    let mut lines = fixture.lines("out/stamped.csv");
    lines.remove(0);
    lines.sort();
    lines
}

#[test]
fn a_row_stands_in_each_sliding_window() {
    let rows = "id,at\n1,2026-01-05T10:00:00Z\n2,2026-01-05T10:03:59.5Z\n3,\n";
    let fixture = windowed(CONTRACT, "@window(sliding=5m, every=2m, on=at)", rows);
    let record = fixture.run(2);
    assert_eq!(doors(&record, "events"), [3, 3, 0, 0]);
    assert_eq!(
        stamped(&fixture),
        [
            "1,2026-01-05T10:00:00Z,2026-01-05T09:56:00Z,2026-01-05T10:01:00Z",
            "1,2026-01-05T10:00:00Z,2026-01-05T09:58:00Z,2026-01-05T10:03:00Z",
            "1,2026-01-05T10:00:00Z,2026-01-05T10:00:00Z,2026-01-05T10:05:00Z",
            // Half a second after 10:03:59 the window from 09:58 is over.
            "2,2026-01-05T10:03:59.500Z,2026-01-05T10:00:00Z,2026-01-05T10:05:00Z",
            "2,2026-01-05T10:03:59.500Z,2026-01-05T10:02:00Z,2026-01-05T10:07:00Z",
            "3,,,",
        ]
    );
}

#[test]
fn a_session_ends_when_nothing_comes_for_its_gap() {
    let rows = "id,at\n1,2026-01-05T10:00:00Z\n2,2026-01-05T10:14:59Z\n3,2026-01-05T10:29:59Z\n4,2026-01-05T10:29:59Z\n5,\n6,\n";
    let fixture = windowed(CONTRACT, "@window(session=15m, on=at)", rows);
    let _ = fixture.run(2);
    assert_eq!(
        stamped(&fixture),
        [
            "1,2026-01-05T10:00:00Z,2026-01-05T10:00:00Z,2026-01-05T10:29:59Z",
            "2,2026-01-05T10:14:59Z,2026-01-05T10:00:00Z,2026-01-05T10:29:59Z",
            // Exactly the gap later: the session before is over.
            "3,2026-01-05T10:29:59Z,2026-01-05T10:29:59Z,2026-01-05T10:44:59Z",
            "4,2026-01-05T10:29:59Z,2026-01-05T10:29:59Z,2026-01-05T10:44:59Z",
            "5,,,",
            "6,,,",
        ]
    );
}

#[test]
fn a_sliding_window_counts_as_a_user_would() {
    let fixture = Fixture::new(&[
        ("contracts/event.contract", CONTRACT),
        (
            "features/events.dsl",
            "Feature: Events

Scenario: Count events
  @source(type=csv, path=\"data/events.csv\", contract=Event) as events
  @window(sliding=10m, every=5m, on=at)
  @step(name=Counted)
    @do   select window_start, count(*) as n from events where window_start is not null group by window_start
  @sink(type=csv, path=\"out/counted.csv\")
  @assert valid(events) = 3
",
        ),
        ("data/events.csv", "id,at\n1,2026-01-05T10:00:00Z\n2,2026-01-05T10:04:00Z\n3,2026-01-05T10:06:00Z\n"),
    ]);
    let _ = fixture.run(2);
    let mut lines = fixture.lines("out/counted.csv");
    lines[1..].sort();
    assert_eq!(lines, ["window_start,n", "2026-01-05T09:55:00Z,2", "2026-01-05T10:00:00Z,3", "2026-01-05T10:05:00Z,1"]);
}

/// A small generator: the rows do not matter, only that there are many.
fn numbers(seed: u64) -> impl FnMut(u64) -> i64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % below).unwrap()
    }
}

const KEYED: &str = "Contract: Event
  id    int64                @required
  at    timestamp(UTC, ms)   @required
  user  string
";

/// Milliseconds since 1970 as a timestamp, by chrono: no part of the engine.
fn stamp(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms).unwrap().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Rows of `(ms, user)`, around 1970 and on both sides of it.
fn events(seed: u64) -> (Vec<(i64, String)>, String) {
    let mut next = numbers(seed);
    let rows: Vec<(i64, String)> = (0..400).map(|_| (next(7_200_000) - 3_600_000, format!("u{}", next(4)))).collect();
    let text: String = rows.iter().enumerate().map(|(id, (ms, user))| format!("{id},{},{user}\n", stamp(*ms))).collect();
    (rows, format!("id,at,user\n{text}"))
}

/// `(id, start, end)` of each row that came out.
fn found(fixture: &Fixture) -> Vec<(usize, i64, i64)> {
    let ms = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
    let mut rows: Vec<(usize, i64, i64)> = stamped(fixture)
        .iter()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[0].parse().unwrap(), ms(cells[3]), ms(cells[4]))
        })
        .collect();
    rows.sort_unstable();
    rows
}

#[test]
fn sliding_windows_are_those_of_the_definition() {
    for (seed, length, every) in [(1, 600_000_i64, 120_000_i64), (2, 500_000, 70_000), (3, 1_500, 400), (4, 60_000, 60_000)] {
        let (rows, text) = events(seed);
        let fixture = windowed(KEYED, &format!("@window(sliding={length}ms, every={every}ms, on=at)"), &text);
        let _ = fixture.run(2);
        let mut expected = Vec::new();
        for (id, (at, _)) in rows.iter().enumerate() {
            let first = (at - length).div_euclid(every);
            let starts = (first..first + 2 + length / every + 1).map(|k| k * every);
            expected.extend(starts.filter(|start| start <= at && *at < start + length).map(|start| (id, start, start + length)));
        }
        expected.sort_unstable();
        assert_eq!(found(&fixture), expected, "{length} every {every}");
    }
}

#[test]
fn sessions_of_each_key_are_those_of_the_definition() {
    let gap = 90_000;
    let (rows, text) = events(5);
    let fixture = windowed(KEYED, "@window(session=90s, on=at, by=user)", &text);
    let _ = fixture.run(2);
    let mut by_user: BTreeMap<&str, Vec<(i64, usize)>> = BTreeMap::new();
    for (id, (at, user)) in rows.iter().enumerate() {
        by_user.entry(user).or_default().push((*at, id));
    }
    let mut expected = Vec::new();
    for mut events in by_user.into_values() {
        events.sort_unstable();
        for session in events.chunk_by(|a, b| b.0 < a.0 + gap) {
            let (start, end) = (session[0].0, session[session.len() - 1].0 + gap);
            expected.extend(session.iter().map(|(_, id)| (*id, start, end)));
        }
    }
    expected.sort_unstable();
    assert_eq!(found(&fixture), expected);
}
