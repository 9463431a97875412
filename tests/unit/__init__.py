"""Tests of one room each, mirroring `bot/`."""
