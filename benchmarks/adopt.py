"""Measure what `init` makes of real lists: `make adopt`.

For every list of the collection: whether it gets a valid configuration or is refused; in how many of its own titles a
phrase is found; how many papers of past weeks the phrases match, and how many of those off the list's topic; how many
papers `run` proposes with that configuration in one week, and how many of them are on the topic. Where enough listed
papers are known: how many of them the configured categories hold, and how much of arXiv.

A paper is on a list's topic when its title scores at least as high as four fifths of held-out listed titles, by the
words of the other listed titles against those of arXiv in general. Phrases play no part in that.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from random import Random
from statistics import median

from bot import config
from bot.adopt import understanding
from bot.arxiv import paper_json
from bot.cli.main import main as arxiv_bot
from bot.config import ListConfig
from bot.judge.keywords import KeywordJudge
from bot.judge.relevance.model import RelevanceModel
from bot.model import Paper
from bot.paperlist.read.document import parse
from tests.servers import shared

WEEK = "2026-02-09"
ENOUGH_TITLES = 20
_MOST_TITLES = 1500


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one list: shares of papers, and the `proposed` and `fitting` papers of one week.

    The categories hold the share `reached` of the listed papers, None where too few are known, and `asked` of arXiv.
    """

    name: str
    refused: str | None
    phrases: int = 0
    explained: float = 0.0
    matched: float = 0.0
    outside: float = 0.0
    precision: float | None = None
    reached: float | None = None
    asked: float = 0.0
    proposed: int = 0
    fitting: int = 0
    failed: str | None = None
    """Why the run failed."""


def main() -> int:
    """Print a row for each list, and medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=8, help="take every n-th paper of the weeks")
    parser.add_argument("--only", default="", help="try only lists whose file name holds this")
    options = parser.parse_args()
    if not shared.LISTS.is_dir():
        print(f"the real lists of the shared data are missing: no {shared.LISTS}", file=sys.stderr)
        return 1
    files = sorted(file for file in shared.LISTS.iterdir() if options.only in file.name)
    rows = []
    print(f"{'list':44} phrases  own  matched  outside  precision  reached  asked  on topic/proposed in {WEEK}")
    with ProcessPoolExecutor(2) as pool:
        for row in pool.map(partial(one_list, options.every), files):
            rows.append(row)
            print(_line(row), flush=True)
    for name, some in (("even lists", rows[::2]), ("odd lists", rows[1::2]), ("all lists", rows)):
        if taken := [row for row in some if not row.refused]:
            print(f"{name}: {_medians(taken)}")
    return 0


def _line(row: Row) -> str:
    if row.refused:
        return f"{row.name[:44]:44} refused: {row.refused}"
    precision, reached = ("    -" if of is None else f"{of:5.2f}" for of in (row.precision, row.reached))
    return (
        f"{row.name[:44]:44} {row.phrases:7} {row.explained:5.2f}  {row.matched:6.2%}  {row.outside:6.2%}"
        f"  {precision:>9}  {reached:>7}  {row.asked:5.2f}  {row.failed or f'{row.fitting}/{row.proposed}'}"
    )


def _medians(rows: Sequence[Row]) -> str:
    told = [row.precision for row in rows if row.precision is not None]
    proposed = sum(row.proposed for row in rows)
    shares = [row.fitting / row.proposed for row in rows if row.proposed]
    reached = [row for row in rows if row.reached is not None]
    return (
        f"{len(rows)} configurations, medians: own {median(r.explained for r in rows):.3f}, "
        f"matched {median(r.matched for r in rows):.2%}, outside {median(r.outside for r in rows):.2%} "
        f"(above 2 %: {sum(r.outside > 0.02 for r in rows)}), precision {median(told or [0.0]):.2f}; "
        f"categories of {len(reached)} reach {median([r.reached or 0.0 for r in reached] or [0.0]):.2f} by asking "
        f"{median([r.asked for r in reached] or [0.0]):.2f}; "
        f"of topic: {sum(r.fitting for r in rows)} of {proposed} proposed"
        + (f", by list {sum(shares) / len(shares):.2f}" if shares else "")
        + f"; {sum(bool(r.failed) for r in rows)} runs failed"
    )


def one_list(every: int, file: Path) -> Row:
    """Adopt one list and measure."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("README.md").write_bytes(file.read_bytes())
        subprocess.run(["git", "init", "-q"], check=True)
        os.environ["GITHUB_REPOSITORY"] = "/".join(file.name.split("__")[:2])
        Path("none.jsonl").touch()  # arXiv is not asked
        status, said, complaint = called("init", "README.md", "--yes", "--json", "--library", "none.jsonl")
        if status:
            return Row(file.name, complaint.strip())
        [task] = config.load(Path("config/keywords.yaml")).lists
        seen = json.loads(said)
        weeks = papers_of_weeks(every)
        listed = understanding.recognised_papers(parse(file.read_bytes(), file.name), {})
        titles = [paper.title for paper in listed]
        fits = topical(titles, weeks)
        hits = [bool(verdict.matched) for verdict in KeywordJudge(task.query().keywords).judge(weeks)]
        both = sum(h and f for h, f in zip(hits, fits, strict=True)) if fits else 0
        others = max(1, len(weeks) - sum(fits) if fits else len(weeks))
        proposed, failed = ran()
        return Row(
            name=file.name,
            refused=None,
            phrases=len(task.keywords),
            explained=seen["explained"],
            matched=sum(hits) / len(weeks),
            outside=(sum(hits) - both) / others,
            precision=both / sum(hits) if fits and sum(hits) else None,
            reached=within(task, [known()[paper.id] for paper in listed if paper.id in known()]),
            asked=within(task, weeks) or 0.0,
            proposed=len(proposed) if fits else 0,
            fitting=sum(topical(titles, proposed)) if fits and proposed else 0,
            failed=failed,
        )


