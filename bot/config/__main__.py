"""Print the JSON Schema of the configuration: `python -m bot.config > config/keywords.schema.json`."""

from bot.config.model import schema

if __name__ == "__main__":
    print(schema(), end="")
