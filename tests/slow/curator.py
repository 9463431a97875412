"""A curator who does everything: each action returns whether it was possible just now."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from github import GithubException

from bot.pullrequest.boxes import offered_for_now
from tests.slow.steps import Broken, Season, ids, lines, undated

# While the pull request is open


def untick(season: Season) -> bool:
    """Untick a paper whose row the bot wrote."""
    if not (found := season.rows()):
        return False
    paper = season.rng.choice(found)
    season.on.click(paper)
    season.people.out.add(paper)
    return True


def untick_edited(season: Season) -> bool:
    """Edit a row, then untick it: the row must stay."""
    if not (found := season.rows()):
        return False
    paper = season.rng.choice(found)
    _reword(season, paper)
    season.on.click(paper)
    season.people.by_hand.add(paper)
    return True


def tick(season: Season) -> bool:
    """Tick a near miss, or a paper that was taken out."""
    if not (found := season.boxed(ticked=False)):
        return False
    paper = season.rng.choice(found)
    season.on.click(paper)
    season.people.out.discard(paper)
    return True


def reject(season: Season) -> bool:
    """Reject a paper in a comment."""
    if not (found := season.rows()):
        return False
    paper = season.rng.choice(found)
    season.on.say(f"/arxiv-bot reject {paper} because it is about something else")
    season.people.out.add(paper)
    return True


def undo(season: Season) -> bool:
    """Undo the decision on a refused paper."""
    if not (found := sorted(season.people.out)):
        return False
    paper = season.rng.choice(found)
    season.on.say(f"/arxiv-bot undo {paper}")
    season.people.out.discard(paper)
    return True


def move(season: Season) -> bool:
    """Move a row by a comment."""
    headings = [s.path[-1] for s in season.document("main").sections if s.groups]
    if not (found := season.rows()) or not headings:
        return False
    season.on.say(f"/arxiv-bot move {season.rng.choice(found)} to {season.rng.choice(headings)}")
    return True


def move_by_hand(season: Season) -> bool:
    """Move a row of the bot below another one on the branch."""
    if len(found := season.rows()) < 2:
        return False
    one, other = (season.row(paper) for paper in season.rng.sample(found, 2))
    assert one is not None
    assert other is not None
    season.on.edit(season.branch, lambda old: old.replace(one + b"\n", b"").replace(other, other + b"\n" + one))
    return True


def edit_title(season: Season) -> bool:
    """Change a word of a row on the branch."""
    if not (found := season.rows()):
        return False
    paper = season.rng.choice(found)
    _reword(season, paper)
    season.people.by_hand.add(paper)
    return True


def _reword(season: Season, paper: str) -> None:
    row = season.row(paper)
    assert row is not None
    at = row.index(b" ", row.index(b"["))
    season.edit_branch(lambda old: old.replace(row, row[:at] + b" (seen)" + row[at:]))


def delete_row(season: Season) -> bool:
    """Delete a row of the bot on the branch."""
    if not (found := season.rows()):
        return False
    paper = season.rng.choice(found)
    row = season.row(paper)
    assert row is not None
    season.edit_branch(lambda old: old.replace(row + b"\n", b""))
    season.people.out.add(paper)
    return True


def commit_on_branch(season: Season) -> bool:
    """Edit an entry of the base on the branch."""
    row = _untouched(season)
    if row is None:
        return False
    season.edit_branch(lambda old: old.replace(row, row.replace(b"](", b" (checked)](", 1)))
    return True


def edit_base(season: Season) -> bool:
    """Edit an entry on the base while the pull request is open."""
    row = _untouched(season)
    if row is None:
        return False
    season.on.edit("main", lambda old: old.replace(row, row.replace(b"](", b" (edited)](", 1)))
    return True


def _untouched(season: Season) -> bytes | None:
    """Return a row of the base that is the same on the branch and was never edited."""
    branch = lines(season.on.list_on(season.branch))
    found = [
        row
        for entry in season.document("main").entries
        if (row := entry.raw.encode()) in branch
        and row.count(b"](") == 1
        and not re.search(rb"\((?:checked|edited)", row)
    ]
    return season.rng.choice(found) if found else None


def add_same_by_hand(season: Season) -> bool:
    """Add a paper of the pull request to the base by hand."""
    return _by_hand(season, season.rows())


def add_miss_by_hand(season: Season) -> bool:
    """Add a near miss, or a paper that was taken out, to the base by hand."""
    return _by_hand(season, season.boxed(ticked=False))


def _by_hand(season: Season, papers: Sequence[str]) -> bool:
    free = [i for i in papers if i not in season.people.by_hand]
    if not free:
        return False
    paper = season.rng.choice(free)
    last = season.rng.choice([s for s in season.document("main").sections if s.entries]).entries[-1]
    row = re.sub(rb"\[.*?\]\([^)]*\)", b"[My own words for it](https://arxiv.org/abs/%b)" % paper.encode(),
                 last.raw.encode(), count=1)  # fmt: skip
    if paper not in ids([row]) or len(ids([row])) > 1:
        return False
    raw = last.raw.encode()
    season.on.edit("main", lambda old: old.replace(raw, raw + b"\n" + row))
    season.people.out.discard(paper)
    season.people.by_hand.add(paper)
    return True


def other_file(season: Season) -> bool:
    """Commit another file on the base."""
    season.on.server.push("curator", "main", {"src/other.txt": b"%d" % len(season.log)})
    return True


def rename_section(season: Season) -> bool:
    """Rename a section in the list and in the configuration."""
    task = season.on.task
    named = [rule.heading for rule in task.sections if season.document("main").section((rule.heading,))]
    if not named:
        return False
    old = season.rng.choice(named)
    new = f"{old} and More"
    heading = re.compile(rb"(?m)^(#+ )%b(?=[ \t]*$)" % re.escape(old.encode()))
    contents = f"[{old}](#{_slug(old)})".encode(), f"[{new}](#{_slug(new)})".encode()
    season.on.edit("main", lambda text: heading.sub(rb"\1" + new.encode(), text).replace(*contents))
    rules = tuple(r.model_copy(update={"heading": new}) if r.heading == old else r for r in task.sections)
    season.on.settings = replace(season.on.settings, lists=(task.model_copy(update={"sections": rules}),))
    return True


def _slug(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def update_branch(season: Season) -> bool:
    """Press *Update branch*, which merges the base into the branch."""
    other_file(season)
    (pull,) = season.on.pulls()
    with season.on.as_curator() as repo:
        try:
            repo.get_pull(pull.number).update_branch()
        except GithubException as error:
            if error.status != 422:
                raise
            return False
    return True


def write_note(season: Season) -> bool:
    """Write above the bot's part of the text."""
    (pull,) = season.on.pulls()
    pull.body = f"A note of {len(season.log)}.\n\n{pull.body}"
    return True


