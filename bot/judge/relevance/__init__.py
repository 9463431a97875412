"""Whether a paper belongs in the list."""
