Feature: Orders
  """Every order that leaves here is complete, and its customer is masked."""

@module(layer=silver, domain=shop)
Scenario: Clean orders
  Given orders from the shop
  @source(type=csv, path="data/orders.csv", contract=OrderRaw) as orders

  When addresses are put in order
  @step(name=NormalizeEmail)
    @when "there is one": email is not null
    @then "no capitals":  email = lower(email)
    @do   email = lower(trim(email))

  And each order gets a size
  @step(name=AddSize)
    @do   size = case when amount >= 100 then 'large' else 'small' end

  @step(name=WithoutName)
    @do   drop customer

  Then valid orders are written, and no other is lost
  And no order costs less than nothing: `amount >= 0`
  @sink(type=parquet, path="out/orders.parquet", contract=Order)
  @sink(type=csv, path="out/sizes.csv", contract=OrderSize, name=sizes)
  @sink(type=json, path="out/quarantine/orders.jsonl", on=invalid)

  @quality(max_invalid=25%)
  @assert "nothing lost": valid(orders) + invalid(orders) = read(orders)
  @golden(input="golden/orders.csv", output="golden/sizes.jsonl", sink=sizes)

  Examples: sizes
    Given orders
      | order_id | amount |
      | 1        | 99.99  |
      | 2        | 100.00 |
    become
    Then order
      | order_id | size  |
      | 1        | small |
      | 2        | large |
