"""Command line of the benchmark: ``python -m benchmarks``, or ``make bench``."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.child import ChildFailed
from benchmarks.scenarios import SCENARIOS, Measured, Sizes, Unexpected, cache
from benchmarks.show import NoPlace, put_in, steps, tables

_QUICK = Sizes(people=400, groups=40, memberships=2_000, issues=400, cached=(10_000,))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, show, and write into the README.

    :param argv: arguments; default: those of this process
    :returns: exit status: 0, 1 where a run did not do what it should
    """
    args = _arguments(argv)
    sizes, machine = _sizes(args), _machine()
    if args.readme and not _has_place(args.readme):
        return 1
    runs: list[Measured] = []
    caches = []
    try:
        for name in args.only:
            if name == "cache":
                for records in sizes.cached:
                    caches.append(cache(records))
                    print(f"cache {records:,}: {caches[-1]['read']:.2f} s to read", flush=True)
                continue
            for api in args.api:
                for measured in SCENARIOS[name](sizes, api, args.profile):
                    runs.append(measured)
                    print(f"{name} {api}, {measured.name}: {measured.took:.1f} s ({steps(measured)})", flush=True)
        text = tables(sizes, runs, caches, machine)
        print(f"\n{text}")
        if args.readme:
            path = Path(args.readme)
            path.write_text(put_in(path.read_text(), text))
    except (ChildFailed, Unexpected) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _has_place(readme: str) -> bool:
    """Look before the measuring, which takes long, whether there is a place for what it finds."""
    try:
        put_in(Path(readme).read_text(), "")
    except (NoPlace, OSError) as error:
        print(f"{readme}: {error}", file=sys.stderr)
        return False
    return True


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    full = Sizes()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small worlds: does it work at all? Writes no README")
    parser.add_argument("--people", type=int, help=f"people of the site ({full.people})")
    parser.add_argument("--groups", type=int, help=f"its groups ({full.groups})")
    parser.add_argument("--memberships", type=int, help=f"how many times somebody is in a group ({full.memberships})")
    parser.add_argument("--issues", type=int, help=f"issues that the task finds ({full.issues})")
    parser.add_argument("--cached", type=int, nargs="+", help=f"records of the cache alone ({full.cached})")
    parser.add_argument("--api", nargs="+", choices=("rest", "webapi"), default=["rest", "webapi"], help="ESM's APIs")
    only = [*SCENARIOS, "cache"]
    parser.add_argument("--only", nargs="+", choices=only, default=only, help="measure only this")
    parser.add_argument("--profile", default="", help="folder for a profile of each run (which then takes longer)")
    parser.add_argument("--readme", help="file to write the tables into (README.md, if everything is measured in full)")
    args = parser.parse_args(argv)
    whole = not args.profile and args.only == only and len(args.api) == 2 and _sizes(args) == full
    if args.readme is None:
        args.readme = "README.md" if whole else ""
    return args


def _sizes(args: argparse.Namespace) -> Sizes:
    base = _QUICK if args.quick else Sizes()
    return Sizes(
        people=base.people if args.people is None else args.people,
        groups=base.groups if args.groups is None else args.groups,
        memberships=base.memberships if args.memberships is None else args.memberships,
        issues=base.issues if args.issues is None else args.issues,
        cached=base.cached if args.cached is None else tuple(args.cached),
    )


def _machine() -> str:
    """Say what kind of machine this is, and whether it is busy before anything is measured."""
    besides = " that had other work besides" if os.getloadavg()[0] > 1 else ""
    return f"{os.cpu_count()} cores{besides}, Python {platform.python_version().rpartition('.')[0]}"


if __name__ == "__main__":
    sys.exit(main())
