"""What Runi makes of files that other tools wrote, and what other tools make of files that Runi wrote.

    pip install pyarrow==26.0.1 duckdb==2.0.0 fastavro==1.13.1 sqlglot==30.30.0 datacontract-cli==1.2.8 grpcio-tools
    npm install @bufbuild/buf@1.75.0
    BUF=node_modules/.bin/buf python benches/compatibility/foreign.py target/release/runi

Inwards: pyarrow and DuckDB write one file for each type that they have, and files that are odd in other ways. `runi contract gen`
must make a contract of each that compiles and rejects no row of it, or refuse with a code. Outwards: a contract with everything
in it is exported, and each format is read by a tool of its own: `.proto` by buf and protoc, Avro by fastavro, SQL by sqlglot in each
dialect and by DuckDB and SQLite themselves, ODCS by the official schema inside datacontract-cli. Exits with 1 when something is wrong.
"""

import datetime
import decimal
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

import duckdb
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot

RUNI = pathlib.Path(sys.argv[1]).resolve()
ROWS = 40
UTC = datetime.timezone.utc

EVERYTHING = r'''Contract: Everything
  """All of it; with 'quotes' and \ and */ and -- and "doubles"."""
  @version(1.2.3)
  @owner(team, contact="t@example.com")
  @classification(restricted)

  id        string  @required @length(min=1, max=40)  "it's the \"key\""
  flag      boolean  @required
  i8        int8  @range(min=-5, max=5)
  i64       int64
  u64       uint64
  f64       float64  @range(min=0.5, max=1.5)
  dec       decimal(18, 6)  @range(min=0, exclusive=true) @unit(USD)
  txt       string  @matches("[A-Z]{2}\d'x")
  mail      string  @format(email) @pii(email) @mask(hash)
  uid       string  @format(uuid)
  bin       binary
  day       date
  clock     time
  stamp     timestamp
  stamputc  timestamp(UTC)
  nanos     timestamp(UTC, ns)
  side      enum(buy, sell, "it's", "a b", "1x")  @required
  tags      list<string>
  legs      list<struct<id: string, notional: decimal(18, 2), inner: struct<a: list<int32>, e: enum(x, y)>>>
  attrs     map<string, int64>
  select    int32  "a keyword"
  "order"   string
  defs      string  @default("it's")

  @key(id)
  @unique(i64, txt)
  @rule "sum": i8 < 5 or i64 is null

Contract: Child
  @version(0.1.0)
  @owner(team)

  id      int64  @required
  parent  string

  @key(id)
  @references(parent, Everything.id)
'''

problems = []


def check(name, ok, why=""):
    print(f"{'ok' if ok else 'WRONG':6}{name}{'' if ok else ': ' + why.strip()[-600:]}")
    if not ok:
        problems.append(name)


def runi(space, *args):
    return subprocess.run([RUNI, *args], cwd=space, capture_output=True, text=True)


def arrow_columns():
    """One column for each type that Arrow and Parquet share."""
    whole = list(range(ROWS))
    columns = {name: pa.array(whole, getattr(pa, name)()) for name in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]}
    columns |= {name: pa.array([n / 3 for n in whole], getattr(pa, name)()) for name in ["float32", "float64"]}
    columns |= {name: pa.array([f"s{n}" for n in whole], getattr(pa, name)()) for name in ["string", "large_string", "string_view"]}
    columns |= {name: pa.array([bytes([n]) for n in whole], getattr(pa, name)()) for name in ["binary", "large_binary"]}
    columns |= {name: pa.array([datetime.date(2024, 1, 1)] * ROWS, getattr(pa, name)()) for name in ["date32", "date64"]}
    for unit in ["s", "ms", "us", "ns"]:
        columns["plain_" + unit] = pa.array(whole, pa.int64()).cast(pa.timestamp(unit))
        columns["paris_" + unit] = pa.array(whole, pa.int64()).cast(pa.timestamp(unit, "Europe/Paris"))
    number = [decimal.Decimal(n) / 4 for n in whole]
    return columns | {
        "boolean": pa.array([n % 2 == 0 for n in whole]),
        "offset": pa.array(whole, pa.int64()).cast(pa.timestamp("us", "+02:00")),
        "time_ms": pa.array(whole, pa.int32()).cast(pa.time32("ms")),
        "time_us": pa.array(whole, pa.int64()).cast(pa.time64("us")),
        "duration": pa.array(whole, pa.int64()).cast(pa.duration("us")),
        "fixed": pa.array([bytes([n] * 4) for n in whole], pa.binary(4)),
        "decimal": pa.array(number, pa.decimal128(18, 4)),
        "decimal256": pa.array(number, pa.decimal256(50, 4)),
        "dictionary": pa.array(["ab"[n % 2] for n in whole]).dictionary_encode(),
        "large_list": pa.array([["x"] * (n % 3) for n in whole], pa.large_list(pa.string())),
        "fixed_list": pa.array([[1.0, 2.0]] * ROWS, pa.list_(pa.float32(), 2)),
        "struct": pa.array([{"a": n, "b": {"c": ["q"]}} for n in whole]),
        "map": pa.array([[("k", n)] for n in whole], pa.map_(pa.string(), pa.int64())),
        "nested": pa.array([[[{"p": datetime.datetime(2024, 1, 1, tzinfo=UTC)}]]] * ROWS),
        "nothing": pa.nulls(ROWS),
    }


