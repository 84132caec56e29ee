"""The scorecard as one HTML page that asks nothing of anybody: no script, no request, fonts of the system."""

from salesml.scorecard.report.page import page

__all__ = ["page"]
