"""What the bot says in comments: answers to those of people, and questions to them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.arxiv import arxiv_id
from bot.pullrequest.commands import USAGE, Comment, Said
from bot.pullrequest.text.inert import MAX_BODY, harmless, short, shown, units

_LONGEST_ANSWER = 1000
ANSWER = re.compile(r"<!-- arxiv-bot:answer (\d+) -->")
QUESTION = re.compile(r"<!-- arxiv-bot:asked (\S+) -->")


def answer(comment: Comment, said: Sequence[Said]) -> str:
    """Return the answer to a comment: what came of each of its lines, or what can be said.

    It is never longer than GitHub takes; what was done of the last lines is then only counted.
    """
    lines = [f"<!-- arxiv-bot:answer {comment.number} -->"]
    room = MAX_BODY - 2 * len(USAGE)
    for number, one in enumerate(said):
        line = f"\n{USAGE}\n" if one.answer == USAGE else _answered(one)
        room -= units(line) + 1
        if room < 0:
            lines.append(f"- and so on for {len(said) - number} more: what came of them is seen in the pull request.")
            break
        lines.append(line)
    if not all(one.done for one in said) and USAGE not in {one.answer for one in said}:
        lines += ["", "<details><summary>What can be said</summary>", "", USAGE, "", "</details>"]
    return "\n".join(lines) + "\n"


def _answered(one: Said) -> str:
    mark = "" if one.done else "Not done: "
    return f"- `/arxiv-bot {_code(one.line)}`: {mark}{shown(short(one.answer, _LONGEST_ANSWER))}."


def question(paper: str, *, moved: bool) -> str:
    """Return the question about a row that is to go, or to be `moved`, and that a person edited."""
    found = f"<!-- arxiv-bot:asked {paper} -->\n[{paper}]({arxiv_id.abs_url(paper)})"
    if moved:
        return (
            f"{found} should stand in another section, but its row was edited since the bot wrote it, so it stays "
            "where it is. Please move the row by hand on this branch.\n"
        )
    return (
        f"{found} is not wanted, but its row was edited since the bot wrote it, so it stays. To take it out, delete "
        f"its row on this branch; to keep it, say `/arxiv-bot undo {paper}`.\n"
    )


CONFLICT = "conflict"
"""What stands for the paper in the question about a conflict."""


def conflict(branch: str, base: str) -> str:
    """Return the question to people about a conflict that the bot cannot resolve."""
    return (
        f"<!-- arxiv-bot:asked {CONFLICT} -->\n`{branch}` and `{base}` contradict each other, and the bot does not "
        "choose between people's words. Please resolve the conflict here; the bot goes on once it is.\n"
    )


def _code(text: str) -> str:
    """Return hostile text as it may stand in a code span."""
    return harmless(short(text, 200)).replace("`", "'")
