"""What the list itself cannot say: coverage, decisions, backlog, metadata of known papers."""
