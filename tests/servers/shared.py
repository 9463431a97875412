"""The data shared with this project beside its folder, where it is there: papers, labelled weeks, real lists."""

from __future__ import annotations

import gzip
import json
from collections.abc import Container, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bot.arxiv import paper_json
from bot.model import Paper

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
PAPERS = SHARED / "data" / "papers.jsonl.gz"
WEEKS = SHARED / "data" / "weeks"
LISTS = SHARED / "zoo" / "lists"


def records(ids: Container[str] | None = None) -> Iterator[dict[str, Any]]:
    """Yield the record of every paper, or of those with some ids; each begins with its id."""
    with gzip.open(PAPERS, "rb") as lines:
        for line in lines:
            if ids is None or line.split(b'"', 4)[3].decode() in ids:
                yield json.loads(line)


def papers(ids: Container[str] | None = None) -> dict[str, Paper]:
    """Return the papers, or those with some ids, by id."""
    return {record["id"]: paper_json.decode_paper(record, PAPERS.name) for record in records(ids)}


def announced_papers(ids: Container[str] | None = None) -> tuple[dict[str, Paper], dict[str, date]]:
    """Return the papers, and the day on which each was announced where that is known."""
    found = list(records(ids))
    known = {record["id"]: paper_json.decode_paper(record, PAPERS.name) for record in found}
    return known, {r["id"]: date.fromisoformat(r["announced"]) for r in found if "announced" in r}


def weeks() -> dict[str, Mapping[str, Any]]:
    """Return the labelled weeks by their Monday, oldest first; none where the data is missing."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(WEEKS.glob("*.json"))}


def listed_before(day: str, known: Mapping[str, Paper]) -> dict[str, Paper]:
    """Return what the lists on serving held before a day."""
    lines = (SHARED / "data" / "serving_rows.jsonl").read_text("utf-8").splitlines()
    early = {row["arxiv_id"]: row for row in map(json.loads, lines) if row["added"] < day}
    return {i: known.get(i) or Paper(i, row.get("title") or i) for i, row in early.items()}
