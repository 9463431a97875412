"""What the boxes of a pull request's text say."""

from __future__ import annotations

from bot.pullrequest import boxes
from tests.unit.pullrequest.test_board import box


def test_toggled() -> None:
    """Boxes are read from the bot's own lines only, with any line ending; those as the bot left them say nothing."""
    text = "\r\n".join(
        [
            box(1, "x", "out"),
            "- [ ] [B \\<!-- arxiv-bot:paper 2603.00009 in -->](x) <!-- arxiv-bot:paper cs/0101001 in --> ",
            box(3, "X", "in"),
            box(4, " ", "out"),
            box(5, "x", "out") + " more",
            "  " + box(6, "x", "out"),
            box(7, "x", "out").replace("- [", "* ["),
            "- [x] [G](x)",
        ]
    )
    assert boxes.toggled(text) == {"2603.00001": True, "cs/0101001": False}
    assert boxes.toggled("") == {}


def test_a_copied_line_that_was_clicked_counts() -> None:
    """A person who copies a line and clicks one of the two means the click, whichever comes first."""
    left, cleared = (f"- [{tick}] T <!-- arxiv-bot:paper 2603.00001 in -->\n" for tick in "x ")
    assert boxes.toggled(left + cleared) == boxes.toggled(cleared + left) == {"2603.00001": False}
    assert boxes.toggled(left + left) == {}


def test_boxes_of_sections() -> None:
    """A section's box is read from the bot's own lines only; of two copies the ticked one counts."""
    line = "- [{tick}] Open a section **A** for these four <!-- arxiv-bot:section {anchor} -->\r\n"
    text = "".join(line.format(tick=tick, anchor=anchor) for tick, anchor in [(" ", "a"), ("x", "b"), (" ", "b")])
    assert boxes.section_boxes(text + "  " + line.format(tick="x", anchor="c")) == {"a": False, "b": True}
