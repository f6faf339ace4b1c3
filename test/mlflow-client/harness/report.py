"""Compares two logs: `python -m harness.report OURS THEIRS PAGE` prints `{checks: {name: [problem]}, unseen: [row]}` as JSON."""

import json
import sys

from .compare import compare, listed_in


def main():
    ours, theirs = (json.load(open(file, encoding="utf-8")) for file in sys.argv[1:3])
    listed = listed_in(sys.argv[3])
    checks = compare(ours, theirs, listed)
    json.dump({"checks": checks, "unseen": [f"{row.what}: {row.here} / {row.theirs}" for row in listed if not row.seen]}, sys.stdout)


if __name__ == "__main__":
    main()
