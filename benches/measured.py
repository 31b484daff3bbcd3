#!/usr/bin/env python3
"""Runs a command and writes what it took into a file: measured.py RESULT COMMAND…

A process of its own, because a child's peak memory begins with that of the process that starts it, and run.py grows while it compares outputs.
"""

import json
import os
import subprocess
import sys
import time


def main():
    result, *command = sys.argv[1:]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    with open(result, "w") as file:
        json.dump({"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss / 1024}, file)
    sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)


if __name__ == "__main__":
    main()
