"""Tests of whole runs, on local servers."""
