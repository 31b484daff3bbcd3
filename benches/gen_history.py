#!/usr/bin/env python3
"""Makes a repository of contracts with a history, for the benches of `runi diff`.

    gen_history.py DIR --contracts 10000 --commits 2000 --changed 1

`main` gets one commit with every contract and then COMMITS commits that each change one of them; every hundredth is
tagged. The working copy then has CHANGED contracts with a field less. The same arguments give the same repository.
"""

import argparse
import pathlib
import subprocess

CONTRACT = """Contract: Table{n:05}
  \"\"\"Rows of table {n}, revision {revision}.\"\"\"
  @version(1.{revision}.0)
  @owner(team{team}, contact="team{team}@example.com")
  @classification(internal)

  id      int64          @required                    "The row's number"
  name    string         @required @length(max=80)
  amount  decimal(18, 2) @range(min=0) @unit(EUR)
  kind    enum(a, b, c)
  seen    timestamp(UTC) @required
  email   string         @pii(email) @mask(hash) @access(support)
{more}
  @key(id)
  @rule "names are not blank": name <> ''
"""

FEATURE = """Feature: Copies of table {n}

Scenario: Copy table {n}
  Given rows
  @source(type=csv, path="data/{n}.csv", contract=Table{n:05}) as rows

  Then all are written
  @sink(type=csv, path="out/{n}.csv", contract=Table{n:05})
"""


def contract(n, revision):
    more = "".join(f"  extra{i}  string\n" for i in range(revision))
    return CONTRACT.format(n=n, revision=revision, team=n % 50, more=more)


def path(n):
    return f"contracts/d{n // 100:03}/table{n:05}.contract"


def blob(text):
    data = text.encode()
    return b"data %d\n%s\n" % (len(data), data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--contracts", type=int, default=10_000)
    parser.add_argument("--commits", type=int, default=2_000)
    parser.add_argument("--changed", type=int, default=1)
    parser.add_argument("--features", type=int, default=100)
    arguments = parser.parse_args()
    root = arguments.dir
    root.mkdir(parents=True)

    def git(*words, **options):
        subprocess.run(["git", "-C", str(root), *words], check=True, **options)

    git("init", "-q", "-b", "main")
    out = []

    def commit(number, files):
        who = "Runi Bench <bench@example.com> %d +0000" % (1_700_000_000 + number * 600)
        message = f"change {number}".encode()
        out.append(f"commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata {len(message)}\n".encode() + message + b"\n")
        for name, text in files:
            out.append(f"M 100644 inline {name}\n".encode() + blob(text))

    first = [("Runi.toml", '[workspace]\nname = "history"\n'), (".gitignore", ".runi/\nout/\n")]
    first += [(path(n), contract(n, 0)) for n in range(arguments.contracts)]
    first += [(f"features/f{n:05}.dsl", FEATURE.format(n=n)) for n in range(min(arguments.features, arguments.contracts))]
    commit(0, first)
    revisions = {}
    for number in range(1, arguments.commits + 1):
        n = number * 7919 % arguments.contracts
        revisions[n] = min(revisions.get(n, 0) + 1, 8)
        commit(number, [(path(n), contract(n, revisions[n]))])
        if number % 100 == 0:
            out.append(f"reset refs/tags/v0.{number // 100}.0\nfrom refs/heads/main\n\n".encode())
    git("fast-import", "--quiet", input=b"".join(out))
    git("reset", "-q", "--hard", "main")
    git("checkout", "-q", "-b", "work")
    for n in range(arguments.changed):
        file = root / path(n)
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not line.startswith("  kind ")))


if __name__ == "__main__":
    main()
