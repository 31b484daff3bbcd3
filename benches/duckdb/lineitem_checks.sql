-- The ten rules, one column each: true where a row breaks the rule. Null passes all but `required`.
create view repeated as select l_orderkey, l_linenumber from lineitem group by all having count(*) > 1;
create view checked as
select l.*, l.l_orderkey is null or l.l_partkey is null or l.l_linenumber is null as b0,
       coalesce(try_cast(l_receiptdate as date) is null and l_receiptdate is not null, false) as b1,
       coalesce(l_quantity < 1 or l_quantity > 50, false) as b2, coalesce(l_discount < 0 or l_discount > 0.10, false) as b3,
       coalesce(l_tax < 0, false) as b4, coalesce(l_returnflag not in ('A', 'N', 'R'), false) as b5,
       coalesce(l_shipmode not in ('AIR', 'FOB', 'MAIL', 'RAIL', 'REG', 'SHIP', 'TRUCK'), false) as b6,
       coalesce(not regexp_full_match(l_email, '[a-z0-9._]+@[a-z0-9-]+([.][a-z0-9-]+)+'), false) as b7,
       coalesce(l_extendedprice < l_quantity * 900, false) as b8, r.l_orderkey is not null as b9
from lineitem l left join repeated r on l.l_orderkey = r.l_orderkey and l.l_linenumber = r.l_linenumber;
create macro broken(u, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9) as u or b0 or b1 or b2 or b3 or b4 or b5 or b6 or b7 or b8 or b9;
