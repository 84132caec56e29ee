"""The files that `salesml init` writes, as they come."""
