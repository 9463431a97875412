"""`config/keywords.yaml`, typed."""

from bot.config.model import Config, ListConfig
from bot.config.reader import load, loads

__all__ = ["Config", "ListConfig", "load", "loads"]
