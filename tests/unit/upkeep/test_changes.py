"""What the records of listed papers change in their rows."""

from __future__ import annotations

import pytest

from bot.model import Paper
from bot.paperlist.read.document import parse
from bot.upkeep.changes import RowChange, applied, changes

ONE = "2401.00001"
CODE = "Our code is available at https://github.com/lab/tool."


def paper(comment: str | None = None, summary: str = "", title: str = "Alpha Methods for Lists") -> Paper:
    """Return the refreshed record of the listed paper."""
    return Paper(ONE, title, summary=summary, comment=comment)


def bullets(*rows: str) -> bytes:
    """Return a list of these items, and a neighbour that names its venue and its code last."""
    return ("# List\n\n## Papers\n\n" + "".join(f"- {row}\n" for row in rows)).encode()


def after(source: bytes, record: Paper, before: Paper | None = None) -> str:
    """Return the list as every change that can be written leaves it."""
    document = parse(source)
    found = changes(document, [record], {before.id: before} if before else {})
    return applied(document, found).after.decode()


def told(source: bytes, record: Paper) -> list[RowChange]:
    """Return what the record says that the list does not."""
    return list(changes(parse(source), [record]))


VENUES = [
    ("(arXiv 2024) [Alpha Methods for Lists](URL)", "(ICML 2023) [Beta](U2)", "(arXiv 2024)", "(CVPR 2026)"),
    ("[Alpha Methods for Lists](URL), *arXiv, 2024*.", "[Beta](U2), *ICML, 2023*.", "*arXiv, 2024*", "*CVPR, 2026*"),
    ("[Alpha Methods for Lists](URL) `arXiv'24`", "[Beta](U2) `ICML'23`", "`arXiv'24`", "`CVPR'26`"),
    ("[[arXiv 2024]](URL) Alpha Methods for Lists", "[[ICML 2023]](U2) Beta of Old", "[[arXiv 2024]]", "[[CVPR 2026]]"),
    (
        "[Alpha Methods for Lists](URL) (preprint, June 2024)",
        "[Beta](U2) (ICML 2023)",
        "(preprint, June 2024)",
        "(CVPR 2026)",
    ),
    ("[Alpha Methods for Lists](URL)", "[Beta](U2), ICML 2023", "(URL)", "(URL), CVPR 2026"),
    ("Alpha Methods for Lists [[2024](URL)]", "Beta of Old Days [[ICML 2023](U2)]", "[[2024]", "[[CVPR 2026]"),
    (
        "[Alpha Methods for Lists](URL) (Jan. 2024)",
        "[Beta](U2) (Feb. 2023, ICML 2023)",
        "Jan. 2024)",
        "Jan. 2024, CVPR 2026)",
    ),
]


@pytest.mark.parametrize(("row", "other", "old", "new"), VENUES)
def test_a_venue_is_written_as_the_neighbours_write_theirs(row: str, other: str, old: str, new: str) -> None:
    """It replaces the placeholder, or stands where neighbours have theirs; every other byte stays."""
    source = bullets(
        *(
            text.replace("URL", f"https://arxiv.org/abs/{ONE}").replace("U2", "https://arxiv.org/abs/2301.00002")
            for text in (row, other, other.replace("Beta", "Gamma").replace("U2", "U3"))
        )
    )
    want = source.decode().replace(
        old.replace("URL", f"https://arxiv.org/abs/{ONE}"), new.replace("URL", f"https://arxiv.org/abs/{ONE}"), 1
    )
    assert after(source, paper("Accepted to CVPR 2026")) == want


TABLE = """# List

| Year | Venue | Paper | Code |
| --- | --- | --- | --- |
| 2023 | ICML | [Beta](https://arxiv.org/abs/2301.00002) | [GitHub](https://github.com/b/beta) |
| 2024 | arXiv | [Alpha Methods for Lists](https://arxiv.org/abs/2401.00001) | - |
| 2023 | ACL | [Gamma](https://arxiv.org/abs/2301.00003) | [GitHub](https://github.com/g/gamma) |
"""


def test_a_row_gets_its_venue_and_code_in_their_columns() -> None:
    """The year in a column of its own follows the venue; the code fills its cell in the column's form."""
    got = after(TABLE.encode(), paper("Accepted to CVPR 2026", CODE))
    assert got == TABLE.replace("| 2024 | arXiv |", "| 2026 | CVPR |").replace(
        "2401.00001) | - |", "2401.00001) | [GitHub](https://github.com/lab/tool) |"
    )


CODES = [
    ("[Alpha Methods for Lists](URL) [[Paper](URL)]", "[Beta](U2) [[Paper](U2)] [[Code](https://github.com/b/beta)]",
     " [[Code](https://github.com/lab/tool)]"),
    ("[Alpha Methods for Lists](URL)",
     "[Beta](U2) [![Star](https://img.shields.io/github/stars/b/beta.svg)](https://github.com/b/beta)",
     " [![Star](https://img.shields.io/github/stars/lab/tool.svg)](https://github.com/lab/tool)"),
    ("[Alpha Methods for Lists](URL)", "[Beta](U2) [PyTorch](https://github.com/b/beta)", " [Code](https://github.com/lab/tool)"),
    ("[Alpha Methods for Lists](URL)", "[Beta](U2) [beta](https://github.com/b/beta)", " [tool](https://github.com/lab/tool)"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "other", "new"), CODES)
def test_code_stands_where_neighbours_have_theirs(row: str, other: str, new: str) -> None:
    """In their form: a badge for badges, the repository's name for names, no framework that nobody told."""
    rows = [
        text.replace("URL", f"https://arxiv.org/abs/{ONE}").replace("U2", "https://arxiv.org/abs/2301.00002")
        for text in (row, other)
    ]
    assert after(bullets(*rows), paper(summary=CODE)) == bullets(rows[0] + new, rows[1]).decode()


