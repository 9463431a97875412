"""What the bot would have proposed for a list: its last months again, each judged by what was listed before. Pure.

A paper is looked for in the month of its arXiv id, and learned from in the months after it was listed: as the list's
git history says, else after that of its id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Self

from bot.arxiv import arxiv_id
from bot.judge.factory import JudgeInput, judge_of
from bot.judge.keywords import phrase_pattern
from bot.judge.readiness import MIN_LISTED, papers_in
from bot.judge.term_counts import shipped_term_counts
from bot.judge.texts import terms
from bot.model import Keyword, Paper, Path, Verdict
from bot.paperlist.read.document import Document, parse

PERIODS = 12
"""Months that are looked at, the last ones in which something was listed."""
SHOWN = (10, 20, 40)
"""Numbers of papers, best first, among which the listed ones are counted."""
_PHRASES = 10
_PHRASE_IN = 3
_PHRASE_ODDS = 8.0
_EVERYWHERE = 0.25
_CONFUSED_FROM, _CONFUSED_SHARE = 3, 0.3

_Pairs = Sequence[tuple[Paper, Verdict]]
Truth = Mapping[str, Collection[Path]]
"""The sections in which each listed paper stands."""
Confusion = Mapping[tuple[Path, Path], int]
"""How many papers stand in one section and were judged to belong in another, or in the same."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month: how many papers were judged, and the ranks from 1 at which the listed ones came.

    `background` counts the papers of the library that are not listed; without any, ranks say nothing. `proposed` are
    at or above the mark, `hits` those of them that are listed.
    """

    month: str
    learned_from: int
    background: int
    ranks: tuple[int, ...]
    top1: int
    top3: int
    placed: int
    abstained: int
    proposed: int
    hits: int

    @classmethod
    def of(cls, month: str, learned_from: int, pairs: _Pairs, truth: Truth, mark: float) -> Self:
        """Return the period of papers with their verdicts; equals are ranked by their ids."""
        order = sorted(pairs, key=lambda pair: (-pair[1].relevance, pair[0].id))
        ranks = tuple(n for n, (paper, _) in enumerate(order, 1) if paper.id in truth)
        proposed = [paper.id in truth for paper, verdict in order if verdict.relevance >= mark]
        chosen = [(v, _paths(v), set(truth[p.id])) for p, v in order if p.id in truth]
        return cls(
            month,
            learned_from,
            len(order) - len(ranks),
            ranks,
            top1=sum(not right.isdisjoint(paths[:1]) for _, paths, right in chosen),
            top3=sum(not right.isdisjoint(paths[:3]) for _, paths, right in chosen),
            placed=sum(bool(paths) for _, paths, _ in chosen),
            abstained=sum(v.section is None for v, _, _ in chosen),
            proposed=len(proposed),
            hits=sum(proposed),
        )

    def found(self, shown: int) -> int:
        """Return how many listed papers were among the first `shown`."""
        return sum(rank <= shown for rank in self.ranks)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The periods, how often papers of one section were put into another, and what may help.

    `unmatched` are keywords that no listed paper holds, `phrases` stand in listed papers that no keyword finds, with
    the number of those papers. `alike` are pairs of sections that are hard to tell apart.
    """

    periods: tuple[Month, ...]
    confusion: Confusion
    unmatched: tuple[str, ...]
    phrases: tuple[tuple[str, int], ...]
    alike: tuple[tuple[Path, Path], ...]


def evaluate(given: JudgeInput, since: Mapping[str, date] = MappingProxyType({})) -> Evaluation:
    """Judge the papers of the last months as if nothing later were listed yet; `since` says when papers were listed.

    The library of `given` holds the papers of arXiv to find the listed ones among.
    """
    every = {one.paper.id: one for one in papers_in(given.document.sections, given.library) if one.paper.id}
    papers = {**{paper.id: paper for paper in given.library}, **{i: one.paper for i, one in every.items()}}
    months: dict[str, list[str]] = {}
    for i in sorted(papers):
        months.setdefault(_month(i), []).append(i)
    periods, confusion = [], Counter[tuple[Path, Path]]()
    for month in sorted(m for m, ids in months.items() if m and not every.keys().isdisjoint(ids))[-PERIODS:]:
        later = {i for i in every if max(_month(i), f"{since[i]:%Y-%m}" if i in since else "") >= month}
        if len(every) - len(later) < MIN_LISTED:
            continue
        truth = {i: every[i].sections for i in months[month] if i in every}
        pairs = _judged(_before(given, later, every), [papers[i] for i in months[month]], truth)
        periods.append(Month.of(month, len(every) - len(later), pairs, truth, given.settings.limits.propose_at))
        confusion.update(_confusion(pairs, truth))
    keywords, listed = given.settings.query().keywords, [one.paper for one in every.values()]
    unmatched = _unmatched(keywords, listed)
    return Evaluation(tuple(periods), dict(confusion), unmatched, _phrases(keywords, listed), _alike(confusion))


