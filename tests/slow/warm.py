"""Imported by the fork server of `tests.slow.adversary`: what each process of the bot needs is loaded once."""

from __future__ import annotations

from bot import config
from bot.forges.local import LocalForge
from tests.conftest import CONFIG, LIST, NOW, PAPERS
from tests.servers.stage import PaperSource
from tests.servers.stand_ins import MemoryForge
from tests.servers.whole import job, run_list

__all__ = ["LocalForge"]

run_list(job(config.loads(CONFIG, "keywords.yaml"), MemoryForge(LIST, LIST), NOW), PaperSource(PAPERS))