def within(settings: ListConfig, papers: Iterable[Paper]) -> float | None:
    """Return the share of papers that the configured categories hold; None for too few with categories."""
    known = [paper for paper in papers if paper.categories]
    if len(known) < ENOUGH_TITLES:
        return None
    held = (not set(settings.categories or paper.categories).isdisjoint(paper.categories) for paper in known)
    return sum(held) / len(known)


def called(*arguments: str) -> tuple[int, str, str]:
    """Call the command line in this process; return its exit status and what it printed on both streams."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            arxiv_bot(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
    return status, out.getvalue(), err.getvalue()


def ran() -> tuple[list[Paper], str | None]:
    """Run the configuration of this folder on one week; return what is proposed, and why the run failed if it did."""
    found = {i: known()[i] for i in sorted(shared.weeks()[WEEK]["ids"]) if i in known()}
    Path("week.jsonl").write_text("".join(f"{paper_json.dump_paper(paper)}\n" for paper in found.values()), "utf-8")
    command = ("run", "--dry-run", "--publish", "none", "--source", "week.jsonl", "--json", "--today", WEEK)
    status, said, complaint = called(*command)
    if status == 1:
        return [], f"run failed: {complaint.strip().splitlines()[-1]}"
    assert status in (0, 4), complaint
    return [found[one["id"]] for of in json.loads(said)["lists"] for one in of["proposed"]], None


def topical(titles: Sequence[str], those: Sequence[Paper]) -> list[bool]:
    """Return whether each paper is on the topic of some titles; nothing where there are too few titles."""
    if len(titles) < ENOUGH_TITLES:
        return []
    listed = [Paper("", title) for title in titles]
    Random(0).shuffle(listed)
    listed = listed[:_MOST_TITLES]
    half = len(listed) // 2
    left_out = sorted(
        score
        for learned, asked in ((listed[:half], listed[half:]), (listed[half:], listed[:half]))
        for score in scores(learned, asked)
    )
    mark = left_out[len(left_out) // 5]
    return [score >= mark for score in scores(listed, those)]


def scores(learned: Sequence[Paper], asked: Sequence[Paper]) -> list[float]:
    """Return how much the titles of papers speak for them."""
    model = RelevanceModel.fit(learned)
    bare = [replace(paper, summary="") for paper in asked]
    return model.evidence(bare).sum(axis=1).tolist()  # type: ignore[no-any-return]


@cache
def papers_of_weeks(every: int) -> list[Paper]:
    """Return every n-th paper of all labelled weeks."""
    ids = sorted({i for week in shared.weeks().values() for i in week["ids"]})
    return [known()[i] for i in ids[::every] if i in known()]


@cache
def known() -> dict[str, Paper]:
    """Return all papers of the shared data."""
    return shared.papers()


if __name__ == "__main__":
    sys.exit(main())
