"""The routes of the site, a file for each page or for what belongs together."""
