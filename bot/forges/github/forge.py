"""GitHub as a forge: reads a list with all that stands around it, and writes a change that was made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime

from github import GithubException
from github.PullRequest import PullRequest as GithubPullRequest

from bot.config import ListConfig
from bot.errors import PublishError
from bot.forges.github import branches, pulls
from bot.forges.github.branches import Head, ListFile, StateTree
from bot.forges.github.client import GithubRepository
from bot.forges.github.comments import Comments
from bot.forges.github.others import Others
from bot.paperlist.merge import merged
from bot.paperlist.read.document import parse
from bot.pullrequest.change import Change, Publication
from bot.pullrequest.conversation import Conversation
from bot.pullrequest.cycle import branch_of, cycle_of, how_ended, orphan_cycle, past_pulls, unused_cycle
from bot.pullrequest.elsewhere import brought
from bot.pullrequest.rebuild import rebuilt
from bot.pullrequest.snapshot import Ended, OtherPull, Snapshot
from bot.pullrequest.text.replies import CONFLICT, conflict
from bot.state.model import State

MERGE_MESSAGE = "Merge {base} into {branch}"
NO_LIST = "{repository} has no {file} on branch {branch}; set 'file' in the configuration, or restore the file there"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a list was read from: the heads of the bot's branches, the base's head, the state, and the list on both.

    `working` is None when the cycle's branch has no such file: the list has moved since the branch began.
    """

    heads: Mapping[str, str]
    main: Head
    tree: StateTree
    base: ListFile
    working: ListFile | None = None


