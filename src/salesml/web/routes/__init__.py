"""The routes of the site, a file for each page or for what belongs together."""

from salesml.web import ids as ids  # before any route is written
