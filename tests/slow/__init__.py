"""Long plays: seasons, faults, soak; the short version of each is a test."""
