"""Which comments wait for an answer, and which list answers them."""

from __future__ import annotations

from datetime import timedelta

from bot.pullrequest.conversation import Posted, addressee, conversation, has_command, own_words, without_answer
from bot.pullrequest.snapshot import Comment
from tests.conftest import NOW


def posted(number: int, text: str, issue: int = 1, *, by_bot: bool = False) -> Posted:
    """A comment that was last changed so many minutes after the first."""
    at = NOW + timedelta(minutes=number)
    return Posted(Comment(number, issue, "", "curator", text, at), at, by_bot)


def test_only_trusted_marks_answer() -> None:
    """A comment of the bot, or of a person with write access, that begins with a mark answers; no other does."""
    asked = posted(1, "/arxiv-bot refresh")
    mark = "<!-- arxiv-bot:answer 1 -->"
    for answer, trusted, left in (
        (posted(2, mark, by_bot=True), False, []),
        (posted(2, mark), True, []),
        (posted(2, mark), False, [1]),
        (posted(2, f"> {mark}", by_bot=True), True, [1]),
        (posted(2, f"Somebody wrote: {mark}", by_bot=True), True, [1]),
    ):
        own = own_words([asked, answer], lambda _, trusted=trusted: trusted)  # type: ignore[misc]
        waiting = [p for p in without_answer([asked, answer], own) if has_command(p.comment)]
        assert [p.comment.number for p in waiting] == left


def test_what_waits_is_heard_again() -> None:
    """All is heard up to the newest comment, but a command that waits or a question in the open pull request again."""
    question = posted(2, "<!-- arxiv-bot:asked 2603.00001 -->", issue=7, by_bot=True)
    command, last = posted(3, "/arxiv-bot refresh"), posted(4, "thanks")
    everything = [question, command, last]
    assert conversation(everything, [question], [command.comment], 7).heard == question.changed
    assert conversation(everything, [question], [command.comment], None).heard == command.changed
    assert conversation(everything, [question], [], None).heard == last.changed
    assert conversation(everything, [question], [], None).asked == {"2603.00001"}
    assert conversation([], [], [], 7).heard is None


def test_one_list_answers_on_an_issue() -> None:
    """The first list by name that knows a paper answers; where none does, the first."""
    comment = posted(1, "/arxiv-bot reject 2603.00001").comment
    assert addressee(comment, {"c", "b", "a"}, lambda name, _: name in "bc") == "b"
    assert addressee(comment, {"c", "b", "a"}, lambda name, _: False) == "a"