# How a week ends


def squash(season: Season) -> bool:
    """Merge as one commit."""
    return _merge(season, "squash")


def rebase(season: Season) -> bool:
    """Merge commit by commit."""
    return _merge(season, "rebase")


def merge(season: Season) -> bool:
    """Merge with a merge commit, and delete the branch as GitHub offers to."""
    branch = season.branch
    if not _merge(season, "merge"):
        return False
    season.on.delete(branch)
    return True


def _merge(season: Season, method: str) -> bool:
    """Merge, unless GitHub cannot."""
    (pull,) = season.on.pulls()
    before = season.on.list_on("main")
    out = set(season.boxed(ticked=False)) - offered_for_now(pull.body or "")  # those wait for room
    with season.on.as_curator() as repo:
        try:
            repo.get_pull(pull.number).merge(merge_method=method)
        except GithubException as error:
            if error.status != 405:
                raise
            return False
    after = season.on.list_on("main")
    required = (Counter(undated(before)) + season.people.mine) - season.people.gone
    if missing := required - Counter(lines(after)):
        raise Broken(f"the merge lost {sorted(missing)}")
    season.merges.append((before, after))
    season.people.out |= out - set(ids(lines(after)))
    season.people.new_cycle()
    return True


def close(season: Season) -> bool:
    """Close the pull request unmerged."""
    (pull,) = season.on.pulls()
    season.people.closed = {*season.shown, *season.boxed(ticked=True)} - season.people.out
    season.people.closed -= set(ids(lines(season.on.list_on("main"))))
    season.people.out |= season.people.closed
    with season.on.as_curator() as repo:
        repo.get_pull(pull.number).edit(state="closed")
    season.people.new_cycle()
    return True


def close_and_reopen(season: Season) -> bool:
    """Close the pull request, let the bot see it, and open it again."""
    (pull,) = season.on.pulls()
    mine, gone = season.people.mine.copy(), season.people.gone.copy()
    close(season)
    season.step(season.on.review)
    with season.on.as_curator() as repo:
        repo.get_pull(pull.number).edit(state="open")
    season.people.mine, season.people.gone = mine, gone
    season.people.out -= season.people.closed
    ticked = season.boxed(ticked=True)
    season.step(season.on.review)
    if lost := set(ticked) - set(season.boxed(ticked=True)):
        raise Broken(f"opened again, the pull request has not {sorted(lost)}")
    return True


def delete_branch(season: Season) -> bool:
    """Delete the branch of the open pull request, which decides nothing."""
    season.on.delete(season.branch)
    season.people.new_cycle()
    return True


def leave(season: Season) -> bool:
    """Leave it open over the weekend."""
    return True


def revert(season: Season) -> bool:
    """Revert the last merge, unless the list changed since."""
    if not season.merges or season.on.list_on("main") != season.merges[-1][1]:
        return False
    before, after = season.merges.pop()
    season.on.edit("main", lambda old: before)
    season.people.out |= set(ids(lines(after))) - set(ids(lines(before)))
    return True


Action = Callable[[Season], bool]
ACTIONS: tuple[Action, ...] = (
    untick, untick_edited, tick, tick, reject, undo, move, move_by_hand, edit_title, delete_row, commit_on_branch,
    edit_base, add_same_by_hand, add_miss_by_hand, other_file, rename_section, update_branch, write_note,
)  # fmt: skip
ENDINGS: tuple[Action, ...] = (squash, rebase, merge, close, close_and_reopen, delete_branch, leave)
