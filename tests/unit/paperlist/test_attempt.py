"""Which papers a list cannot take."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Paper
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import parse
from bot.paperlist.write.find_refused import refused
from tests.conftest import LIST, NOW

DOCUMENT = parse(LIST, "README.md")


@settings(deadline=None)
@given(st.lists(st.booleans(), max_size=12))
def test_exactly_those_that_fail_alone_are_refused(good: list[bool]) -> None:
    """Whatever stands between them; the rest can then be written together."""
    papers = [Paper(f"2603.{n:05}", f"Paper {n * 7919}" if fine else "\u200b") for n, fine in enumerate(good)]
    additions = [Addition(paper, ("Serving", "Caches")) for paper in papers]
    found = refused(DOCUMENT, additions, NOW.date())
    assert found.keys() == {paper.id for paper, fine in zip(papers, good, strict=True) if not fine}
    assert all(why.endswith("has no title to write") for why in found.values())
    kept = [addition for addition in additions if addition.paper.id not in found]
    assert len(add_entries(DOCUMENT, kept, NOW.date()).entries) == sum(good)
