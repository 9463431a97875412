"""How well the bot would have done on a list's last months."""
