"""``salesml payoff``: what came of lists, and what they did."""

from salesml.lifecycle.payoff.run import FOLDER, Payoff, payoff

__all__ = ["FOLDER", "Payoff", "payoff"]
