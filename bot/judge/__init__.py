"""What belongs in a list, and where. Pure."""
