"""Makes the data of the benchmarks, always the same rows for the same sizes.

    python generate.py --out work                       # full size: 6,000,000 lines, 1,000,000 events
    python generate.py --out work --lines 60000 --events 10000

Each workload gets a directory that is a Runi workspace with its data: `w1_parquet`, `w1_csv`, `w2`
(ten lines) and `w4`, and `w4_malformed`, where two of a thousand lines are broken. Every faulty row has
one fault, so `expected.json` beside the data holds the true count of every rule.
"""

import argparse
import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

HERE = Path(__file__).parent
CHUNK = 500_000
LINES_PER_ORDER = 4
# 1 % of the rows break one of nine rules; 0.045 % repeat the key of the row before, which makes two bad rows each.
FAULTY = 0.01
REPEATED = 0.00045
FAULTS = [
    "required:l_partkey",
    "format:l_receiptdate",
    "range:l_quantity",
    "range:l_discount",
    "range:l_tax",
    "enum:l_returnflag",
    "enum:l_shipmode",
    "matches:l_email",
    "rule:worth its price",
]
WORDS = "furiously carefully blithely quickly slyly final regular express special pending ironic even bold silent deposits requests accounts packages theodolites foxes pinto beans instructions".split()
DOMAINS = pa.array(["example.com", "example.org", "mail.example.net", "post.example.co"])


def decimals(cents, precision=15, scale=2):
    """Decimal128 from integers."""
    wide = np.empty((len(cents), 2), dtype=np.int64)
    wide[:, 0] = cents
    wide[:, 1] = cents >> 63
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(cents), [None, pa.py_buffer(wide)])


def dates(days):
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def pick(values, index):
    return pa.array(values).take(pa.array(index))


def joined(*parts):
    return pc.binary_join_element_wise(*parts, "")


def text(numbers):
    return pa.array(numbers).cast(pa.string())


def lineitem(start, rows, rng, comments):
    """Rows `start..start+rows`, and which fault each has (-1: none)."""
    i = np.arange(start, start + rows, dtype=np.int64)
    fault = np.where(rng.random(rows) < FAULTY, rng.integers(0, len(FAULTS), rows), -1)
    repeats = rng.random(rows) < REPEATED
    # Neither the first line of a chunk nor two in a row, so that every repeated key is a pair of clean rows.
    repeats[0] = False
    repeats[1:] &= ~repeats[:-1]
    fault[repeats] = -1
    fault[:-1][repeats[1:]] = -1
    key = np.where(repeats, i - 1, i)
    order, number = key // LINES_PER_ORDER + 1, key % LINES_PER_ORDER + 1

    quantity = rng.integers(1, 51, rows) * 100
    price = quantity * rng.integers(900, 2_100, rows)
    shipped = rng.integers(8_036, 10_500, rows)
    received = shipped + rng.integers(1, 31, rows)
    discount, tax = rng.integers(0, 11, rows), rng.integers(0, 9, rows)
    flag, mode = rng.integers(0, 3, rows), rng.integers(0, 7, rows)
    person = rng.integers(0, 1_000_000, rows)

    quantity = np.where(fault == 2, 5_100, quantity)
    price = np.where(fault == 2, 5_100 * 1_000, price)
    price = np.where(fault == 8, quantity * 10, price)
    discount = np.where(fault == 3, 90, discount)
    tax = np.where(fault == 4, -1, tax)
    flag = np.where(fault == 5, 3, flag)
    mode = np.where(fault == 6, 7, mode)
    email = joined("user", text(person), pick(["@", " at "], (fault == 7).astype(np.int8)), DOMAINS.take(pa.array(person % 4)))
    receipt = pc.if_else(pa.array(fault == 1), pa.scalar("soon"), dates(received).cast(pa.string()))
    table = pa.table(
        {
            "l_orderkey": order,
            "l_partkey": pa.array(rng.integers(1, 200_001, rows), mask=fault == 0),
            "l_suppkey": rng.integers(1, 10_001, rows),
            "l_linenumber": number.astype(np.int32),
            "l_quantity": decimals(quantity),
            "l_extendedprice": decimals(price),
            "l_discount": decimals(discount),
            "l_tax": decimals(tax),
            "l_returnflag": pick(["A", "N", "R", "X"], flag),
            "l_linestatus": pick(["F", "O"], (shipped > 9_300).astype(np.int8)),
            "l_shipdate": dates(shipped),
            "l_commitdate": dates(shipped + rng.integers(-30, 60, rows)),
            "l_receiptdate": receipt,
            "l_shipinstruct": pick(["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"], rng.integers(0, 4, rows)),
            "l_shipmode": pick(["AIR", "FOB", "MAIL", "RAIL", "REG", "SHIP", "TRUCK", "ROCKET"], mode),
            "l_comment": comments.take(pa.array(rng.integers(0, len(comments), rows))),
            "l_email": email,
        }
    )
    counts = Counter({FAULTS[k]: int(n) for k, n in enumerate(np.bincount(fault[fault >= 0], minlength=len(FAULTS)))})
    counts["key:l_orderkey,l_linenumber"] = 2 * int(repeats.sum())
    return table, counts


