#!/usr/bin/env bash
# Makes the Python environment of the benchmarks: `benches/setup.sh [DIRECTORY]`, `benches/.venv` unless said otherwise.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
venv="${1:-$here/.venv}"
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.0 pyarrow==26.0.1 numpy==2.4.6
echo "$venv/bin/python"
