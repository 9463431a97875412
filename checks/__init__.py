"""Long commands for people: demonstration and replay."""
