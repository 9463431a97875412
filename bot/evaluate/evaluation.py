"""What the bot would have proposed for a list: its last months again, each judged by what was listed before. Pure.

A paper is looked for in the month of its arXiv id, and taught from the month after people listed it: as the list's git
history tells, else that of its id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from bot.arxiv import arxiv_id
from bot.config import Config, ListConfig
from bot.judge.factory import Basis, judge_for
from bot.judge.keywords import phrase_pattern
from bot.judge.readiness import MIN_LISTED
from bot.judge.relevance.background import Background
from bot.judge.texts import terms
from bot.model import Paper, Path, Verdict
from bot.paperlist.read.document import Document, parse

PERIODS = 12
"""Months that are looked at, the last ones in which something was listed."""
SHOWN = (10, 20, 40)
"""After how many papers, best first, it is counted what was found."""
_PHRASES = 10
_PHRASE_IN = 3
_PHRASE_ODDS = 8.0
_EVERYWHERE = 0.25
_CONFUSED_FROM, _CONFUSED_SHARE = 3, 0.3


@dataclass(frozen=True, slots=True)
class Period:
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

    def found(self, shown: int) -> int:
        """Return how many listed papers were among the first `shown`."""
        return sum(rank <= shown for rank in self.ranks)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The periods, how often papers of one section were put into another, and what may help.

    `confusion` counts by (section it stands in, section chosen). `unmatched` are keywords that no listed paper holds,
    `phrases` stand in listed papers that no keyword finds, with the number of those papers.
    """

    periods: tuple[Period, ...]
    confusion: Mapping[tuple[Path, Path], int]
    unmatched: tuple[str, ...]
    phrases: tuple[tuple[str, int], ...]
    alike: tuple[tuple[Path, Path], ...]


def evaluate(
    config: Config,
    task: ListConfig,
    document: Document,
    library: Sequence[Paper],
    background: Background,
    since: Mapping[str, date] = MappingProxyType({}),
) -> Evaluation:
    """Judge the papers of the last months as if nothing later were listed yet; `since` says when papers came in."""
    known = {paper.id: paper for paper in library}
    listed: dict[str, tuple[Paper, set[Path]]] = {}
    for section in document.sections:
        for entry in section.entries:
            for base in entry.arxiv_ids[:1]:
                paper = known.get(base) or Paper(base, entry.title)
                listed.setdefault(base, (paper, set()))[1].add(section.path)
    months: dict[str, list[str]] = {}
    for base in sorted({*listed, *known}):
        months.setdefault(_month(base), []).append(base)
    periods, confusion = [], Counter[tuple[Path, Path]]()
    for month in sorted(m for m, ids in months.items() if m and any(i in listed for i in ids))[-PERIODS:]:
        later = {i for i in listed if max(_month(i), f"{since[i]:%Y-%m}" if i in since else "") >= month}
        if len(listed) - len(later) < MIN_LISTED:
            continue
        earlier = parse(_without(document, later), document.name)
        papers = [listed[i][0] for i in months[month] if i in listed]
        others = [known[i] for i in months[month] if i not in listed]
        old = [p for p in library if p.id in listed and p.id not in later]
        basis = Basis(config, task, earlier, old)
        verdicts = judge_for(basis, foreign=True).judge(papers)
        verdicts += judge_for(basis, foreign=True, placing=False).judge(others)
        papers += others
        truth = {i: sections for i, (_, sections) in listed.items()}
        periods.append(_period(month, len(listed) - len(later), papers, verdicts, truth, task.limits.propose_at))
        confusion.update(_confusion(papers, verdicts, truth))
    whole = [paper for paper, _ in listed.values()]
    return Evaluation(
        tuple(periods), dict(confusion), _unmatched(task, whole), _phrases(task, whole, background), _alike(confusion)
    )


def _month(base: str) -> str:
    try:
        return arxiv_id.month(base).strftime("%Y-%m")
    except ValueError:
        return ""


def _without(document: Document, ids: set[str]) -> bytes:
    """Return a list without the entries of some papers."""
    kept, at = [], 0
    for entry in sorted(document.entries, key=lambda e: e.span.start):
        if entry.span.start >= at and ids.intersection(entry.arxiv_ids[:1]):
            kept.append(document.source[at : entry.span.start])
            at = entry.span.end
    return b"".join((*kept, document.source[at:]))


