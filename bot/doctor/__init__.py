"""What keeps the bot from its work, or soon will."""
