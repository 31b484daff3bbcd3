with c as materialized (from events),
w1 as (copy (select * exclude (missing, b_id, b_kind, b_user, b_amount, b_country, b_session, b_purchase) from c
      where not broken(missing, b_id, b_kind, b_user, b_amount, b_country, b_session, b_purchase)) to 'out/valid.parquet' (format parquet)),
w2 as (copy (select list_filter([case when missing then 'required' end, case when b_id then 'format:event_id' end, case when b_kind then 'enum:kind' end, case when b_user then 'range:user_id' end,
        case when b_amount then 'range:amount' end, case when b_country then 'length:country' end, case when b_session then 'matches:session' end,
        case when b_purchase then 'rule:a purchase has an amount' end], lambda x: x is not null) as rules,
        * exclude (missing, b_id, b_kind, b_user, b_amount, b_country, b_session, b_purchase)
      from c where broken(missing, b_id, b_kind, b_user, b_amount, b_country, b_session, b_purchase)) to 'out/invalid.jsonl' (format json))
select (from w1), (from w2);
