"""What whole runs share: the repository of their `hub` as its curator sees it, and no pause left by other tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from github.Repository import Repository

from bot.cli import context
from tests.servers.emulate import EmulatedGitHub as GitHubAccess


@pytest.fixture
def repository(hub: GitHubAccess) -> Iterator[Repository]:
    with hub.client(hub.curator_token) as github:
        yield github.get_repo(hub.repository)


@pytest.fixture(autouse=True)
def fresh_pace(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let no test wait for the requests of the one before: the processes of a machine keep one pace for arXiv."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    context._pace.cache_clear()
