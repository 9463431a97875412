"""Publishing on GitHub: one commit on the cycle's branch, one pull request, the state on its own branch.

Order is what makes a crash harmless: first the branch, then the state, then the pull request. A branch that no state
knows is adopted by the next run, one without pull request gets it then. Nothing is ever force-pushed.

Importing this package imports PyGithub (0.9 s of CPU): import it where it is used.
"""

from bot.forges.github.branches import STATE_BRANCH
from bot.forges.github.forge import GithubForge

__all__ = ["STATE_BRANCH", "GithubForge"]
