"""Run the property tests of the list engine on 50,000 random documents: `make soak`.

Each core runs a share of the cases in a process of its own, with a seed of its own that a failure prints.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
from time import monotonic

TESTS = "tests/unit/paperlist/test_properties.py"


def main() -> int:
    """Run the tests; return 1 when any process fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000, help="documents for each property, all processes together")
    options = parser.parse_args()
    processes = os.cpu_count() or 1
    environment = {**os.environ, "CASES": str(-(-options.cases // processes))}
    started = monotonic()
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}", TESTS],
            env=environment,
        )
        for seed in (secrets.randbelow(1 << 32) for _ in range(processes))
    ]
    failed = sum(process.wait() != 0 for process in running)
    print(f"{options.cases} cases in {monotonic() - started:.0f} s, {failed} of {processes} processes failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
