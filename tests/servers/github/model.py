"""What the GitHub server keeps beside git (accounts, issues, pull requests, comments), and how calls fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any


class Right(StrEnum):
    """What a token may do with one kind of thing."""

    NONE = "none"
    READ = "read"
    WRITE = "write"

    def allows(self, wanted: Right) -> bool:
        """Whether this right is enough."""
        order = list(Right)
        return order.index(self) >= order.index(wanted)


@dataclass
class Account:
    """Whoever acts: a person (`User`) or an app (`Bot`). `permission` is the role in the repository."""

    login: str
    number: int
    kind: str = "User"
    permission: str = "none"
    contents: Right = Right.NONE
    pulls: Right = Right.NONE
    issues: Right = Right.NONE
    actions: Right = Right.READ
    workflows: bool = False
    """Whether the token may write files below `.github/workflows/`; that of Actions never may."""
    may_open_pulls: bool = True
    """False as when *Allow GitHub Actions to create and approve pull requests* is off."""


@dataclass
class Comment:
    """A comment on an issue or a pull request."""

    number: int
    issue: int
    body: str
    user: Account
    created: datetime
    updated: datetime


@dataclass
class Pull:
    """What a pull request has beyond its issue. `repository` is the head's, None when that fork is gone."""

    head: str
    head_sha: str
    base: str
    base_sha: str
    repository: str | None
    draft: bool = False
    merged: datetime | None = None
    merged_by: Account | None = None
    merge_commit: str | None = None
    reviewers: list[Account] = field(default_factory=list)
    judged: tuple[str, str] | None = None
    """Head and base for which mergeability is known: GitHub works it out after it was first asked."""


@dataclass
class Issue:
    """An issue; a pull request when `pull` is set."""

    number: int
    title: str
    body: str | None
    user: Account
    created: datetime
    updated: datetime
    state: str = "open"
    closed: datetime | None = None
    closed_by: Account | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    pull: Pull | None = None
    locked: bool = False


@dataclass(frozen=True)
class WorkflowRun:
    """A run of a workflow file; `conclusion` is None while it goes on."""

    number: int
    path: str
    event: str
    begun: datetime
    conclusion: str | None


@dataclass(frozen=True)
class Call:
    """One request as it came in. `number` counts from 1."""

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    account: Account | None

    @property
    def writes(self) -> bool:
        """Whether it is meant to change something."""
        return self.method != "GET"


@dataclass
class Answer:
    """What the server says: a status and a JSON value, None for no body."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Fault(Enum):
    """What can go wrong with one call."""

    SERVER_ERROR = "500"
    SECONDARY_LIMIT = "403 limit"
    LOST_BEFORE = "connection lost before the effect"
    LOST_AFTER = "connection lost after the effect"


class Refused(Exception):
    """A call that GitHub answers with an error."""

    def __init__(self, status: int, message: str, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors


def invalid(resource: str, *, field: str | None = None, code: str = "custom", message: str | None = None) -> Refused:
    """Return GitHub's 422 with one error in its list."""
    error = {"resource": resource, "code": code}
    error |= {"field": field} if field else {}
    error |= {"message": message} if message else {}
    return Refused(422, "Validation Failed", [error])
