"""What writes files that are committed."""
