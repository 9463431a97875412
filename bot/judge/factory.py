"""The judge a configuration describes, and its verdicts sorted into what is worth a look and what is not."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from bot.config.config import Config, ListConfig
from bot.judge.base import Judge
from bot.judge.cells.categories import Categories
from bot.judge.cells.extract import known_cells
from bot.judge.keywords import WORD, KeywordJudge, SectionKeywords
from bot.judge.learned import LearnedJudge
from bot.judge.sections.model import FEWEST, SectionedJudge, listed_papers
from bot.model import Candidate, Cell, Decision, Keyword, LeftOut, Paper, Path, Query
from bot.paperlist.read.document import Document

_BY_HEADING = 0.3
"""What a heading counts as a phrase: in a title it places a paper, in an abstract it makes the section likeliest."""


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
    verdicts = judge_for(config, task, document, library, decisions).judge(papers)
    cells = cells_for(task, document, library)
    near = [
        Candidate(p, v, cells(p))
        for p, v in zip(papers, verdicts, strict=True)
        if (v.relevance >= task.limits.near_miss_at or p.id in waiting) and not v.excluded
    ]
    left_out = [
        LeftOut(p.id, p.title, f"“{v.excluded.phrase}” in the {v.excluded.field.value}")
        for p, v in zip(papers, verdicts, strict=True)
        if v.excluded
    ]
    near.sort(key=lambda c: (-c.verdict.relevance, c.paper.id))
    return tuple(near), tuple(left_out), len(papers) - len(near) - len(left_out)


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
    cells = cells_for(task, document, library)
    return tuple(Candidate(p, v, cells(p)) for p, v in zip(papers, verdicts, strict=True))


def cells_for(
    task: ListConfig, document: Document, library: Sequence[Paper] = ()
) -> Callable[[Paper], tuple[Cell, ...]]:
    """Return what finds the cells of a paper: what its record says, and the kinds that the list's own rows suggest."""
    kinds = Categories(document, library)
    return lambda paper: (*known_cells(paper, task.extract_column), *kinds.suggest(paper))


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
    keywords alone: relevance is the same, in a fraction of the time. In a list of too few papers to learn from, the
    heading of a section stands for the keywords it has not, so that an abstaining judge has a forced choice.
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
    named = {
        section.path: tuple(phrase.keyword() for phrase in task.sections[index].keywords)
        for index, section in found
        if section is not None
    }
    query = task.query()
    if not placing:
        rules: Judge = _keyword_judge(query, named)
        return LearnedJudge(rules, document, library, decisions, keywords=bool(query.keywords))
    every = named | {s.path: named.get(s.path, ()) for s in document.sections if s.path and s.groups}
    examples = listed_papers(document, library)
    few = len(examples) < FEWEST
    phrases = _keyword_judge(query, {path: given or _own(path) for path, given in every.items()} if few else named)
    rules = SectionedJudge(phrases, examples, {path: [k.phrase for k in given] for path, given in every.items()})
    return LearnedJudge(rules, document, library, decisions, keywords=bool(query.keywords))


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
