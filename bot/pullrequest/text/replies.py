"""The bot's comments: answers to people, and questions to them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.arxiv import arxiv_id
from bot.pullrequest.commands import USAGE, CommandResult
from bot.pullrequest.snapshot import Comment
from bot.pullrequest.text.inert import MAX_BODY, defused, harmless, short, units

_LONGEST_ANSWER = 1000
ANSWER = re.compile(r"<!-- arxiv-bot:answer (\d+) -->")
QUESTION = re.compile(r"<!-- arxiv-bot:asked (\S+) -->")


def answer(comment: Comment, results: Sequence[CommandResult]) -> str:
    """Return the answer to a comment: the result of each of its lines, and the commands there are if one failed.

    It is never longer than GitHub takes; the last results are then only counted.
    """
    lines = [f"<!-- arxiv-bot:answer {comment.number} -->"]
    room = MAX_BODY - 2 * len(USAGE)
    for number, one in enumerate(results):
        line = f"\n{USAGE}\n" if one.answer == USAGE else _answered(one)
        room -= units(line) + 1
        if room < 0:
            lines.append(f"- and so on for {len(results) - number} more: see the pull request for their results.")
            break
        lines.append(line)
    if not all(one.done for one in results) and USAGE not in {one.answer for one in results}:
        lines += ["", "<details><summary>Commands</summary>", "", USAGE, "", "</details>"]
    return "\n".join(lines) + "\n"


def _answered(one: CommandResult) -> str:
    mark = "" if one.done else "Not done: "
    return f"- `/arxiv-bot {_code(one.line)}`: {mark}{defused(one.answer, _LONGEST_ANSWER)}."


def question(paper: str, *, moved: bool) -> str:
    """Return the question about an edited row that should go, or be moved."""
    found = f"<!-- arxiv-bot:asked {paper} -->\n[{paper}]({arxiv_id.abs_url(paper)})"
    if moved:
        return (
            f"{found} should go to another section, but its row was edited since the bot wrote it, so it stays. "
            "Please move the row by hand on this branch.\n"
        )
    return (
        f"{found} was declined, but its row has been edited since the bot wrote it, so it stays. To remove it, "
        f"delete its row on this branch; to keep it, say `/arxiv-bot undo {paper}`.\n"
    )


CONFLICT = "conflict"
"""Takes the place of the paper in the request about a conflict."""


def conflict(branch: str, base: str) -> str:
    """Return the request to people to resolve a conflict that the bot cannot."""
    return (
        f"<!-- arxiv-bot:asked {CONFLICT} -->\n`{branch}` and `{base}` contradict each other, and the bot does not "
        "choose between people's edits. Please resolve the conflict here; the bot then goes on.\n"
    )


def _code(text: str) -> str:
    """Return hostile text for a code span."""
    return harmless(short(text, 200)).replace("`", "'")