class GithubForge:
    """A repository `owner/name` through the REST API at `api_url`.

    Several lists may be read before the first is written. So what was written on the state branch since is kept, by
    the head that it was read at.
    """

    def __init__(self, token: str, repository: str, api_url: str) -> None:
        self._github = GithubRepository(token, repository, api_url)
        self._written: dict[Head | None, StateTree] = {}
        self._others = Others()

    def read(self, settings: ListConfig) -> Snapshot:
        """Return the list at the default branch's head and on the open cycle's branch, its pull request and state."""
        with self._github.explained("read"):
            repo, name = self._github.repo, settings.name
            heads, main = branches.own_heads(repo), branches.main_head(repo)
            base = self._list(main.commit, settings.file, repo.default_branch)
            origin = Origin(heads, main, branches.read_tree(repo, heads), base)
            self._written.pop(origin.tree.head, None)  # what was read just now is newer
            state = self._state(settings, origin)
            pull, others = pulls.open_pulls(repo, name)
            ended, cycle = self._cycle(name, state, pull, heads)
            head = heads.get(branch_of(name, cycle))
            origin = replace(origin, working=branches.list_at(repo, head, settings.file) if head else base)
            if origin.working is None and pull is None:
                raise self._no_list(settings.file, branch_of(name, cycle))
            said = self._said(name, state, pull, origin.tree)
            looks = self._others.looks(repo, settings.file, others, state.looks)
        working = origin.working or base
        return Snapshot(
            base.content,
            base.blob,
            working.content,
            state,
            cycle,
            pulls.as_read(pull) if pull else None,
            ended,
            said.open,
            said.heard or state.heard,
            said.asked,
            stale=origin.working is None or (working != base and state.base != base.blob),
            looks=looks,
            elsewhere=brought(looks, {o.head.sha: OtherPull(o.number, o.html_url) for o in others}),
            origin=origin,
            at=parsedate_to_datetime(str(date)) if (date := repo.raw_headers.get("date")) else None,
        )

    def renew(self, settings: ListConfig, snapshot: Snapshot) -> Snapshot:
        """Merge the base into the cycle's branch: by GitHub if it can, else the list alone, line by line.

        A base that moved meanwhile is merged again.
        """
        branch = branch_of(settings.name, snapshot.cycle)
        with self._github.explained("write"):
            repo = self._github.repo
            words = MERGE_MESSAGE.format(base=repo.default_branch, branch=branch)
            try:
                repo.merge(branch, repo.default_branch, words)
            except GithubException as error:
                if error.status != 409:
                    raise
                self._merge_list(snapshot, branch, settings.file, words)
        after = self.read(settings)
        if _origin(after).working is None:
            raise self._no_list(settings.file, branch)
        return after if after.base_id == snapshot.base_id else self.renew(settings, after)

    def write(self, snapshot: Snapshot, change: Change) -> Publication:
        """Commit the list, record the state, open or refresh the pull request; each only if something changes."""
        with self._github.explained("write"):
            repo = self._github.repo
            pulls.check_open(repo, snapshot, change)
            commit = self._commit_list(snapshot, change, change.content) if change.content is not None else None
            self._record(_origin(snapshot).tree, change)
            publication = pulls.write_pull(repo, snapshot, change)
            for reply in change.replies:
                repo.get_issue(reply.issue).create_comment(reply.text)
        return replace(publication, commit=commit)

    def _list(self, ref: str, file: str, branch: str) -> ListFile:
        found = branches.list_at(self._github.repo, ref, file)
        if found is None:
            raise self._no_list(file, branch)
        return found

    def _no_list(self, file: str, branch: str) -> PublishError:
        return PublishError(NO_LIST.format(repository=self._github.name, file=file, branch=branch))

    def _state(self, settings: ListConfig, origin: Origin) -> State:
        """Return the state; where there is none, what the bot's pull requests say of it."""
        repo, name = self._github.repo, settings.name
        if origin.tree.holds(name):
            return branches.read_state(repo, origin.tree, name)
        found = past_pulls(name, origin.heads, lambda cycle: pulls.of_cycle(repo, name, cycle))
        if not found:
            return State()
        said = Comments(repo, name, None, origin.tree).all_since(found[0].created_at)
        return rebuilt([pulls.as_past(pull, name) for pull in found], said, parse(origin.base.content, settings.file))

    def _cycle(
        self, name: str, state: State, pull: GithubPullRequest | None, heads: Mapping[str, str]
    ) -> tuple[Ended | None, int]:
        """Return how the cycle that the state takes for open has ended, and the number of the one to write to."""
        if pull and (cycle := cycle_of(pull.head.ref, name)):
            return None, cycle
        repo, ended = self._github.repo, None
        if state.open:
            last = pulls.pull_outcome(pulls.of_cycle(repo, name, state.cycle))
            ended = how_ended(last, branch_exists=branch_of(name, state.cycle) in heads)
        orphan = orphan_cycle(name, state, ended, heads)
        if orphan and pulls.of_cycle(repo, name, orphan) is None:
            return ended, orphan
        return ended, unused_cycle(name, state, heads)

    def _said(self, name: str, state: State, pull: GithubPullRequest | None, tree: StateTree) -> Conversation:
        since = state.heard or (pull.created_at if pull else None)
        number = pull.number if pull else None
        return Comments(self._github.repo, name, number, tree).since(since) if since else Conversation()

    def _commit_list(self, snapshot: Snapshot, change: Change, content: bytes) -> str:
        """Write the list on the cycle's branch, which begins at the base that was read."""
        repo, origin = self._github.repo, _origin(snapshot)
        branch = branch_of(change.list, change.cycle)
        if branch not in origin.heads:
            branches.create_branch(repo, branch, origin.main.commit)
        return branches.write_list(repo, change, content, (origin.working or origin.base).blob)

    def _record(self, read: StateTree, change: Change) -> None:
        """Record the state on top of what was written for other lists since it was read."""
        before = read
        while before.head in self._written:
            before = self._written[before.head]
        after = branches.write_state(self._github.repo, before, change.list, change.state)
        if after.head != before.head:
            self._written[before.head] = after

    def _merge_list(self, snapshot: Snapshot, branch: str, file: str, words: str) -> None:
        """Merge the list where GitHub sees a conflict; any other conflict is for people, who are told once."""
        repo, origin = self._github.repo, _origin(snapshot)
        compared = repo.compare(repo.default_branch, branch)
        others = [changed.filename for changed in compared.files if changed.filename != file]
        old = self._list(compared.merge_base_commit.sha, file, branch)
        content = None if others else merged(parse(old.content, file), parse(snapshot.base, file), snapshot.working)
        if content is None:
            if snapshot.pull and snapshot.pull.number and CONFLICT not in snapshot.asked:
                repo.get_issue(snapshot.pull.number).create_comment(conflict(branch, repo.default_branch))
            raise PublishError(
                f"{branch} and {repo.default_branch} contradict each other; resolve the conflict on GitHub"
            )
        element = branches.element(repo, origin.main, file, content)
        made = branches.make_commit(repo, [element], words, origin.main, first_parent=origin.heads[branch])
        branches.move_branch(repo, branch, made.commit)


def _origin(snapshot: Snapshot) -> Origin:
    """Return what a snapshot was read from, which only this forge knows."""
    assert isinstance(snapshot.origin, Origin), "the snapshot was not read by this forge"
    return snapshot.origin
