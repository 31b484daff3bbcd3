create view lineitem as select *, false as unreadable from read_parquet('data/lineitem.parquet');
create view orders as select * from read_parquet('data/orders.parquet');
