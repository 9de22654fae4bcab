"""The coverage gate: each named package must have more than so many percent of its branches covered.

``coverage report --fail-under`` mixes lines and branches into one figure for everything; this looks at branches only,
and at each package by itself, so that a well-tested one does not hide another. Exits 1 where one has not.

Usage: ``branches.py PERCENT PACKAGE…`` with a ``.coverage`` file in the current folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter


def main(percent: float, packages: list[str]) -> int:
    text = subprocess.run(
        [sys.executable, "-m", "coverage", "json", "-q", "-o", "-"], check=True, capture_output=True, text=True
    ).stdout
    there: Counter[str] = Counter()
    covered: Counter[str] = Counter()
    partial: list[tuple[int, str, list[list[int]]]] = []
    for path, entry in json.loads(text)["files"].items():
        package = path.split("/")[1]
        summary = entry["summary"]
        there[package] += summary["num_branches"]
        covered[package] += summary["covered_branches"]
        if package in packages and entry["missing_branches"]:
            partial.append((len(entry["missing_branches"]), path, entry["missing_branches"]))
    low = []
    for package in packages:
        share = 100 * covered[package] / there[package] if there[package] else 0.0
        print(f"{package}: {covered[package]} of {there[package]} branches covered, {share:.1f} %")
        if share <= percent:
            low.append(package)
    if low:
        print(f"Not above {percent:g} % of branches: {', '.join(low)}. Most is missing in:", file=sys.stderr)
        for count, path, branches in sorted(partial, reverse=True)[:8]:
            print(f"  {path}: {count}, from lines {sorted({start for start, _ in branches})}", file=sys.stderr)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
