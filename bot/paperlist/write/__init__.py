"""How a list writes its entries, and where a new one goes. Pure."""