def _period(
    month: str,
    before: int,
    papers: Sequence[Paper],
    verdicts: Sequence[Verdict],
    truth: Mapping[str, set[Path]],
    mark: float,
) -> Period:
    """Rank the papers of a month; equals are ranked by their ids."""
    order = sorted(zip(papers, verdicts, strict=True), key=lambda pair: (-pair[1].relevance, pair[0].id))
    ranks = tuple(n for n, (paper, _) in enumerate(order, 1) if paper.id in truth)
    proposed = [paper.id in truth for paper, verdict in order if verdict.relevance >= mark]
    chosen = [(v, forced(v), truth[p.id]) for p, v in order if p.id in truth]
    return Period(
        month,
        before,
        len(papers) - len(ranks),
        ranks,
        top1=sum(bool(truth.intersection(paths[:1])) for _, paths, truth in chosen),
        top3=sum(bool(truth.intersection(paths[:3])) for _, paths, truth in chosen),
        placed=sum(bool(paths) for _, paths, _ in chosen),
        abstained=sum(v.section is None for v, _, _ in chosen),
        proposed=len(proposed),
        hits=sum(proposed),
    )


def forced(verdict: Verdict) -> tuple[Path, ...]:
    """Return the sections of a verdict, likeliest first, abstaining or not."""
    first = (verdict.section,) if verdict.section else ()
    return tuple(choice.path for choice in (*first, *verdict.alternatives))


def _confusion(
    papers: Sequence[Paper], verdicts: Sequence[Verdict], truth: Mapping[str, set[Path]]
) -> Counter[tuple[Path, Path]]:
    found = Counter[tuple[Path, Path]]()
    for paper, verdict in zip(papers, verdicts, strict=True):
        sections, chosen = truth.get(paper.id, set()), forced(verdict)[:1]
        for path in chosen:
            found[path if path in sections else min(sections, default=path), path] += bool(sections)
    return +found


def _unmatched(task: ListConfig, listed: Sequence[Paper]) -> tuple[str, ...]:
    """Return the keywords that no listed paper holds; of a list of few papers that would say nothing."""
    if len(listed) < MIN_LISTED:
        return ()
    texts = [f"{p.title}\n{p.summary}" for p in listed]
    patterns = [(k.phrase, phrase_pattern(k.phrase)) for k in task.query().keywords]
    return tuple(phrase for phrase, pattern in patterns if not any(map(pattern.search, texts)))


def _phrases(task: ListConfig, listed: Sequence[Paper], background: Background) -> tuple[tuple[str, int], ...]:
    """Return phrases of listed papers that no keyword finds, far more frequent there than in arXiv in general."""
    patterns = [phrase_pattern(k.phrase) for k in task.query().keywords]
    missed = [p for p in listed if not any(x.search(f"{p.title}\n{p.summary}") for x in patterns)]
    found = Counter(term for p in missed for term in {*terms(p.title), *terms(p.summary)} if " " in term)
    common = {word for word, (_, n) in background.terms.items() if n > _EVERYWHERE * background.papers}
    usual = {term: (max(background.terms.get(term, (0, 0))) + 1) / background.papers for term in found}
    odds = {
        term: n / len(missed) / usual[term]
        for term, n in found.items()
        if n >= _PHRASE_IN and common.isdisjoint(term.split()) and n / len(missed) >= _PHRASE_ODDS * usual[term]
    }
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


def _alike(confusion: Mapping[tuple[Path, Path], int]) -> tuple[tuple[Path, Path], ...]:
    """Return pairs of sections of which one is often taken for the other, most confused first."""
    total = Counter[Path]()
    for (path, _), n in confusion.items():
        total[path] += n
    swapped = Counter[tuple[Path, Path]]()
    for (path, chosen), n in confusion.items():
        if path != chosen:
            swapped[min(path, chosen), max(path, chosen)] += n
    return tuple(
        (a, b)
        for (a, b), n in sorted(swapped.items(), key=lambda pair: (-pair[1], pair[0]))
        if n >= _CONFUSED_FROM and n >= _CONFUSED_SHARE * min(total[a] or n, total[b] or n)
    )
