"""Every fault of arXiv's, alone and before and after each other one, through the whole command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.servers.arxiv import FalseZero, HttpError
from tests.slow import faults
from tests.slow.faults import AFTER, FAULTY, KINDS, PAGE, Case, Checker, Kind


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with faults.opened() as new:
        yield Checker(new)


def test_a_run_without_faults_is_complete(checker: Checker) -> None:
    """With nothing wrong the run is complete, and takes the requests on which the faults are tried."""
    assert (checker.well.code, len(checker.well.faults)) == (0, faults.REQUESTS)
    assert checker.problems(Case(())) == []


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_every_fault_alone(checker: Checker, kind: Kind) -> None:
    """Exit, coverage, papers and words are right when one request goes wrong or all do, and the next days heal it."""
    place = KINDS.index(kind) % faults.REQUESTS + 1
    cases = [Case((kind,), lasting=True, known=known) for known in (True, False)]
    assert [found for case in (Case((kind,), place), *cases) for found in checker.problems(case)] == []


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_pairs_of_faults(checker: Checker, kind: Kind) -> None:
    """The same holds when another fault is on the next request; `make faults` tries every pair, in both orders."""
    n = KINDS.index(kind)
    seconds = [other for m, other in enumerate(KINDS) if (m + 2 * n) % 5 == 0]
    cases = [c for c in faults.pairs(all_places=False) if c.faults[0] is kind and c.faults[1] in seconds]
    assert len(cases) == len(seconds) > 3
    assert [found for case in cases for found in checker.problems(case)] == []


def test_what_is_wrong_is_told(checker: Checker) -> None:
    """A run that is complete though a paper did not come, or silent about what happened, would be found."""
    busy = Case((Kind("busy", HttpError(503), "no such words"),), lasting=True)
    assert any("does not say what happened" in found for found in checker.problems(busy))
    place = checker.place(busy)
    ran = place.run(FAULTY, busy)
    assert [*checker._covered(checker.place(busy).forge.state, replace(ran, code=0))]
    claims = checker.place(busy).run(FAULTY).claims
    wrong = replace(ran, claims=tuple(replace(claim, received=frozenset(), at=AFTER) for claim in claims))
    assert [*checker._honest(place, Case((Kind("", FalseZero(), ""),)), wrong)]


def test_the_table_is_current(checker: Checker) -> None:
    """The page about faults says what the runs do; `python -m tests.slow.faults --write` writes it anew."""
    assert PAGE.read_text("utf-8") == faults.table(checker)
