"""GitHub as a forge: one commit on the cycle's branch, one pull request, the state on its own branch.

The order makes a crash harmless: first the branch, then the state, then the pull request. The next run adopts a branch
that no state knows, and opens the pull request that a branch lacks. Nothing is ever force-pushed.

Importing this package imports PyGithub (0.9 s of CPU): import it where it is used.
"""

from bot.forges.github.forge import GithubForge

__all__ = ["GithubForge"]
