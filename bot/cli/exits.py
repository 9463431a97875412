"""The exit statuses of the contract."""

DONE = 0
FAILED = 1
"""Expected failure, with a message that says what to do."""
WRONG_USAGE = 2
BUG = 3
"""A traceback was printed."""
INCOMPLETE = 4
"""Done, but coverage is incomplete."""
