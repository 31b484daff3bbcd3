Feature: Trade compliance
  """Every trade that reaches analytics is complete, masked and traceable."""

@module(layer=silver, domain=finance)
@herd(finance)
Scenario: Validate and enrich trades
  Given trades arrive from the venue
  @source(type=csv, path="data/trades.csv", contract=TradeRaw) as trades
  @source(type=postgres, table="ref.instruments", contract=Instrument) as instruments

  When addresses and amounts are put in order
  @step(name=NormalizeEmails, domain=common, column=email)

  @step(name=AddNotional)
    @when "both factors are known": price is not null and quantity is not null
    @then "never negative":         notional >= 0
    @do   notional = price * quantity

  And the instrument's currency is looked up, where it is known
  @step(name=JoinInstruments)
    @do   select t.*, i.currency
          from AddNotional t left join instruments i using (symbol)

  Then finance sees valid trades, and no invalid one is lost
  And every trade has a currency: `currency is not null`
  @sink(type=delta, table="silver.trades", contract=TradeValidated)
  @sink(type=parquet, path="out/large.parquet", contract=TradeValidated) when notional > 1000000
  @sink(type=json, path="dlq/trades.jsonl", on=invalid)

  @quality(max_invalid=1%)
  @assert "nothing lost": valid(trades) + invalid(trades) = read(trades)
  @alert(on=quality, to="alerts/finance")
  @golden(input="golden/trades.csv", output="golden/trades.validated.json")

@module(domain=common)
Step: NormalizeEmails(column: column<string>)
  """Trims an address and folds it to lower case."""
  @when "there is one": $column is not null
  @then "no capitals":  $column = lower($column)
  @do   $column = lower(trim($column))

  Examples: capitals are folded
    | email     |
    | " A@B.Com"|
    become
    | email   |
    | a@b.com |
