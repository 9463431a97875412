"""What each command does. Heavy packages are imported in the command that needs them."""
