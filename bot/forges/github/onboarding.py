"""The pull request that brings the bot into a repository: its files on a branch of their own, one commit, once."""

from __future__ import annotations

from collections.abc import Mapping

from github import GithubException, UnknownObjectException
from github.Repository import Repository

from bot.errors import PublishError
from bot.forges.github import branches
from bot.forges.github.branches import Head, TreeElement
from bot.forges.github.client import GithubRepository, limited

BRANCH = "arxiv-bot-init"
"""Outside `arxiv-bot/**`, whose branches are those of lists."""

NO_WORKFLOWS = (
    "GitHub answered {status}: the token may not write workflow files in {repository}. It must be a person's, with the "
    "scope `workflow` (or the permissions Contents, Pull requests and Workflows: write); a workflow's own token never "
    "may. Or run init without --pull-request, and push the files yourself"
)


def propose(github: GithubRepository, files: Mapping[str, str], title: str, text: str) -> tuple[str, tuple[str, ...]]:
    """Open a pull request that adds files, by their paths; return its URL, and the paths that already exist.

    A file that the default branch has is left as it is. An open pull request of an earlier call is returned as it is,
    and a branch without one gets it. Raises `PublishError`, without having made a branch, where the token may not
    write workflow files, or where no file is new.
    """
    with github.explained("write"):
        repo = github.repo
        owner = repo.full_name.split("/")[0]
        main = branches.main_head(repo)
        present = tuple(path for path in files if branches.list_at(repo, main.commit, path) is not None)
        if found := next(iter(repo.get_pulls(state="open", head=f"{owner}:{BRANCH}")), None):
            return found.html_url, present
        new = {path: content for path, content in files.items() if path not in present}
        if not new:
            raise PublishError(f"{github.name} already has {' and '.join(present)}; there is nothing to propose")
        try:
            repo.get_git_ref(f"heads/{BRANCH}")
        except UnknownObjectException:
            _commit(repo, main, new, title)
        return repo.create_pull(base=repo.default_branch, head=BRANCH, title=title, body=text).html_url, present


def _commit(repo: Repository, main: Head, files: Mapping[str, str], words: str) -> None:
    """Commit files on a new branch; GitHub answers 404 or 403 if the token may not write workflow files."""
    tree: list[TreeElement] = [
        {"path": path, "mode": "100644", "type": "blob", "content": content} for path, content in files.items()
    ]
    try:
        branches.create_branch(repo, BRANCH, branches.make_commit(repo, tree, words, main).commit)
    except GithubException as error:
        if error.status not in (403, 404) or limited(error):
            raise
        raise PublishError(
            NO_WORKFLOWS.format(status=error.status, repository=repo.full_name), status=error.status
        ) from None
