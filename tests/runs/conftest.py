"""What tests of publishing share: the repository of their `hub`, as its curator sees it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from github.Repository import Repository

from tests.servers.emulate import EmulatedGitHub as GitHubAccess


@pytest.fixture
def repository(hub: GitHubAccess) -> Iterator[Repository]:
    with hub.client(hub.curator_token) as github:
        yield github.get_repo(hub.repository)
