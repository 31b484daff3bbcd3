Feature: Lines of orders
  """Ten rules, a quarantine, a mask, a join and an aggregate: what the peers are compared with."""

Scenario: Validate lines
  Given lines and their orders
  @source(type={format}, path="data/lineitem.{format}", contract=Lineitem) as lineitem
  @source(type={format}, path="data/orders.{format}", contract=Order) as orders

  When each line has its order
  @step(name=WithOrder)
    @do select l.*, o.o_orderdate, o.o_orderpriority
        from lineitem l left join orders o on l.l_orderkey = o.o_orderkey

  Then the valid lines are kept, and so are the others
  @sink(type=parquet, path="out/valid.parquet", contract=ValidLine)
  @sink(type=json, path="out/invalid.jsonl", on=invalid)

  When days are added up
  @step(name=Daily)
    @do select o_orderdate, count(*) as lines, cast(sum(l_extendedprice * (1 - l_discount)) as decimal(38, 4)) as revenue
        from WithOrder
        group by o_orderdate
  @sink(type=parquet, path="out/daily.parquet", contract=DailyRevenue)
