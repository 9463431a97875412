"""Which of several papers a list cannot take, when it cannot take all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bot.errors import ListFormatError
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import Document


def refused(document: Document, additions: Sequence[Addition], today: date) -> Mapping[str, str]:
    """Return the papers that cannot be written even by themselves, by id, and why; halves are tried first.

    Empty when all can be, or only not together. Raises `ListFormatError` for a list that is made by a program.
    """
    try:
        add_entries(document, additions, today)
    except ListFormatError as error:
        if document.generated() is not None:
            raise
        if len(additions) == 1:
            why = str(error).removeprefix(f"{document.name}: ").removesuffix("; nothing was changed")
            return {additions[0].paper.id: why}
        middle = len(additions) // 2
        halves = (additions[:middle], additions[middle:])
        return {i: why for half in halves for i, why in refused(document, half, today).items()}
    return {}
