#!/usr/bin/env python3
"""Measures `runi diff` in CPU seconds (user and system), over repositories that gen_history.py makes.

    python benches/diff.py --runi target/release/runi --work /tmp/diff --out benches/results-diff.json

Each case runs ROUNDS times after one run that is not counted; the median is reported, with the wall time and the peak memory of the
process. Nothing of ours is cached between runs: `runi diff` reads git and the files.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent


def measured(command, cwd, wanted):
    """One run: CPU seconds, wall seconds, peak memory in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in wanted:
        sys.exit(f"{' '.join(map(str, command))} exited with {code}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runi", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    runi = arguments.runi.resolve()
    sizes = {
        "500-unchanged": ["--contracts", "500", "--commits", "100", "--changed", "0"],
        "500-one": ["--contracts", "500", "--commits", "100", "--changed", "1"],
        "10000-one": ["--contracts", "10000", "--commits", "2000", "--changed", "1"],
        "one": ["--contracts", "1", "--commits", "0", "--changed", "0", "--features", "0"],
    }
    for name, words in sizes.items():
        if not (arguments.work / name).exists():
            subprocess.run([sys.executable, HERE / "gen_history.py", arguments.work / name, *words], check=True)
    cases = [
        ("500 contracts, nothing changed", "500-unchanged", ["diff"], {0}),
        ("500 contracts, one changed", "500-one", ["diff"], {1}),
        ("10,000 contracts and 2,000 commits, one changed", "10000-one", ["diff"], {1}),
        ("10,000 contracts, 100 commits apart", "10000-one", ["diff", "main~100..main"], {1, 3}),
        ("10,000 contracts, one against 20 tags", "10000-one", ["diff", "--history", "transitive"], {1}),
        ("10,000 contracts, the history of one", "10000-one", ["contract", "history", "Table00000"], {0}),
        ("check of one contract", "one", ["check"], {0}),
    ]
    results = []
    for title, place, command, wanted in cases:
        rounds = [measured([runi, *command], arguments.work / place, wanted) for _ in range(arguments.rounds + 1)][1:]
        cpu, wall, memory = (statistics.median(column) for column in zip(*rounds))
        results.append({"case": title, "command": " ".join(["runi", *command]), "cpu_s": round(cpu, 3), "wall_s": round(wall, 3), "peak_mb": round(memory)})
        print(f"{title:50} {cpu:7.3f} CPU s {wall:7.3f} s {memory:6.0f} MiB")
    if arguments.out:
        machine = {"machine": platform.machine(), "system": platform.system(), "rounds": arguments.rounds}
        arguments.out.write_text(json.dumps({"machine": machine, "results": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
