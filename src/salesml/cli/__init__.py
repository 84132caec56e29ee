"""The command line: parse, call, print. Every stage is imported when its command runs."""

from salesml.cli.entry import main

__all__ = ["main"]
