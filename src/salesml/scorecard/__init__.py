"""The outcome scorecard: whether a sales team is productive, or only busy."""

from salesml.scorecard.run import Scorecard, scorecard

__all__ = ["Scorecard", "scorecard"]
