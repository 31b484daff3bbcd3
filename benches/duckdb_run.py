"""Runs SQL files on DuckDB: `python duckdb_run.py THREADS FILE...`."""

import sys

import duckdb

connection = duckdb.connect(config={"threads": sys.argv[1]})
connection.execute("set preserve_insertion_order = false")
for path in sys.argv[2:]:
    connection.execute(open(path).read())
