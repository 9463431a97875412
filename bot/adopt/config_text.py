"""The files that adopt a list, as text that people edit: its configuration and the workflow that calls the bot."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources

from bot import config
from bot.adopt.phrases import MinedPhrase
from bot.adopt.understanding import SeenSection, Understanding
from bot.config.model import DEFAULT_PATH
from bot.judge.readiness import MIN_LISTED
from bot.model import Field, counted

HOME = "arxiv-list-bot/arxiv-list-bot"
"""The repository of this program, where none is named."""

ROLE = {
    False: "They say what arXiv is asked for; the list judges. Phrases with a weight (weight: 0.7) judge, too.",
    True: f"Below {MIN_LISTED} listed papers, the topic, the list's own text and these phrases judge.",
}
"""What phrases are for in a list with papers to learn from, and in a young one."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ._/+-]*(?<! )")
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_FORMS_SHOWN = 12


def workflow(seen: Understanding, home: str, version: str) -> str:
    """Return the workflow of a repository that calls the reusable one of `home` (`owner/name`) at a version."""
    template = (resources.files("bot.adopt") / "workflow.yml").read_text("utf-8")
    return template.format(file=seen.file, cron=seen.cron, home=home, version=version)


def configuration(seen: Understanding) -> str:
    """Return the configuration of a list; it is read back before, so it is valid."""
    text = "\n".join(_lines(seen)) + "\n"
    config.loads(text, str(DEFAULT_PATH))
    return text


def _lines(seen: Understanding) -> Iterator[str]:
    yield "# What arxiv-list-bot understood of this list. Change what you know better; `arxiv-bot run --dry-run` shows"
    yield "# the effect."
    yield f'schedule: "{seen.cron}"  # UTC, for `arxiv-bot serve`; a workflow has its own'
    yield "lists:"
    yield f"  - name: {_text(seen.name)}  # names its branches and its state"
    yield f"    file: {_text(seen.file)}"
    if seen.topic:
        yield f"    topic: {_text(seen.topic)}"
    yield from _categories(seen)
    if seen.papers:
        where = f"{percent(seen.explained)} of {counted(seen.papers, 'title')}"
        yield f"    # Any of these stands in {where}, and in {percent(seen.matched)} of arXiv at most."
    yield f"    # {ROLE[seen.young]}"
    yield "    # field: title where abstracts hold it too often."
    yield "    keywords:" if seen.phrases else "    keywords: []  # none: whole categories are fetched"
    yield from _aligned([_keyword(phrase) for phrase in seen.phrases])
    yield from _sections(seen)
    yield "    unsorted: null  # or a heading, for papers that fit no section"
    yield "    limits: {max_open: 15, near_misses: 10}  # papers ticked, and offered, in one pull request"


def _categories(seen: Understanding) -> Iterator[str]:
    if seen.categories:
        yield f"    # arXiv categories, {told_by(seen)}: please check"
        yield f"    categories: [{', '.join(seen.categories)}]"


def told_by(seen: Understanding) -> str:
    """Return what the categories rest on."""
    words = "guessed from the words of the titles"
    return f"those of {counted(seen.known, 'listed paper')}, the rest {words}" if seen.known else words


def _keyword(phrase: MinedPhrase) -> tuple[str, str]:
    field = f", field: {phrase.field}" if phrase.field is not Field.ANY else ""
    return f"      - {{phrase: {_text(phrase.text)}{field}}}", share_of(phrase)


def share_of(phrase: MinedPhrase) -> str:
    """Return in what share of the titles a phrase stands."""
    return percent(phrase.share) if phrase.share else "in no title yet"


def _sections(seen: Understanding) -> Iterator[str]:
    if seen.sections:
        yield "    # Sections are learned from their papers. What the bot saw:"
    for section in seen.sections[:_FORMS_SHOWN]:
        yield f"    #   {section_line(section)}"
    if len(seen.sections) > _FORMS_SHOWN:
        yield f"    #   and {len(seen.sections) - _FORMS_SHOWN} more"


def section_line(section: SeenSection) -> str:
    """Return in a line how a section is written."""
    return _comment(
        f"line {section.line}, {section.heading}: {counted(section.entries, 'paper')} ({section.form}), "
        f"new ones go {section.place}"
    )


def _comment(text: str) -> str:
    """Return text that cannot leave its line."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:160]


def _aligned(rows: list[tuple[str, str]]) -> Iterator[str]:
    width = max((len(row) for row, _ in rows), default=0)
    return (f"{row:{width}}  # {share}" for row, share in rows)


def percent(share: float) -> str:
    """Return a share in words."""
    return f"{100 * share:.0f} %" if share >= 0.02 else f"{100 * share:.1f} %"


def _text(text: str) -> str:
    """Return text as YAML reads it back: in quotes where it could be anything else."""
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _NOT_TEXT
    return text if plain else json.dumps(text, ensure_ascii=False)
