-- Text first, casts after: a cell that cannot be read must set its row aside, not end the run.
create view lineitem as
select try_cast(l_orderkey as bigint) as l_orderkey, try_cast(l_partkey as bigint) as l_partkey, try_cast(l_suppkey as bigint) as l_suppkey,
       try_cast(l_linenumber as integer) as l_linenumber, try_cast(l_quantity as decimal(15, 2)) as l_quantity,
       try_cast(l_extendedprice as decimal(15, 2)) as l_extendedprice, try_cast(l_discount as decimal(15, 2)) as l_discount,
       try_cast(l_tax as decimal(15, 2)) as l_tax, l_returnflag, l_linestatus, try_cast(l_shipdate as date) as l_shipdate,
       try_cast(l_commitdate as date) as l_commitdate, l_receiptdate, l_shipinstruct, l_shipmode, l_comment, l_email,
       coalesce((l_orderkey is not null and try_cast(l_orderkey as bigint) is null) or (l_partkey is not null and try_cast(l_partkey as bigint) is null)
         or (l_suppkey is not null and try_cast(l_suppkey as bigint) is null) or (l_linenumber is not null and try_cast(l_linenumber as integer) is null)
         or (l_quantity is not null and try_cast(l_quantity as decimal(15, 2)) is null)
         or (l_extendedprice is not null and try_cast(l_extendedprice as decimal(15, 2)) is null)
         or (l_discount is not null and try_cast(l_discount as decimal(15, 2)) is null) or (l_tax is not null and try_cast(l_tax as decimal(15, 2)) is null)
         or (l_shipdate is not null and try_cast(l_shipdate as date) is null) or (l_commitdate is not null and try_cast(l_commitdate as date) is null), false) as unreadable
from read_csv('data/lineitem.csv', all_varchar = true, header = true);
create view orders as select * from read_csv('data/orders.csv', header = true,
  columns = {'o_orderkey': 'bigint', 'o_custkey': 'bigint', 'o_orderdate': 'date', 'o_orderpriority': 'varchar', 'o_totalprice': 'decimal(15, 2)'});
