"""What `init` makes of real lists: `make adopt`.

For every list of the collection: a valid configuration or a refusal; the share of its own titles in which a phrase is
found; what the phrases match of the papers of past weeks, and how much of that is outside the list's topic; then `run`
with that configuration over one week, and how many of the papers it proposes are of the topic. For lists of whose
papers enough are known to have categories: how many of these the configured ones reach, and how much of arXiv.

A paper is of a list's topic when its words, weighed by those of the list's titles against arXiv in general, speak as
much for it as for four of five listed titles that the words were not learned from. No phrase is asked.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
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

WEEK = "2026-02-09"
ENOUGH_TITLES = 20
_MOST_TITLES = 1500


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one list; shares are of papers, `proposed` and `fitting` count those of one week.

    `reached` is the share of its papers that the categories hold, None where too few are known, `asked` that of arXiv.
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
    """Why the run could not be done."""


def main() -> int:
    """Print a row for each list, and medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--every", type=int, default=8, help="take one in so many of the papers of the weeks")
    parser.add_argument("--week", default=WEEK, help="the week that is run")
    parser.add_argument("--of-week", type=int, default=1, help="take one in so many of its papers")
    parser.add_argument("--skip-run", action="store_true", help="leave the runs out")
    parser.add_argument("--only", default="", help="part of the names of the lists to try")
    options = parser.parse_args()
    options.shared = options.shared.resolve()
    if not (options.shared / "zoo" / "lists").is_dir():
        print(f"no collection of lists in {options.shared}", file=sys.stderr)
        return 1
    files = sorted(f for f in (options.shared / "zoo" / "lists").iterdir() if options.only in f.name)
    week = None if options.skip_run else options.week
    with ProcessPoolExecutor(2) as pool:
        rows = []
        print(f"{'list':44} phrases  own  matched  outside  precision  reached  asked  of topic/proposed in {week}")
        for row in pool.map(partial(one_list, options.shared, options.every, week, options.of_week), files):
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


def one_list(shared: Path, every: int, week: str | None, of_week: int, file: Path) -> Row:
    """Take up one list and measure."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("README.md").write_bytes(file.read_bytes())
        subprocess.run(["git", "init", "-q"], check=True)
        os.environ["GITHUB_REPOSITORY"] = "/".join(file.name.split("__")[:2])
        status, said, complaint = called("init", "README.md", "--yes", "--json")
        if status:
            return Row(file.name, complaint.strip())
        [task] = config.load(Path("config/keywords.yaml")).lists
        seen = json.loads(said)
        weeks = papers(shared, every)
        listed = understanding.recognised_papers(parse(file.read_bytes(), file.name), {})
        titles = [paper.title for paper in listed]
        fits = topical(titles, weeks)
        hits = [bool(verdict.matched) for verdict in KeywordJudge(task.query().keywords).judge(weeks)]
        both = sum(h and f for h, f in zip(hits, fits, strict=True)) if fits else 0
        others = max(1, len(weeks) - sum(fits) if fits else len(weeks))
        proposed, failed = ran(shared, week, of_week) if week else ([], None)
        return Row(
            name=file.name,
            refused=None,
            phrases=len(task.keywords),
            explained=seen["explained"],
            matched=sum(hits) / len(weeks),
            outside=(sum(hits) - both) / others,
            precision=both / sum(hits) if fits and sum(hits) else None,
            reached=within(task, list(papers_of(shared, frozenset(paper.id for paper in listed)))),
            asked=within(task, weeks) or 0.0,
            proposed=len(proposed) if fits else 0,
            fitting=sum(topical(titles, proposed)) if fits and proposed else 0,
            failed=failed,
        )


def within(task: ListConfig, those: Iterable[Paper]) -> float | None:
    """Return what share of papers the categories of a configuration hold; None for too few with categories."""
    known = [paper for paper in those if paper.categories]
    if len(known) < ENOUGH_TITLES:
        return None
    return sum(not set(task.categories or paper.categories).isdisjoint(paper.categories) for paper in known) / len(
        known
    )


def called(*arguments: str) -> tuple[int, str, str]:
    """Call the command line here; return its status and what it said on both streams."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            arxiv_bot(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
    return status, out.getvalue(), err.getvalue()


def ran(shared: Path, week: str, every: int) -> tuple[list[Paper], str | None]:
    """Run the configuration of this folder over one in so many papers of a week.

    Return what is proposed, and why nothing is when the run failed.
    """
    ids = frozenset(sorted(ids_of(shared, week))[::every])
    everything = {paper.id: paper for paper in papers_of(shared, ids)}
    with Path("week.jsonl").open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(paper_json.encode_paper(paper)) + "\n" for paper in everything.values())
    command = ("run", "--dry-run", "--publish", "none", "--source", "week.jsonl", "--json", "--today", week)
    status, said, complaint = called(*command)
    if status == 1:
        return [], f"run failed: {complaint.strip().splitlines()[-1]}"
    assert status in (0, 4), complaint
    return [everything[one["id"]] for found in json.loads(said)["lists"] for one in found["proposed"]], None


def topical(titles: Sequence[str], those: Sequence[Paper]) -> list[bool]:
    """Return the papers on the topic of some titles; none where there are too few titles."""
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
    return [evidence.direction for evidence, _ in model.evidence(bare, [0.0] * len(asked))]


@cache
def papers(shared: Path, every: int) -> list[Paper]:
    """Return one in so many of the papers of all weeks."""
    ids = sorted({i for path in (shared / "data" / "weeks").glob("*.json") for i in ids_of(shared, path.stem)})
    return list(papers_of(shared, frozenset(ids[::every])))


def ids_of(shared: Path, week: str) -> frozenset[str]:
    """Return the ids of what was announced in a week."""
    return frozenset(json.loads((shared / "data" / "weeks" / f"{week}.json").read_text("utf-8"))["ids"])


@cache
def _everything(shared: Path) -> tuple[tuple[str, str], ...]:
    with gzip.open(shared / "data" / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple((json.loads(line)["id"], line) for line in lines)


def papers_of(shared: Path, ids: frozenset[str]) -> Iterator[Paper]:
    """Yield the papers of some ids."""
    return (paper_json.decode_paper(json.loads(line), "papers.jsonl.gz") for i, line in _everything(shared) if i in ids)


if __name__ == "__main__":
    sys.exit(main())
