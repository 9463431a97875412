"""Several lists of one repository on GitHub: what is written for one never stands in the way of another."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from github.Repository import Repository

from bot import config
from bot.cli import serve
from bot.config import Config
from bot.errors import PublishError
from bot.forges.github import GithubForge
from bot.pipeline import Job, find_one, publish_one, run
from bot.pullrequest.cycle import STATE_BRANCH
from tests.conftest import CONFIG, LIST, NOW, PAPERS, ToldSource
from tests.servers.arxiv import ArxivServer
from tests.servers.emulate import EmulatedGitHub as GitHubAccess
from tests.servers.github import github_server
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.servers.whole import job, run_list

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

LISTS = {"serving": "README.md", "other": "OTHER.md", "third": "THIRD.md"}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[GitHubAccess]:
    files = {file: LIST.replace(b"Serving", name.encode(), 1) for name, file in LISTS.items()}
    with github_server(tmp_path / "papers.git", files) as server:
        yield GitHubAccess(server.url, server.full_name, "bot-token", "curator-token")
        assert server.violations == []


@pytest.fixture
def three() -> Config:
    """A configuration of three lists of one repository."""
    one = CONFIG.partition("lists:\n")[2]
    texts = [one.replace("name: serving", f"name: {n}").replace("README.md", file) for n, file in LISTS.items()]
    return config.loads("lists:\n" + "".join(texts), "config/keywords.yaml")


def a_round(place: GithubForge, three: Config, source: ToldSource) -> tuple[int, list[str]]:
    """Do one round as `run` does; return how many lists were done, and what failed."""
    outcomes, failures = run(Job(three, three.lists, lambda _: place, NOW), source)
    return len(outcomes), [f"{failure.list}: {failure.error}" for failure in failures]


def rows(repository: Repository, ref: str, file: str) -> int:
    """Return how many proposed papers a list holds."""
    find_one = repository.get_contents(file, ref=ref)
    assert not isinstance(find_one, list)
    return find_one.decoded_content.count(b"\n[[2603.")


def test_one_round_opens_a_pull_request_for_each_list(hub: GitHubAccess, repository: Repository, three: Config) -> None:
    """Each list has its rows on its own branch and its state, though all are read before the first is written."""
    place = GithubForge(hub.token, hub.repository, hub.api_url)
    assert a_round(place, three, ToldSource()) == (3, [])
    pulls = {pull.head.ref: pull for pull in repository.get_pulls(state="open")}
    assert set(pulls) == {f"arxiv-bot/{name}/1" for name in LISTS}
    for name, file in LISTS.items():
        assert [changed.filename for changed in pulls[f"arxiv-bot/{name}/1"].get_files()] == [file]
        assert rows(repository, f"arxiv-bot/{name}/1", file) == 3
    state = repository.get_git_tree(repository.get_branch(STATE_BRANCH).commit.sha, recursive=True).tree
    assert {entry.path.split("/")[1] for entry in state if entry.type == "blob"} == set(LISTS)
    heads = {ref.ref: ref.object.sha for ref in repository.get_git_matching_refs("heads/arxiv-bot/")}
    assert a_round(place, three, ToldSource()) == (3, [])
    assert {ref.ref: ref.object.sha for ref in repository.get_git_matching_refs("heads/arxiv-bot/")} == heads


def test_what_others_record_meanwhile_is_kept(hub: GitHubAccess, repository: Repository, three: Config) -> None:
    """A state that another job recorded between reading and writing is not overwritten: the list is due again."""
    place = GithubForge(hub.token, hub.repository, hub.api_url)
    a_round(place, three, ToldSource(PAPERS[:1]))
    serving, _, third = three.lists
    todo = job(three, place, NOW, task=third)
    place.read(serving)
    case = todo.read(third)
    other = GithubForge(hub.token, hub.repository, hub.api_url)
    run_list(job(three, other, NOW, task=serving), ToldSource(PAPERS[:2]))
    kept = {ref.ref: ref.object.sha for ref in repository.get_git_matching_refs(f"heads/{STATE_BRANCH}")}
    proposal = find_one(case, ToldSource(PAPERS[:2]))
    with pytest.raises(PublishError, match="changed meanwhile; run again"):
        publish_one(todo, case, proposal)
    assert {r.ref: r.object.sha for r in repository.get_git_matching_refs(f"heads/{STATE_BRANCH}")} == kept
    assert a_round(place, three, ToldSource(PAPERS[:2])) == (3, [])
    assert rows(repository, "arxiv-bot/third/1", "THIRD.md") == 2


def test_a_round_of_serve_records_all_lists(
    hub: GitHubAccess, repository: Repository, three: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lists that one round serves are all proposed and recorded; looking for reviews then finds nothing wrong."""
    options = argparse.Namespace(today=(NOW + timedelta(days=1)).date(), place=None, source="api", fresh=False)
    with ArxivServer([*PAPERS]) as arxiv:
        environment = {
            "GITHUB_TOKEN": hub.token,
            "GITHUB_REPOSITORY": hub.repository,
            "GITHUB_API_URL": hub.api_url,
            "ARXIV_API_URL": arxiv.api_url,
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        work, review = serve.works(options, three, three.lists, lambda forge: forge)
        assert work(list(LISTS)) == {}
        assert review(list(LISTS)) == {}
    assert {name: rows(repository, f"arxiv-bot/{name}/1", file) for name, file in LISTS.items()} == dict.fromkeys(
        LISTS, 3
    )
