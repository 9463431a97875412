"""The judge of a list as it is configured, and papers sorted by its verdicts."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from bot.config import Config, ListConfig
from bot.judge.base import Judge
from bot.judge.cells.categories import Categories
from bot.judge.cells.extract import known_cells
from bot.judge.keywords import PHRASE_WORD, KeywordJudge, SectionKeywords
from bot.judge.learned import LearnedJudge
from bot.judge.readiness import MIN_LISTED, lessons, papers_in
from bot.judge.relevance.own_text import own_text
from bot.judge.sections.model import SectionedJudge
from bot.judge.sections.places import PlacedJudge, Places
from bot.model import Candidate, Cell, Keyword, LeftOut, Paper, Path
from bot.paperlist.read.document import Document
from bot.state.decision import Decision

_BY_HEADING = 0.3
"""Weight of a heading as a phrase: in a title it places a paper, in an abstract it makes the section likeliest."""


@dataclass(frozen=True, slots=True)
class JudgeInput:
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


def judged(given: JudgeInput, papers: Sequence[Paper], waiting: Container[str] = ()) -> Judged:
    """Return papers sorted by their verdicts; those `waiting` for room are kept whatever theirs is."""
    mark, cells = given.settings.limits.near_miss_at, cells_for(given.settings, given.document, given.library)
    pairs = list(zip(papers, judge_for(given).judge(papers), strict=True))
    fit = [(p, v) for p, v in pairs if (v.relevance >= mark or p.id in waiting) and not v.barred]
    near = [Candidate(p, v, cells(p)) for p, v in fit]
    left_out = [
        LeftOut(p.id, p.title, f"“{match.phrase}” in the {match.field.value}")
        for p, v in pairs
        if (match := v.excluded)
    ]
    near.sort(key=lambda c: (-c.verdict.relevance, c.id))
    return Judged(tuple(near), tuple(left_out), len(papers) - len(near) - len(left_out))


def judged_all(given: JudgeInput, papers: Sequence[Paper]) -> tuple[Candidate, ...]:
    """Return papers in the order given with their verdicts, whatever these are."""
    cells = cells_for(given.settings, given.document, given.library)
    return tuple(Candidate(p, v, cells(p)) for p, v in zip(papers, judge_for(given).judge(papers), strict=True))


def cells_for(
    settings: ListConfig, document: Document, library: Sequence[Paper] = ()
) -> Callable[[Paper], tuple[Cell, ...]]:
    """Return the function that finds a paper's cells: what its record says, and what the rows of the list suggest."""
    kinds = Categories(document, library)
    return lambda paper: (*known_cells(paper, settings.extract_column), *kinds.suggest(paper))


def judge_for(given: JudgeInput) -> LearnedJudge:
    """Return the judge of a list; raises `ConfigError` when the list lacks what its configuration names."""
    config, settings, document = given.config, given.settings, given.document
    key = f"lists.{[one.name for one in config.lists].index(settings.name)}"
    column = settings.extract_column
    if column and not any(column in table.columns for section in document.sections for table in section.tables):
        raise config.error(f"{settings.file} has no table with a column {column!r}", f"{key}.extract_column")
    for index, rule in enumerate(settings.sections):
        if document.section((rule.heading,)) is None:
            known = ", ".join(repr(s.path[-1]) for s in document.sections if s.groups and s.path)
            raise config.error(
                f"{settings.file} has no section {rule.heading!r}, or several; its sections with papers: {known}",
                f"{key}.sections.{index}.heading",
            )
    return judge_of(given)


def judge_of(given: JudgeInput) -> LearnedJudge:
    """Return the judge of any list, by those of the configured sections that it has.

    In a list of too few papers to learn from, a section without keywords is known by its heading, so that an
    abstaining judge has a forced choice.
    """
    document = given.document
    rules = ((rule, document.section((rule.heading,))) for rule in given.settings.sections)
    found = [(rule, section.path) for rule, section in rules if section]
    places = Places.of(document, {path for rule, path in found if not rule.receives})
    keywords = {path: tuple(p.keyword() for p in rule.keywords) for rule, path in found if rule.receives}
    keywords |= {path: () for path in places.topics if path not in keywords}
    placed = papers_in(places.filled, given.library)
    learns = len(placed) >= MIN_LISTED
    by_keywords = _keyword_judge(given, {} if learns else {path: own or _own(path) for path, own in keywords.items()})
    phrases = {path: [keyword.phrase for keyword in own] for path, own in keywords.items()}
    return _learned(given, PlacedJudge(SectionedJudge(by_keywords, placed, phrases), places))


def relevance_judge(given: JudgeInput) -> LearnedJudge:
    """Return a judge of the same relevance in a fraction of the time, which names no sections."""
    return _learned(given, _keyword_judge(given, {}))


def _learned(given: JudgeInput, rules: Judge) -> LearnedJudge:
    taught = lessons(given.document, given.library, given.decisions)
    own = own_text(given.document.source.decode(), given.settings.topic or "")
    return LearnedJudge(rules, taught, own, weighed=any(p.weight is not None for p in given.settings.keywords))


def _keyword_judge(given: JudgeInput, sections: SectionKeywords) -> KeywordJudge:
    query = given.settings.query()
    return KeywordJudge(query.keywords, query.exclude, sections, query.groups)


def _own(path: Path) -> tuple[Keyword, ...]:
    """Return the heading of a section as its phrase, none where it holds no word."""
    return tuple(Keyword(name, weight=_BY_HEADING) for name in path[-1:] if PHRASE_WORD.search(name))
