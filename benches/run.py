"""Runs Runi and DuckDB in turn on the same data, and compares what they took and what they wrote.

    python run.py --work work --runi ../target/release/runi --rounds 3
    python run.py --work work --only w1_csv --peers fanout        # one workload, one peer
    python run.py --work work --no-runi                           # the peers alone

A round runs every contender once, after the other, so that a slower hour hits all of them. Shown is the
median; `ratio` is the median of Runi's wall time over the peer's in the same round. Every output is
checked against the true counts of `expected.json`, and rows against the peer's by an order-independent hash.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
WORKLOADS = {
    "w1_parquet": ("lineitem", ["lineitem_parquet", "lineitem_checks"], {"rescan": "lineitem_rescan", "fanout": "lineitem_fanout"}),
    "w1_csv": ("lineitem", ["lineitem_csv", "lineitem_checks"], {"rescan": "lineitem_rescan", "fanout": "lineitem_fanout"}),
    "w2": ("lineitem", ["lineitem_csv", "lineitem_checks"], {"rescan": "lineitem_rescan", "fanout": "lineitem_fanout"}),
    "w4": ("events", ["events_checks"], {"rescan": "events_rescan", "fanout": "events_fanout"}),
    # No peer finishes this one without losing rows.
    "w4_malformed": ("events", [], {}),
}
SCENARIOS = {"lineitem": "validate-lines", "events": "validate-events"}
# Masked differently by each contender, on purpose: the peer does less work.
MASKED = {"lineitem": ["l_email"], "events": []}


def measure(command, directory, env, log):
    """Wall seconds, CPU seconds and peak memory in MiB of a process."""
    out = directory / "out"
    for path in sorted(out.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    # What the run before left to be written must not slow this one down.
    os.sync()
    result = log.with_suffix(".json")
    with log.open("w") as sink:
        launcher = [sys.executable, "-S", HERE / "measured.py", result, *command]
        code = subprocess.run(launcher, cwd=directory, env=env, stdout=sink, stderr=subprocess.STDOUT).returncode
    if code != 0:
        sys.exit(f"{' '.join(map(str, command))} in {directory}: exit code {code}\n{log.read_text()[-4000:]}")
    return json.loads(result.read_text())


def digest(path, without=()):
    """Rows and an order-independent hash of their content as text. `without`: columns that are only counted."""
    relation = f"read_parquet('{path}')"
    columns = sorted(row[0] for row in duckdb.execute(f"describe select * from {relation}").fetchall())
    shown = ", ".join(f'''coalesce("{name}"::varchar, '\\0')''' for name in columns if name not in without)
    counted = "".join(f', count("{name}"), count(distinct "{name}")' for name in without)
    row = duckdb.execute(f"select count(*), coalesce(sum(hash(concat_ws('|', {shown}))::hugeint), 0){counted} from {relation}").fetchone()
    return (columns, *map(int, row))


def quarantined(directory):
    """Rows in the quarantine and how often each rule was broken, whoever wrote it."""
    rules, rows = Counter(), 0
    with (directory / "out" / "invalid.jsonl").open() as file:
        for line in file:
            rows += 1
            rules.update(json.loads(line)["rules"])
    return rows, dict(rules)


def outcome(kind, directory):
    expected = json.loads((directory / "data" / "expected.json").read_text())
    invalid, rules = quarantined(directory)
    found = {"read": expected["read"], "invalid": invalid, "valid": digest(directory / "out" / "valid.parquet")[1], "rules": rules}
    true = {**expected, "rules": {rule: n for rule, n in expected["rules"].items() if n}}
    if found != true:
        sys.exit(f"{directory}: the counts are not the true ones\n  expected {true}\n  found    {found}")
    digests = {"valid": digest(directory / "out" / "valid.parquet", MASKED[kind])}
    if kind == "lineitem":
        digests["daily"] = digest(directory / "out" / "daily.parquet")
    return digests


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--runi", type=Path, default=HERE.parent / "target" / "release" / "runi")
    parser.add_argument("--no-runi", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", action="append", choices=list(WORKLOADS))
    parser.add_argument("--peers", action="append", choices=["rescan", "fanout"])
    parser.add_argument("--json", type=Path, help="also write every measurement here")
    args = parser.parse_args()

    env = {**os.environ, "RUNI_BENCH_MASK_KEY": "0123456789abcdef0123456789abcdef"}
    measured = []
    for workload in args.only or WORKLOADS:
        kind, setup, forms = WORKLOADS[workload]
        directory = (args.work / workload).resolve()
        peers = [form for form in forms if not args.peers or form in args.peers]
        contenders = {} if args.no_runi else {"runi": [args.runi.resolve(), "run", SCENARIOS[kind]]}
        for form in peers:
            contenders[form] = [sys.executable, HERE / "duckdb_run.py", str(args.threads), *(HERE / "duckdb" / f"{name}.sql" for name in [*setup, forms[form]])]
        runs = {name: [] for name in contenders}
        reference = None
        for _ in range(args.rounds):
            for name, command in contenders.items():
                runs[name].append(measure(command, directory, env, args.work / "last.log"))
                digests = outcome(kind, directory)
                if reference and digests != reference[1]:
                    sys.exit(f"{workload}: {name} and {reference[0]} wrote different rows\n  {digests}\n  {reference[1]}")
                reference = reference or (name, digests)
        for name, rounds in runs.items():
            middle = {key: statistics.median(run[key] for run in rounds) for key in ("wall", "cpu", "rss")}
            ratio = ""
            if "runi" in runs and name != "runi":
                ratio = f"  runi/{name} {statistics.median(ours['wall'] / theirs['wall'] for ours, theirs in zip(runs['runi'], rounds)):.2f}"
            print(f"{workload:<13} {name:<7} wall {middle['wall']:7.3f} s  cpu {middle['cpu']:7.3f} s  rss {middle['rss']:6.0f} MiB{ratio}", flush=True)
            measured.append({"workload": workload, "contender": name, "rounds": rounds})
    if args.json:
        args.json.write_text(json.dumps(measured, indent=2))


if __name__ == "__main__":
    main()
