Feature: Events

Scenario: Validate events
  Given events, one JSON object a line
  @source(type=json, path="data/events.jsonl", contract=Event) as events

  Then the valid ones become Parquet, and no other is lost
  @sink(type=parquet, path="out/valid.parquet", contract=Event)
  @sink(type=json, path="out/invalid.jsonl", on=invalid)
