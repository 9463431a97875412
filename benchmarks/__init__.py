"""What is measured: each module prints a table; RESULTS.md keeps the figures."""
