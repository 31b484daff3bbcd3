//! Windows of one length: each row gets the window that its event time lies in.

use crate::support::{Fixture, doors};

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
