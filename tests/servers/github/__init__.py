"""A strict GitHub on loopback, for tests: see `server.github_server`."""

from tests.servers.github.model import Account, Answer, Call, Comment, Fault, Issue, Pull, Right, WorkflowRun
from tests.servers.github.server import GitHubServer, github_server

__all__ = [
    "Account", "Answer", "Call", "Comment", "Fault", "GitHubServer", "Issue", "Pull", "Right", "WorkflowRun",
    "github_server",
]  # fmt: skip
