create view events as
select *, event_id is null or kind is null or user_id is null or "at" is null or country is null or session is null as missing,
       coalesce(try_cast(event_id as uuid) is null and event_id is not null, false) as b_id, coalesce(kind not in ('view', 'click', 'cart', 'buy'), false) as b_kind,
       coalesce(user_id < 1, false) as b_user, coalesce(amount < 0, false) as b_amount, coalesce(length(country) <> 2, false) as b_country,
       coalesce(not regexp_full_match(session, 's-[0-9]{19}'), false) as b_session, coalesce(kind = 'buy' and amount is null, false) as b_purchase
from read_json('data/events.jsonl', format = 'newline_delimited', columns = {'event_id': 'varchar', 'kind': 'varchar', 'user_id': 'bigint', 'at': 'timestamptz', 'amount': 'decimal(12, 2)',
  'country': 'varchar', 'session': 'varchar', 'page': 'varchar', 'referrer': 'varchar', 'browser': 'varchar', 'system': 'varchar'});
create macro broken(m, a, b, c, d, e, f, g) as m or a or b or c or d or e or f or g;
