"""What a list says of its configuration."""

from __future__ import annotations

from bot.config import ListConfig
from bot.doctor.findings import Severity
from bot.doctor.list_checks import check_list
from bot.model import Paper
from bot.paperlist.read.document import parse

PAPERS = [
    Paper(f"2501.0000{n}", f"Grasping mugs by method {n}", categories=("cs.RO",) if n < 8 else ("cs.CV", "cs.LG"))
    for n in range(10)
]
ROWS = "".join(f"- [{p.title}](https://arxiv.org/abs/{p.id})\n" for p in PAPERS)
LIST = parse(f"# Awesome Language-Model Grasping Papers\n\n## Papers\n{ROWS}".encode())


def said(**keys: object) -> list[tuple[str, str]]:
    """Return kind and words of what is not fine, given keys of the list's configuration."""
    settings = ListConfig.model_validate({"name": "a", "file": "L.md", **keys})
    found = check_list(settings, LIST, PAPERS)
    return [(one.kind.value, one.what) for one in found if one.severity is not Severity.FINE]


def test_words_of_the_title() -> None:
    """A word of the list's own title that no phrase holds is told, hyphens and numbers aside."""
    assert said(keywords=["grasping", "language models"]) == [
        ("keywords", "a: cannot tell whether 'language models' ever match: no title has them, abstracts are not known")
    ]
    assert said(keywords=[{"phrase": "grasping", "field": "title"}]) == [
        ("keywords", "a: no keyword holds 'language', 'model', of the list's own title")
    ]
    grouped = {"all_of": [[{"phrase": "grasping", "field": "title"}], [{"phrase": "mug", "field": "title"}]]}
    assert said(**grouped) == [("keywords", "a: no keyword holds 'language', 'model', of the list's own title")]


def test_categories_of_listed_papers() -> None:
    """Listed papers of which no category is asked for are counted, by the first of their own."""
    assert said(categories=["cs.RO", "cs.LG"]) == []
    assert said(categories=["cs.RO"]) == [
        ("categories", "a: 2 of 10 listed papers are in no category that is asked for, but in cs.CV (2)")
    ]
    assert said(categories=["cs"]) == []
