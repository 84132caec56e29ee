"""Watching a model in use: what moved before outcomes are known, and how good it was once they are.

Pure arithmetic over the rows of several as-of dates; where they come from and where the report goes is
known to ``salesml.lifecycle.monitor``.
"""
