"""The judge of a list as it is configured, and papers sorted by its verdicts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Sequence
from dataclasses import dataclass, replace

from bot.config import Config, ListConfig
from bot.judge.base import Judge, SectionedJudge
from bot.judge.cells.categories import Categories
from bot.judge.cells.extract import known_cells
from bot.judge.keywords import PHRASE_WORD, KeywordJudge, SectionKeywords
from bot.judge.learned import LearnedJudge
from bot.judge.readiness import MIN_LISTED, lessons, papers_in
from bot.judge.relevance.own_text import own_text
from bot.judge.sections.model import LearnedSections
from bot.judge.sections.new_sections import new_sections
from bot.judge.sections.places import Places
from bot.model import Candidate, Cell, Keyword, LeftOut, NewSection, Paper, Path, Verdict
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
    mark, judge = given.settings.limits.near_miss_at, judge_for(given)
    pairs = list(zip(papers, judge.relevance.judge(papers), strict=True))
    fit = [(p, v) for p, v in pairs if (v.relevance >= mark or p.id in waiting) and not v.barred]
    near = _candidates(given, [p for p, _ in fit], judge.place([p for p, _ in fit], [v for _, v in fit]))
    left_out = [
        LeftOut(p.id, p.title, f"“{match.phrase}” in the {match.field.value}")
        for p, v in pairs
        if (match := v.excluded)
    ]
    near.sort(key=lambda c: (-c.verdict.relevance, c.id))
    return Judged(tuple(near), tuple(left_out), len(papers) - len(near) - len(left_out))


def judged_all(given: JudgeInput, papers: Sequence[Paper]) -> tuple[Candidate, ...]:
    """Return papers in the order given with their verdicts, whatever these are."""
    return tuple(_candidates(given, papers, judge_for(given).judge(papers)))


def _candidates(given: JudgeInput, papers: Sequence[Paper], verdicts: Sequence[Verdict]) -> list[Candidate]:
    cells = cells_for(given.settings, given.document, given.library)
    return [Candidate(p, v, cells(p)) for p, v in zip(papers, verdicts, strict=True)]


def sections_wanted(given: JudgeInput, judged: Sequence[Candidate]) -> tuple[NewSection, ...]:
    """Return the sections that the list lacks for papers, and for those that stand unsorted in it.

    The words of the list's topic and of its outermost headings name none: they are what all its papers are about.
    """
    document = given.document
    known = {paper.id: paper for paper in given.library}
    unsorted = (entry for path in _unsorted(given) for s in document.sections_like(path) for entry in s.entries)
    there = {i: Paper(i, e.title) for e in unsorted for i in e.arxiv_ids[:1]}
    waiting = {i: Candidate(known.get(i, paper), Verdict(1.0)) for i, paper in there.items()}
    fit = {one.id: _unplaced(one, _unsorted(given)) for one in judged if not one.verdict.barred}
    filled = (section for section in _places(given).filled if section.path not in _unsorted(given))
    listed = papers_in(filled, given.library)
    headings = [section.path for section in document.sections if section.path]
    topic = " ".join([given.settings.topic or "", *dict.fromkeys(path[0] for path in headings)])
    return new_sections([*(waiting | fit).values()], listed, [*headings, (topic,)])


def _unplaced(candidate: Candidate, unsorted: Collection[Path]) -> Candidate:
    """Return a candidate without its section if that is the one for papers that no other fits."""
    first = candidate.verdict.likeliest[:1]
    placed = not first or first[0].path not in unsorted
    return candidate if placed else replace(candidate, verdict=Verdict(candidate.verdict.relevance))


def _places(given: JudgeInput) -> Places:
    """Return where the list takes papers, without the sections that receive none."""
    closed = (given.document.section((rule.heading,)) for rule in given.settings.sections if not rule.receives)
    return Places.of(given.document, {section.path for section in closed if section})


def _unsorted(given: JudgeInput) -> set[Path]:
    """Return the path of the section for papers that no other fits, if the list has it."""
    heading = given.settings.unsorted
    section = given.document.section((heading,)) if heading else None
    return {section.path} if section else set()


def cells_for(
    settings: ListConfig, document: Document, library: Sequence[Paper] = ()
) -> Callable[[Paper], tuple[Cell, ...]]:
    """Return the function that finds a paper's cells: what its record says, and what the rows of the list suggest."""
    kinds = Categories(document, library)
    return lambda paper: (*known_cells(paper, settings.extract_column), *kinds.suggest(paper))


def judge_for(given: JudgeInput) -> SectionedJudge:
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


def judge_of(given: JudgeInput) -> SectionedJudge:
    """Return the judge of any list, by those of the configured sections that it has.

    In a list of too few papers to learn from, a section without keywords is known by its heading, so that an
    abstaining judge has a forced choice.
    """
    document = given.document
    rules = ((rule, document.section((rule.heading,))) for rule in given.settings.sections)
    found = [(rule, section.path) for rule, section in rules if section]
    places = _places(given)
    keywords = {path: tuple(p.keyword() for p in rule.keywords) for rule, path in found if rule.receives}
    keywords |= {path: () for path in places.topics if path not in keywords}
    placed = papers_in(places.filled, given.library)
    learns = len(placed) >= MIN_LISTED
    by_keywords = _keyword_judge(given, {} if learns else {path: own or _own(path) for path, own in keywords.items()})
    phrases = {path: [keyword.phrase for keyword in own] for path, own in keywords.items()}
    taught = lessons(document, given.library, given.decisions)
    own = own_text(document.source.decode(), given.settings.topic or "")
    weighed = any(keyword.weight is not None for keyword in given.settings.keywords)
    return ListJudge(LearnedJudge(by_keywords, taught, own, weighed), LearnedSections(placed, phrases), places)


@dataclass(frozen=True)
class ListJudge:
    """The judge of relevance of a list, what chooses topics for papers, and the sections that hold these."""

    relevance: Judge
    topics: LearnedSections
    places: Places

    def judge(self, papers: Sequence[Paper]) -> tuple[Verdict, ...]:
        """Return one verdict per paper, in the order given; each depends on that paper alone."""
        return self.place(papers, self.relevance.judge(papers))

    def place(self, papers: Sequence[Paper], verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """Return the verdict of each paper with its section; no paper's section depends on the others."""
        return tuple(map(self.places.housed, papers, self.topics.add(papers, verdicts)))


def _keyword_judge(given: JudgeInput, sections: SectionKeywords) -> KeywordJudge:
    query = given.settings.query()
    return KeywordJudge(query.keywords, query.exclude, sections, query.groups)


def _own(path: Path) -> tuple[Keyword, ...]:
    """Return the heading of a section as its phrase, none where it holds no word."""
    return tuple(Keyword(name, weight=_BY_HEADING) for name in path[-1:] if PHRASE_WORD.search(name))
