"""The judge a configuration describes, and its verdicts sorted into what is worth a look and what is not."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from bot.config import Config, ListConfig
from bot.judge.categories import Categories
from bot.judge.cells import known_cells
from bot.judge.keywords import KeywordJudge, SectionKeywords
from bot.judge.learned import LearnedJudge
from bot.judge.sections import SectionedJudge, listed_papers
from bot.model import Candidate, Decision, Paper
from bot.paperlist.document import Document
from bot.proposal import LeftOut


def judged(
    config: Config,
    task: ListConfig,
    document: Document,
    papers: Sequence[Paper],
    library: Sequence[Paper] = (),
    decisions: Sequence[Decision] = (),
    waiting: Container[str] = (),
) -> tuple[tuple[Candidate, ...], tuple[LeftOut, ...], int]:
    """Judge papers: those at or above the near-miss mark, those an exclusion kept out, and how many fell below.

    Those `waiting` for room are kept whatever they are judged, so that they wait with the verdict of the day.
    """
    judged = judged_all(config, task, document, papers, library, decisions)
    categories = Categories(document, library)
    near = [
        replace(c, cells=(*c.cells, *categories.suggest(c.paper)))
        for c in judged
        if (c.verdict.relevance >= task.limits.near_miss_at or c.paper.id in waiting) and not c.verdict.excluded
    ]
    left_out = [
        LeftOut(c.paper.id, c.paper.title, f"“{c.verdict.excluded.phrase}” in the {c.verdict.excluded.field.value}")
        for c in judged
        if c.verdict.excluded
    ]
    near.sort(key=lambda c: (-c.verdict.relevance, c.paper.id))
    return tuple(near), tuple(left_out), len(judged) - len(near) - len(left_out)


def judged_all(
    config: Config,
    task: ListConfig,
    document: Document,
    papers: Sequence[Paper],
    library: Sequence[Paper] = (),
    decisions: Sequence[Decision] = (),
) -> tuple[Candidate, ...]:
    """Judge papers, in the order given, whatever comes of it."""
    verdicts = judge_for(config, task, document, library, decisions).judge(papers)
    return tuple(Candidate(p, v, known_cells(p, task.extract_column)) for p, v in zip(papers, verdicts, strict=True))


def judge_for(
    config: Config,
    task: ListConfig,
    document: Document,
    library: Sequence[Paper] = (),
    decisions: Sequence[Decision] = (),
    *,
    foreign: bool = False,
    placing: bool = True,
) -> LearnedJudge:
    """Return the judge of a list; `library` holds what is known of listed and of decided papers.

    Raises `ConfigError` when the list has not a section that the configuration names; a `foreign` list, which the
    configuration was not written for, is judged by the sections it does have. Without `placing`, sections come from
    keywords alone: relevance is the same, in a fraction of the time.
    """
    if task.extract_column and not foreign and not _has_column(document, task.extract_column):
        raise config.error(
            f"{task.file} has no table with a column {task.extract_column!r}", f"{_key(config, task)}.extract_column"
        )
    found = [(index, document.section((rule.heading,))) for index, rule in enumerate(task.sections)]
    missing = [index for index, section in found if section is None]
    if missing and not foreign:
        known = ", ".join(repr(s.path[-1]) for s in document.sections if s.groups and s.path)
        raise config.error(
            f"{task.file} has no section {task.sections[missing[0]].heading!r}, or several; "
            f"its sections with papers: {known}",
            f"{_key(config, task)}.sections.{missing[0]}.heading",
        )
    sections = [
        SectionKeywords(section.path, tuple(phrase.keyword() for phrase in task.sections[index].keywords))
        for index, section in found
        if section is not None
    ]
    query = task.query()
    phrases = KeywordJudge(query.keywords, query.exclude, sections)
    if not placing:
        return LearnedJudge(phrases, document, library, decisions, keywords=bool(query.keywords))
    names = {s.path: [k.phrase for k in s.keywords] for s in sections}
    names |= {s.path: names.get(s.path, []) for s in document.sections if s.path and s.groups}
    rules = SectionedJudge(phrases, listed_papers(document, library), names)
    return LearnedJudge(rules, document, library, decisions, keywords=bool(query.keywords))


def _key(config: Config, task: ListConfig) -> str:
    """Return the dotted key of a list."""
    return f"lists.{[one.name for one in config.lists].index(task.name)}"


def _has_column(document: Document, heading: str) -> bool:
    return any(heading in table.columns for section in document.sections for table in section.tables)
