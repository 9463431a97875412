"""The whole story, and the only path there is.

    Query -> Paper -> Candidate -> Verdict -> Proposal -> Board -> Edit -> Publication

`run` tells it in one process. Its halves can run apart: `discover` needs no right to write, and `publish` reads
everything again, since its proposals come from another process. `review` only does what people asked for. Each takes
several lists, and one that fails does not stop the others. Everything here but the source and the forge is pure.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from bot import discovery
from bot.config import Config, ListConfig
from bot.coverage import ledger
from bot.errors import Failure, PublishError, each
from bot.forges.base import Forge
from bot.model import Paper, Window
from bot.pullrequest import recheck
from bot.pullrequest.case import Case, case_of
from bot.pullrequest.plan import Outcome, apply_decisions, fill, plan, run_quota
from bot.pullrequest.proposal import Proposal
from bot.pullrequest.settle import settle
from bot.sources.base import FetchById, Source

_log = logging.getLogger(__name__)

__all__ = ["Job", "Outcome", "discover", "find_one", "publish", "publish_one", "review", "review_one", "run"]


@dataclass(frozen=True, slots=True)
class Job:
    """What to do: for which lists, in which forge each is, and at what one time.

    `windows` are the periods that a person asked for; without any, all that is not proven yet is asked. A `dry` job
    writes nothing.
    """

    config: Config
    lists: Sequence[ListConfig]
    forge: Callable[[ListConfig], Forge]
    now: datetime
    windows: Sequence[Window] = ()
    dry: bool = False

    @property
    def by_name(self) -> dict[str, ListConfig]:
        """The lists by their names."""
        return {settings.name: settings for settings in self.lists}

    def read(self, settings: ListConfig) -> Case:
        """Return a list as it is now."""
        snapshot = self.forge(settings).read(settings)
        return case_of(self.config, settings, snapshot, self.now)

    def with_base_merged(self, case: Case) -> Case:
        """Return the case with people's changes of the base brought into the open cycle's branch."""
        if self.dry or not case.snapshot.stale:
            return case
        snapshot = self.forge(case.settings).renew(case.settings, case.snapshot)
        return case_of(case.config, case.settings, snapshot, case.now)

    def write(self, case: Case, outcome: Outcome) -> Outcome:
        """Write what a run came to, unless the job is dry."""
        if self.dry:
            return outcome
        return replace(outcome, publication=self.forge(case.settings).write(case.snapshot, outcome.change))


@dataclass(frozen=True, slots=True)
class Found:
    """A list as it was when papers were sought, and what to propose for it."""

    case: Case
    proposal: Proposal


# Several lists


def run(job: Job, source: Source) -> tuple[list[Outcome], list[Failure]]:
    """Find papers and propose them, in one process; return what came of each list, and what failed.

    The second half trusts what the first one read: a forge refuses to write over what changed meanwhile.
    """
    finds, failures = _find_all(job, source)
    by_name = {find.proposal.list: find for find in finds}
    outcomes, more = each(by_name, lambda find: publish_one(job, find.case, find.proposal), "publishing")
    return outcomes, failures + more


def discover(job: Job, source: Source) -> tuple[list[Proposal], list[Failure]]:
    """Return what to propose for each list, and what failed."""
    finds, failures = _find_all(job, source)
    return [find.proposal for find in finds], failures


def publish(job: Job, proposals: Sequence[Proposal]) -> tuple[list[Outcome], list[Failure]]:
    """Write what another process proposed for lists of the job; return what came of each, and what failed.

    Its answers count for windows that the state, or the windows of the job, want asked.
    """
    by_name = job.by_name

    def one(proposal: Proposal) -> Outcome:
        settings = by_name[proposal.list]
        if proposal.query != ledger.digest(settings.query()):
            raise PublishError(f"{settings.name}: the configuration changed since discover; run discover again")
        case = job.read(settings)
        return publish_one(job, case, discovery.with_believed(case, proposal, job.windows))

    return each({p.list: p for p in proposals if p.list in by_name}, one, "publishing")


def review(job: Job, fetch: FetchById, pull: int | None = None) -> tuple[list[Outcome], list[Failure]]:
    """Carry out what people asked for; lists whose open pull request is not number `pull` are skipped."""

    def one(settings: ListConfig) -> Outcome | None:
        case = job.read(settings)
        here = case.snapshot.pull
        if pull and here and here.number != pull:
            _log.warning(f"{settings.name}: skipped: the open pull request is {here.where}, not pull request {pull}")
            return None
        return review_one(job, case, fetch)

    outcomes, failures = each(job.by_name, one)
    return [outcome for outcome in outcomes if outcome], failures


def _find_all(job: Job, source: Source) -> tuple[list[Found], list[Failure]]:
    """Return what to propose for each list, and what failed; papers that lists want looked up are asked for at once."""

    def one(settings: ListConfig) -> Found:
        case = job.read(settings)
        return Found(case, find_one(case, source, job.windows))

    finds, failures = each(job.by_name, one, f"asking {source.name} for papers")
    turns = zip_longest(*(find.proposal.wanted for find in finds))  # a request is limited, so lists take turns
    papers = source.fetch_by_id([i for turn in turns for i in dict.fromkeys(turn) if i])
    return [replace(find, proposal=_rechecked(find.proposal, papers)) for find in finds], failures


# One list


def find_one(case: Case, source: Source, windows: Sequence[Window] = ()) -> Proposal:
    """Query -> Paper -> Candidate -> Verdict -> Proposal: return what the source has that the list might want."""
    state = settle(case).state
    query = ledger.digest(case.settings.query())
    received = discovery.ask(case, state, source, windows)
    unknown, duplicates = discovery.sift(case, state, received.papers)
    judged = discovery.judge(case, state, unknown)
    orphans = () if windows else discovery.orphans(case, state, source, judged.candidates)
    candidates = (*judged.candidates, *orphans)
    return Proposal(
        list=case.settings.name,
        created=case.now,
        query=query,
        answers=received.answers,
        candidates=candidates,
        duplicates=duplicates,
        left_out=judged.left_out,
        irrelevant=judged.irrelevant,
        first_run=discovery.is_first(state, query, received.answers) and not windows,
        by_hand=bool(windows),
        recovered=received.recovered,
        wanted=() if windows else recheck.to_recheck(candidates, state, case.base, case.day),
        doubts=discovery.doubts(case.snapshot.state, state),
        sections=discovery.sections_lacking(case, state, candidates),
    )


def publish_one(job: Job, case: Case, proposal: Proposal) -> Outcome:
    """Proposal -> Board -> Edit -> Publication: turn a proposal into a proven change of the list, and write it."""
    case = job.with_base_merged(case)
    applied = apply_decisions(case, settle(case, proposal.candidates), proposal)
    return job.write(case, plan(applied, fill(applied, run_quota(applied))))


def review_one(job: Job, case: Case, fetch: FetchById) -> Outcome:
    """Carry out boxes and comments, and settle a cycle that has ended; no other paper comes in.

    `fetch` returns the papers that a comment names and nobody knows yet.
    """
    named = discovery.named_in_comments(case, settle(case).state, fetch)
    query = ledger.digest(case.settings.query())
    nothing = Proposal(case.settings.name, case.now, query, answers=(), candidates=named)
    case = job.with_base_merged(case)
    applied = apply_decisions(case, settle(case, named), nothing)
    return job.write(case, plan(applied, fill(applied, quota=None)))


def _rechecked(proposal: Proposal, papers: Sequence[Paper]) -> Proposal:
    """Return a proposal with the papers it wanted looked up."""
    own = tuple(paper for paper in papers if paper.id in proposal.wanted)
    return replace(proposal, candidates=recheck.completed(proposal.candidates, own), rechecked=own, wanted=())
