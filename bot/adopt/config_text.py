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
from bot.model import Field, counted
from bot.pullrequest.text.inert import defused

HOME = "arxiv-list-bot/arxiv-list-bot"
"""The repository of this program, where none is named."""

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


def onboarding(seen: Understanding) -> str:
    """Return the text of the pull request that adds both files; text from the list is defused."""
    sections = "\n".join(f"- {defused(section_line(section))}" for section in seen.sections[:_FORMS_SHOWN])
    more = f"\n- and {len(seen.sections) - _FORMS_SHOWN} more" if len(seen.sections) > _FORMS_SHOWN else ""
    phrases = ", ".join(f"“{defused(phrase.text)}”" for phrase in seen.phrases) or "none"
    minute, hour = seen.cron.split()[:2]
    return f"""This brings a configuration and a workflow for `{seen.file}`. **Nothing happens until it is merged.** \
Then, on working days at {hour:0>2}:{minute:0>2} UTC, arXiv is asked what is new, and one pull request proposes it.

What was understood of the list, {seen.papers} papers:

{sections}{more}

Phrases of its titles that are rare elsewhere: {phrases}.

Before merging:

1. Read `config/keywords.yaml` here, and change what you know better.
2. Under *Settings > Actions > General > Workflow permissions*, tick **Allow GitHub Actions to create and approve pull \
requests**.
"""


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
    yield (
        f"    # Mined from {seen.papers} titles: any of these stands in {percent(seen.explained)} of them, and in "
        f"{percent(seen.matched)} of all arXiv at most."
    )
    yield "    # They say what arXiv is asked for; the list judges. Phrases with a weight (weight: 0.7) judge, too."
    yield "    # field: title where abstracts hold it too often."
    yield "    keywords:"
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
    return f"      - {{phrase: {_text(phrase.text)}{field}}}", percent(phrase.share)


def _sections(seen: Understanding) -> Iterator[str]:
    yield "    # Sections are learned from their papers; phrases here add to that. What the bot saw:"
    for section in seen.sections[:_FORMS_SHOWN]:
        yield f"    #   {section_line(section)}"
    if len(seen.sections) > _FORMS_SHOWN:
        yield f"    #   and {len(seen.sections) - _FORMS_SHOWN} more"
    told = [section for section in seen.sections if section.phrases]
    if not told:
        return
    yield "    sections:"
    for section in told:
        yield f"      - heading: {_text(section.heading)}"
        yield "        keywords:"
        for phrase in section.phrases:
            yield f"          - {{phrase: {_text(phrase.text)}, weight: {phrase.weight}}}"


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
