"""Take up a list: look at it, and write a configuration and a workflow for it."""
