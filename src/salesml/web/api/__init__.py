"""The JSON API: the same rows by the same rules, for programs that have a token."""

from salesml.web import ids as ids  # before any route is written