def orders(count, rng):
    return pa.table(
        {
            "o_orderkey": np.arange(1, count + 1, dtype=np.int64),
            "o_custkey": rng.integers(1, 150_001, count),
            "o_orderdate": dates(rng.integers(8_036, 10_440, count)),
            "o_orderpriority": pick(["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"], rng.integers(0, 5, count)),
            "o_totalprice": decimals(rng.integers(100_000, 50_000_000, count)),
        }
    )


class Writers:
    """One table into Parquet, CSV or both."""

    def __init__(self, name, schema, parquet, csv):
        self.open = [pq.ParquetWriter(d / f"{name}.parquet", schema, compression="snappy", write_statistics=True) for d in parquet]
        self.open += [pacsv.CSVWriter(d / f"{name}.csv", schema, write_options=pacsv.WriteOptions(quoting_style="none", quoting_header="none")) for d in csv]

    def write(self, table):
        for writer in self.open:
            writer.write_table(table)

    def close(self):
        for writer in self.open:
            writer.close()


def workspace(out, name, template, source):
    """Lays down a workspace and gives its data directory. `source` is the format of what it reads."""
    target = out / name
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(HERE / "workspaces" / template, target)
    for path in target.rglob("*.dsl"):
        path.write_text(path.read_text().replace("{format}", source))
    (target / "data").mkdir()
    (target / "out").mkdir()
    return target / "data"


def lines(parquet, csv, rows):
    rng = np.random.default_rng(20130131)
    comments = [" ".join(np.array(WORDS)[rng.integers(0, len(WORDS), rng.integers(2, 6))])[:43] for _ in range(min(200_000, max(rows, 10)))]
    comments = pa.array(comments)
    counts, writers = Counter(), None
    for start in range(0, rows, CHUNK):
        table, faults = lineitem(start, min(CHUNK, rows - start), rng, comments)
        counts.update(faults)
        writers = writers or Writers("lineitem", table.schema, parquet, csv)
        writers.write(table)
    writers.close()
    table = orders(-(-rows // LINES_PER_ORDER), rng)
    writers = Writers("orders", table.schema, parquet, csv)
    writers.write(table)
    writers.close()
    invalid = sum(counts.values())
    for directory in parquet + csv:
        (directory / "expected.json").write_text(json.dumps({"read": rows, "invalid": invalid, "valid": rows - invalid, "rules": dict(counts)}, indent=2))


KINDS = ["view", "view", "view", "click", "click", "cart", "buy"]


def events(directory, rows, malformed):
    rng = np.random.default_rng(7)
    counts = Counter()
    with (directory / "events.jsonl").open("w") as file:
        for start in range(0, rows, CHUNK):
            n = min(CHUNK, rows - start)
            kind, user, cents = rng.integers(0, len(KINDS), n).tolist(), rng.integers(1, 500_000, n).tolist(), rng.integers(1, 1_000_000, n).tolist()
            high, low = rng.integers(0, 1 << 62, n).tolist(), rng.integers(0, 1 << 62, n).tolist()
            page, second, chance = rng.integers(0, 10_000, n).tolist(), rng.integers(0, 86_400 * 30, n).tolist(), rng.random(n).tolist()
            for k in range(n):
                name = KINDS[kind[k]]
                amount = f"{cents[k] // 100}.{cents[k] % 100:02}" if name == "buy" else "null"
                country, number = ("CA", "DE", "FR", "JP", "US")[user[k] % 5], str(user[k])
                # One of a thousand rows breaks each of three rules; two more are no JSON, where that is wanted.
                fault = int(chance[k] * 1_000)
                if fault == 0:
                    name, broken = "hover", "enum:kind"
                elif fault == 1:
                    country, broken = "Canada", "length:country"
                elif fault == 2:
                    number, broken = "0", "range:user_id"
                else:
                    broken = None
                day, rest = divmod(second[k], 86_400)
                identity = f"{high[k]:016x}{low[k]:016x}"
                identity = "-".join((identity[:8], identity[8:12], identity[12:16], identity[16:20], identity[20:]))
                line = (
                    f'{{"event_id":"{identity}","kind":"{name}","user_id":{number},"at":"2026-01-{day + 1:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z",'
                    f'"amount":{amount},"country":"{country}","session":"s-{low[k]:019}","page":"/products/{page[k]:05}/details","referrer":"https://www.example.com/search?q={page[k]:05}",'
                    f'"browser":"Firefox 147","system":"Linux"}}'
                )
                if malformed and fault == 10:
                    line, broken = line[: len(line) // 2], "malformed"
                elif malformed and fault == 11:
                    line, broken = line.replace(f'"user_id":{number}', '"user_id":"someone"'), "type:user_id"
                if broken:
                    counts[broken] += 1
                file.write(line + "\n")
    invalid = sum(counts.values())
    (directory / "expected.json").write_text(json.dumps({"read": rows, "invalid": invalid, "valid": rows - invalid, "rules": dict(counts)}, indent=2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE / "work")
    parser.add_argument("--lines", type=int, default=6_000_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    lines([workspace(args.out, "w1_parquet", "lineitem", "parquet")], [workspace(args.out, "w1_csv", "lineitem", "csv")], args.lines)
    lines([], [workspace(args.out, "w2", "lineitem", "csv")], 10)
    events(workspace(args.out, "w4", "events", "json"), args.events, malformed=False)
    events(workspace(args.out, "w4_malformed", "events", "json"), args.events, malformed=True)


if __name__ == "__main__":
    main()