def _month(base: str) -> str:
    month = arxiv_id.known_month(base)
    return f"{month:%Y-%m}" if month else ""


def _before(given: JudgeInput, later: Collection[str], listed: Collection[str]) -> JudgeInput:
    """Return what a list would be judged from if some of its papers were not listed yet."""
    earlier = parse(_without(given.document, later), given.document.name)
    library = [paper for paper in given.library if paper.id in listed and paper.id not in later]
    return replace(given, document=earlier, library=library)


def _judged(given: JudgeInput, papers: Sequence[Paper], truth: Truth) -> _Pairs:
    """Return papers with their verdicts, of no relevance where arXiv is not asked for their categories.

    Only those that are listed are judged for their sections.
    """
    listed, others = ([p for p in papers if (p.id in truth) == wanted] for wanted in (True, False))
    judge = judge_of(given)
    verdicts = judge.judge(listed) + judge.relevance.judge(others)
    query = given.settings.query()
    pairs = zip([*listed, *others], verdicts, strict=True)
    return [(p, v if query.in_categories(p) else replace(v, relevance=0.0)) for p, v in pairs]


def _without(document: Document, ids: Collection[str]) -> bytes:
    """Return a list without the entries of some papers."""
    kept, at = [], 0
    for entry in sorted(document.entries, key=lambda e: e.span.start):
        if entry.span.start >= at and entry.arxiv_ids and entry.arxiv_ids[0] in ids:
            kept.append(document.source[at : entry.span.start])
            at = entry.span.end
    return b"".join((*kept, document.source[at:]))


def _paths(verdict: Verdict) -> list[Path]:
    """Return the sections of a verdict, likeliest first, whether the judge abstains or not."""
    return [choice.path for choice in verdict.likeliest]


def _confusion(pairs: _Pairs, truth: Truth) -> Counter[tuple[Path, Path]]:
    found = Counter[tuple[Path, Path]]()
    for paper, verdict in pairs:
        if sections := truth.get(paper.id):
            for chosen in _paths(verdict)[:1]:
                found[chosen if chosen in sections else min(sections), chosen] += 1
    return found


def _unmatched(keywords: Iterable[Keyword], listed: Sequence[Paper]) -> tuple[str, ...]:
    """Return the keywords that no listed paper holds; in a list of few papers that would say nothing."""
    if len(listed) < MIN_LISTED:
        return ()
    texts = [f"{p.title}\n{p.summary}" for p in listed]
    return tuple(k.phrase for k in keywords if not any(map(phrase_pattern(k.phrase).search, texts)))


def _phrases(keywords: Iterable[Keyword], listed: Sequence[Paper]) -> tuple[tuple[str, int], ...]:
    """Return phrases of listed papers that no keyword finds, far more frequent there than in arXiv in general."""
    background = shipped_term_counts()
    patterns = [phrase_pattern(k.phrase) for k in keywords]
    missed = [p for p in listed if not any(x.search(f"{p.title}\n{p.summary}") for x in patterns)]
    found = Counter(term for p in missed for term in {*terms(p.title), *terms(p.summary)} if " " in term)
    common = {word for word, (_, n) in background.terms.items() if n > _EVERYWHERE * background.papers}
    odds = {}
    for term, n in found.items():
        usual = (max(background.terms.get(term, (0, 0))) + 1) / background.papers
        share = n / len(missed)
        if n >= _PHRASE_IN and common.isdisjoint(term.split()) and share >= _PHRASE_ODDS * usual:
            odds[term] = share / usual
    best = sorted(odds, key=lambda term: (-found[term] * min(odds[term], 100.0), term))
    return tuple((term, found[term]) for term in best[:_PHRASES])


def short_names(paths: Iterable[Path]) -> Mapping[Path, str]:
    """Return for each section the fewest of its innermost headings that no other has."""
    every = sorted(set(paths))
    tails = Counter(path[-n:] for path in every for n in range(1, len(path) + 1))

    def name(path: Path) -> str:
        n = next((n for n in range(1, len(path) + 1) if tails[path[-n:]] == 1), len(path))
        return " > ".join(path[-n:])

    return {path: name(path) for path in every}


def totals(confusion: Confusion) -> Counter[Path]:
    """Return how many papers stand in each section."""
    total = Counter[Path]()
    for (path, _), n in confusion.items():
        total[path] += n
    return total


def _alike(confusion: Confusion) -> tuple[tuple[Path, Path], ...]:
    """Return pairs of sections of which one is often taken for the other, most confused first."""
    total, swapped = totals(confusion), Counter[tuple[Path, Path]]()
    for (path, chosen), n in confusion.items():
        if path != chosen:
            swapped[min(path, chosen), max(path, chosen)] += n
    return tuple(
        (a, b)
        for (a, b), n in sorted(swapped.items(), key=lambda pair: (-pair[1], pair[0]))
        if n >= _CONFUSED_FROM and n >= _CONFUSED_SHARE * min(total[a] or n, total[b] or n)
    )