DUCKDB = """select i as id, i::hugeint huge, i::uhugeint uhuge, (i/4)::decimal(38,10) dec, 'x'||i as txt, uuid() uid, date '2024-01-01' as day,
    time '10:00:00' as clock, timestamp_s '2024-01-01' s, timestamp_ns '2024-01-01' ns, timestamptz '2024-01-01 00:00:00+02' tz,
    interval '1 day' span, [[i]] lists, {'a': i, 'b': {'c': 'x'}} parts, map {'k': i} pairs, ['A','B'][i%2+1]::enum('A','B') side,
    case when i%3=0 then null else i end maybe, '{"a":1}'::json doc, [1,2,3]::integer[3] three from range(40) t(i)"""


def inwards(space):
    data = space / "data"
    data.mkdir()
    for name, column in arrow_columns().items():
        table = pa.table({"id": list(range(ROWS)), name: column})
        pq.write_table(table, data / f"{name}.parquet")
        with pa.OSFile(str(data / f"{name}.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    pq.write_table(pa.table({"id": pa.array([], pa.int64())}), data / "no_rows.parquet")
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["twice", "twice"]), data / "twice.parquet")
    pq.write_table(pa.table({"x\ny": [1]}), data / "newline.parquet")
    database = duckdb.connect()
    for ending, how in [("parquet", "format parquet"), ("json", "format json"), ("json.gz", "format json, compression gzip"), ("csv", "header")]:
        database.execute(f"copy ({DUCKDB}) to '{data}/duckdb.{ending}' ({how})")
    (data / "empty.csv").write_text("")
    (data / "objects.jsonl").write_text('{"id": 1, "empty": {}, "none": null, "list": []}\n' * ROWS)
    for file in sorted(data.iterdir()):
        for old in (space / "contracts").iterdir():
            old.unlink()
        made = runi(space, "contract", "gen", f"data/{file.name}", "--name", "Sample", "--out", "contracts")
        if made.returncode != 0:
            coded = made.returncode in (1, 4) and ("[E" in made.stderr or made.stderr.lstrip().startswith("E")) and "panicked" not in made.stderr
            check(f"{file.name} is refused with a code", coded, made.stderr)
            continue
        valid = runi(space, "contract", "validate", "Sample", "--data", f"data/{file.name}")
        check(f"{file.name} fits its contract", valid.returncode == 0, valid.stdout + valid.stderr)


def outwards(space):
    (space / "contracts/all.contract").write_text(EVERYTHING)
    exported = {}
    for to in ["protobuf", "avro", "odcs"]:
        done = runi(space, "contract", "export", "--to", to, "--out", to)
        check(f"{to} is written", done.returncode == 0, done.stderr)
        exported[to] = space / to
    protoc = [sys.executable, "-m", "grpc_tools.protoc", "-I", exported["protobuf"], f"--descriptor_set_out={os.devnull}", "contracts.proto"]
    for tool, command in [("buf", [os.environ.get("BUF", "buf"), "build", exported["protobuf"]]), ("protoc", protoc)]:
        done = subprocess.run(command, capture_output=True, text=True)
        check(f"{tool} compiles the .proto", done.returncode == 0, done.stderr)
    for file in sorted(exported["avro"].iterdir()):
        try:
            fastavro.parse_schema(json.loads(file.read_text()))
            check(f"fastavro reads {file.name}", True)
        except Exception as error:  # whatever it says is the finding
            check(f"fastavro reads {file.name}", False, str(error))
    for file in sorted(exported["odcs"].iterdir()):
        done = subprocess.run([pathlib.Path(sys.executable).with_name("datacontract"), "lint", file], capture_output=True, text=True)
        check(f"{file.name} is valid ODCS", done.returncode == 0, done.stdout)
    for dialect in ["generic", "postgres", "mysql", "sqlite", "snowflake", "bigquery", "duckdb", "spark"]:
        text = runi(space, "contract", "export", "--to", "sql", "--dialect", dialect, "--out", "-").stdout
        try:
            statements = [one for one in sqlglot.parse(text, read=None if dialect == "generic" else dialect) if one is not None]
            known = all(type(one).__name__ in ("Create", "Comment") for one in statements)
            check(f"sqlglot reads {dialect}", known and len(statements) >= 2, repr(statements))
            if dialect == "duckdb":
                duckdb.connect().execute(text)
            if dialect == "sqlite":
                sqlite3.connect(":memory:").executescript(text)
        except Exception as error:  # whatever it says is the finding
            check(f"{dialect} takes its SQL", False, str(error))


with tempfile.TemporaryDirectory() as folder:
    workspace = pathlib.Path(folder)
    (workspace / "contracts").mkdir()
    (workspace / "Runi.toml").write_text('[workspace]\nname = "foreign"\n')
    inwards(workspace)
    for old in (workspace / "contracts").iterdir():
        old.unlink()
    outwards(workspace)
print(f"{len(problems)} wrong")
sys.exit(1 if problems else 0)
