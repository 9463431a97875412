"""Words that are told as reasons."""

from __future__ import annotations

import pytest

from bot.judge.reasons import strongest, tells


@pytest.mark.parametrize(
    ("term", "shown"),
    [("kv cache", True), ("the cache", False), ("cache in", False), ("our evaluation", False), ("up", False),
     ("8", False), ("llm", True), ("gpu cluster", True), ("8 bit", True), ("8bit", False), ("kv", True),
     ("llm s", False), ("multi", False), ("multi gpu", True), ("models", False),
     ("time", False), ("applications", False), ("language model", False), ("better", False),
     ("model compression", True)],
)  # fmt: skip
def test_terms_that_stand_everywhere_are_no_reasons(term: str, shown: bool) -> None:
    """They may count, but telling people of them says nothing."""
    assert tells(term) is shown


def test_told_terms_stand_in_the_text() -> None:
    """A pair of words between which the text has another is not told, nor what says nothing new, nor more than five."""
    text = "KV-cache eviction for serving: the cache is evicted, owls, barns."
    terms = [
        "cache eviction",
        "eviction serving",
        "eviction",
        "kv cache",
        "the cache",
        "serving",
        "evicted",
        "owls",
        "barns",
    ]
    assert strongest(terms, text) == ("cache eviction", "kv cache", "serving", "evicted", "owls")


def test_commands_are_no_words() -> None:
    """What the text has only as a command of LaTeX is told neither as a word nor in a pair."""
    text = r"\textbf{Owls} watch \emph{barns}; mathcal is a word here, \mathcal none."
    assert strongest(["textbf owls", "textbf", "emph barns", "owls", "mathcal"], text) == ("owls", "mathcal")
