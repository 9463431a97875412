"""Invented papers: some of a list on serving, one like them, one of another topic."""

from __future__ import annotations

from bot.model import Paper

SUBJECTS = "cache scheduling batching prefill decoding routing memory kernel cluster adapter offloading sharing".split()
LISTED = [
    Paper(
        f"2501.{n:05d}",
        f"Fast {subject} for serving language models",
        authors=(f"A. Author{n}", "Known Person"),
        summary=f"We serve language models with better {subject} and raise throughput on GPU clusters.",
        categories=("cs.DC", "cs.LG"),
    )
    for n, subject in enumerate(SUBJECTS)
]
NEAR = Paper(
    "2601.00001", "Scheduling requests when serving language models", summary="We serve models on GPU clusters."
)
FAR = Paper("2601.00002", "Galaxies in dark matter halos", summary="We observe galaxies.", categories=("astro-ph.GA",))
