"""Looking for a better learner within a budget, and saying whether one was found."""

from salesml.lifecycle.tuning.run import tune
from salesml.lifecycle.tuning.tuned import Tuned

__all__ = ["Tuned", "tune"]
