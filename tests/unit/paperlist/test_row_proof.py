"""The proof that a change inside rows changes nothing else."""

from __future__ import annotations

import pytest

from bot.errors import ListFormatError
from bot.paperlist.nouns import Splice
from bot.paperlist.read.document import parse
from bot.paperlist.row_proof import prove_rows

LIST = b"""# List

| Paper | Venue |
| --- | --- |
| [Alpha](https://arxiv.org/abs/2401.00001) | arXiv |
| [Beta](https://arxiv.org/abs/2401.00002) | ICML |

After the table.
"""


def at(words: bytes, new: bytes) -> Splice:
    """Return the splice that puts new words in place of those."""
    start = LIST.index(words)
    return Splice(start, start + len(words), new)


def test_a_span_inside_a_row_is_proven() -> None:
    """Only these bytes change."""
    assert prove_rows(parse(LIST), [at(b"arXiv", b"CVPR 2026")]).after == LIST.replace(b"arXiv |", b"CVPR 2026 |")


@pytest.mark.parametrize(
    ("words", "new", "why"),
    [
        (b"After", b"Before", "not of one row"),
        (b"Venue", b"Place", "not of one row"),
        (b"arXiv |", b"CVPR | x |", "number of cells"),
        (b"arXiv |", b"CVPR\n| x |", "not inside a line"),
        (b"[Alpha]", b"[Other]", "would not show its title"),
        (b"2401.00001", b"2401.00009", "would name other papers"),
        (b"ICML", b"<a href='https://x.org'></a>", "link without text"),
    ],
)
def test_any_other_change_is_refused(words: bytes, new: bytes, why: str) -> None:
    """A change outside rows, of their cells, titles, papers and lines is not published."""
    with pytest.raises(ListFormatError, match=why):
        prove_rows(parse(LIST), [at(words, new)])