def test_nothing_is_put_inside_of_code_or_brackets() -> None:
    """Words that end in a mark of their own keep it."""
    row = f"[Alpha Methods for Lists](https://arxiv.org/abs/{ONE}) - `one kind` · `another (kind)`"
    other = "[Beta](https://arxiv.org/abs/2301.00002) - `one kind` [[Code](https://github.com/b/beta)]"
    assert f"{row} [[Code](https://github.com/lab/tool)]\n" in after(bullets(row, other), paper(summary=CODE))


def test_a_link_to_code_that_leads_nowhere_gets_its_address() -> None:
    """An empty address, and one that is the paper's own, are placeholders."""
    for url in ("", f"https://arxiv.org/abs/{ONE}"):
        row = f"[Alpha Methods for Lists](https://arxiv.org/abs/{ONE}) [[Code]({url})]"
        assert "[[Code](https://github.com/lab/tool)]" in after(bullets(row), paper(summary=CODE))


KEPT = [
    (f"[Alpha Methods for Lists](https://arxiv.org/abs/{ONE}), ICLR 2024", "Accepted to CVPR 2026", "ICLR 2024"),
    (f"[Alpha Methods for Lists](https://arxiv.org/abs/{ONE}) (EMNLP 2024)", "Accepted to CVPR 2026", "EMNLP 2024"),
]


@pytest.mark.parametrize(("row", "comment", "old"), KEPT)
def test_a_venue_that_a_person_wrote_stays(row: str, comment: str, old: str) -> None:
    """Where the record names another one, that is told and nothing is changed."""
    source = bullets(row, "[Beta](https://arxiv.org/abs/2301.00002), ICML 2023")
    (found,) = told(source, paper(comment))
    assert (found.old, found.new) == (old, None)


@pytest.mark.parametrize(
    "comment",
    ["Accepted to NIPS 2024", "NeurIPS 2024 (Oral)", "Advances in Neural Information Processing Systems 2024"],
)
def test_a_venue_that_stands_there_is_not_told(comment: str) -> None:
    """By any of its names."""
    source = bullets(
        f"[Alpha Methods for Lists](https://arxiv.org/abs/{ONE}), NeurIPS 2024",
        "[Beta](https://arxiv.org/abs/2301.00002), ICML 2023",
    )
    assert told(source, paper(comment)) == []


def test_a_list_without_venues_and_code_gets_none() -> None:
    """What no row of the list has, is not wanted."""
    source = bullets(
        f"[Alpha Methods for Lists](https://arxiv.org/abs/{ONE})", "[Beta](https://arxiv.org/abs/2301.00002)"
    )
    assert told(source, paper("Accepted to CVPR 2026", CODE)) == []


@pytest.mark.parametrize(
    "summary",
    ["We compare with https://github.com/b/beta.", "Experiments use the toolkit at https://github.com/b/beta."],
)
def test_code_of_others_is_not_told(summary: str) -> None:
    """Only what the record calls the paper's own counts."""
    source = bullets(
        f"[Alpha Methods for Lists](https://arxiv.org/abs/{ONE})",
        "[Beta](https://arxiv.org/abs/2301.00002) [[Code](https://github.com/x/y)]",
    )
    assert told(source, paper(summary=summary)) == []


def test_other_code_that_a_person_linked_stays_and_a_moved_repository_follows() -> None:
    """Another repository is told; one of the same name at another owner gets its new address."""
    row = f"[Alpha Methods for Lists](https://arxiv.org/abs/{ONE}) [[Code](https://github.com/old/%s)]"
    (found,) = told(bullets(row % "other"), paper(summary=CODE))
    assert (found.old, found.new) == ("https://github.com/old/other", None)
    assert "https://github.com/lab/tool" in after(bullets(row % "tool"), paper(summary=CODE))


def test_two_rows_of_a_paper_are_told() -> None:
    """The second row is a duplicate to look at; one row at a time gets the venue."""
    row = f"[Alpha Methods for Lists](https://arxiv.org/abs/{ONE}), arXiv 2024"
    source = bullets(row, "[Beta](https://arxiv.org/abs/2301.00002), ICML 2023", row)
    found = told(source, paper("Accepted to CVPR 2026"))
    assert [(c.kind.value, c.line, c.new) for c in found] == [("venue", 5, "CVPR 2026"), ("duplicate", 7, None)]


def test_a_withdrawn_paper_is_told() -> None:
    """With the words that say so; its row stays."""
    source = bullets(f"[Alpha Methods for Lists](https://arxiv.org/abs/{ONE})")
    (found,) = told(source, paper("Withdrawn: error in a proof"))
    assert (found.kind, found.new, found.text) == ("withdrawn", None, "Withdrawn: error in a proof")


def test_a_new_title_is_offered_only_where_the_row_holds_the_old_one() -> None:
    """A title that a person shortened or changed stays."""
    source = bullets(f"[Alpha Methods for Lists](https://arxiv.org/abs/{ONE}), 2024")
    old, new = paper(), paper(title="Alpha Methods [for] All Lists")
    assert r"[Alpha Methods \[for\] All Lists](" in after(source, new, old)
    assert after(source.replace(b"for Lists", b""), new, old) == source.replace(b"for Lists", b"").decode()


def test_what_cannot_be_proven_is_told_alone() -> None:
    """A change that would break its row is offered without a text to write."""
    hostile = paper(summary="Our code is available at https://github.com/lab/tool|x](y).")
    source = TABLE.encode()
    assert after(source, hostile).count("|") == TABLE.count("|")
