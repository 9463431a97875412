"""The pull request's title and the commit message. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.arxiv import titles
from bot.config import ListConfig
from bot.model import TRAILER, counted
from bot.pullrequest.board import Board, BoardItem
from bot.pullrequest.text.inert import harmless, short

MAX_TITLE = 250


def title(settings: ListConfig, board: Board) -> str:
    """Return the pull request's title."""
    return harmless(f"{settings.file}: {counted(len(board.proposed), 'new paper')}")[:MAX_TITLE]


def commit(settings: ListConfig, cycle: int, added: Sequence[BoardItem], removed: Sequence[str] = ()) -> str:
    """Return the commit message, with the trailer by which the bot knows its own commits."""
    if added:
        taking = f", take {len(removed)} out" if removed else ""
        subject = f"Add {counted(len(added), 'paper')} to {settings.file}{taking}"
    else:
        subject = f"Take {counted(len(removed), 'paper')} out of {settings.file}"
    lines = [
        *(f"- {harmless(short(titles.display(s.candidate.paper.title), 200))} (arXiv:{s.id})" for s in added),
        *(f"- without arXiv:{paper}, as was asked" for paper in removed),
    ]
    return "\n".join([harmless(subject), "", *lines, "", f"{TRAILER}: {settings.name}/{cycle}"])
