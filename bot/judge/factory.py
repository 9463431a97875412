"""The judge a configuration describes, and its verdicts sorted into what is worth a look and what is not."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

from bot.config import Config, ListConfig
from bot.judge.base import Judge
from bot.judge.cells.categories import Categories
from bot.judge.cells.extract import known_cells
from bot.judge.keywords import WORD, KeywordJudge, SectionKeywords
from bot.judge.learned import LearnedJudge
from bot.judge.readiness import MIN_LISTED, lessons
from bot.judge.sections.model import SectionedJudge, listed_papers
from bot.model import Candidate, Cell, Decision, Keyword, LeftOut, Paper, Path, Query
from bot.paperlist.read.document import Document

_BY_HEADING = 0.3
"""What a heading counts as a phrase: in a title it places a paper, in an abstract it makes the section likeliest."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a judge is made from: a list, its settings, and what is known of listed and of decided papers."""

    config: Config
    settings: ListConfig
    document: Document
    library: Sequence[Paper] = ()
    decisions: Sequence[Decision] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """Papers at or above the near-miss mark, most relevant first, those excluded, and how many fell below."""

    candidates: tuple[Candidate, ...]
    left_out: tuple[LeftOut, ...]
    irrelevant: int


def judged(basis: Basis, papers: Sequence[Paper], waiting: Container[str] = ()) -> Judged:
    """Return papers sorted by their verdicts.

    Those `waiting` for room are kept whatever they are judged, so that they wait with the verdict of the day.
    """
    mark, cells = basis.settings.limits.near_miss_at, cells_for(basis.settings, basis.document, basis.library)
    pairs = list(zip(papers, judge_for(basis).judge(papers), strict=True))
    near = [Candidate(p, v, cells(p)) for p, v in pairs if (v.relevance >= mark or p.id in waiting) and not v.excluded]
    left_out = [
        LeftOut(p.id, p.title, f"“{match.phrase}” in the {match.field.value}")
        for p, v in pairs
        if (match := v.excluded)
    ]
    near.sort(key=lambda c: (-c.verdict.relevance, c.paper.id))
    return Judged(tuple(near), tuple(left_out), len(papers) - len(near) - len(left_out))


def judged_all(basis: Basis, papers: Sequence[Paper]) -> tuple[Candidate, ...]:
    """Return the verdicts on papers, in the order given, whatever they are."""
    verdicts = judge_for(basis).judge(papers)
    cells = cells_for(basis.settings, basis.document, basis.library)
    return tuple(Candidate(p, v, cells(p)) for p, v in zip(papers, verdicts, strict=True))


def cells_for(
    task: ListConfig, document: Document, library: Sequence[Paper] = ()
) -> Callable[[Paper], tuple[Cell, ...]]:
    """Return what finds the cells of a paper: what its record says, and the kinds that the list's own rows suggest."""
    kinds = Categories(document, library)
    return lambda paper: (*known_cells(paper, task.extract_column), *kinds.suggest(paper))


def judge_for(basis: Basis, *, foreign: bool = False, placing: bool = True) -> LearnedJudge:
    """Return the judge of a list.

    Raises `ConfigError` when the list has not a section that the configuration names; a `foreign` list, which the
    configuration was not written for, is judged by the sections it does have. Without `placing`, sections come from
    keywords alone: relevance is the same, in a fraction of the time. In a list of too few papers to learn from, the
    heading of a section stands for the keywords it has not, so that an abstaining judge has a forced choice.
    """
    document, query = basis.document, basis.settings.query()
    if not foreign:
        _refuse_missing(basis)
    found = ((rule, document.section((rule.heading,))) for rule in basis.settings.sections)
    named = {section.path: tuple(p.keyword() for p in rule.keywords) for rule, section in found if section}
    rules: Judge
    if placing:
        every = named | {s.path: named.get(s.path, ()) for s in document.sections if s.path and s.groups}
        examples = listed_papers(document, basis.library)
        few = len(examples) < MIN_LISTED
        phrases = _keyword_judge(query, {path: given or _own(path) for path, given in every.items()} if few else named)
        rules = SectionedJudge(phrases, examples, {path: [k.phrase for k in given] for path, given in every.items()})
    else:
        rules = _keyword_judge(query, named)
    taught = lessons(document, basis.library, basis.decisions)
    return LearnedJudge(rules, taught, keywords=bool(query.keywords))


def _refuse_missing(basis: Basis) -> None:
    """Raise `ConfigError` when the list lacks a column or a section that its configuration names."""
    config, settings, document = basis.config, basis.settings, basis.document
    column = settings.extract_column
    if column and not _has_column(document, column):
        raise config.error(
            f"{settings.file} has no table with a column {column!r}", f"{_key(config, settings)}.extract_column"
        )
    for index, rule in enumerate(settings.sections):
        if document.section((rule.heading,)) is None:
            known = ", ".join(repr(s.path[-1]) for s in document.sections if s.groups and s.path)
            raise config.error(
                f"{settings.file} has no section {rule.heading!r}, or several; its sections with papers: {known}",
                f"{_key(config, settings)}.sections.{index}.heading",
            )


def _keyword_judge(query: Query, sections: Mapping[Path, Sequence[Keyword]]) -> KeywordJudge:
    by_section = [SectionKeywords(path, tuple(keywords)) for path, keywords in sections.items()]
    return KeywordJudge(query.keywords, query.exclude, by_section)


def _own(path: Path) -> tuple[Keyword, ...]:
    """Return the heading of a section as its phrase, where people gave it none and too few papers tell of it."""
    return (Keyword(path[-1], weight=_BY_HEADING),) if WORD.search(path[-1]) else ()


def _key(config: Config, task: ListConfig) -> str:
    """Return the dotted key of a list."""
    return f"lists.{[one.name for one in config.lists].index(task.name)}"


def _has_column(document: Document, heading: str) -> bool:
    return any(heading in table.columns for section in document.sections for table in section.tables)
