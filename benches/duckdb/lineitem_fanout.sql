-- One statement: what was scanned and checked once is handed to every output.
with c as materialized (from checked),
valid as materialized (
  select l.* exclude (unreadable, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9) replace (sha256('bench-key' || l_email) as l_email), o_orderdate, o_orderpriority
  from c l left join orders o on l.l_orderkey = o.o_orderkey
  where not broken(unreadable, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9)),
w1 as (copy (from valid) to 'out/valid.parquet' (format parquet)),
w2 as (copy (select o_orderdate, count(*) as lines, sum(l_extendedprice * (1 - l_discount))::decimal(38, 4) as revenue from valid group by o_orderdate) to 'out/daily.parquet' (format parquet)),
w3 as (copy (select list_filter([case when b0 then 'required:l_partkey' end, case when b1 then 'format:l_receiptdate' end, case when b2 then 'range:l_quantity' end,
        case when b3 then 'range:l_discount' end, case when b4 then 'range:l_tax' end, case when b5 then 'enum:l_returnflag' end, case when b6 then 'enum:l_shipmode' end,
        case when b7 then 'matches:l_email' end, case when b8 then 'rule:worth its price' end, case when b9 then 'key:l_orderkey,l_linenumber' end], lambda x: x is not null) as rules,
        * exclude (unreadable, l_email, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9)
      from c where broken(unreadable, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9)) to 'out/invalid.jsonl' (format json))
select (from w1), (from w2), (from w3);
copy (select unnest(rules) as rule, count(*) as rows from read_json('out/invalid.jsonl') group by rule) to 'out/rules.csv' (header);
