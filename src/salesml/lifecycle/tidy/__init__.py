"""``salesml tidy``: what stays of past runs, and what goes."""

from salesml.lifecycle.tidy.result import Tidied
from salesml.lifecycle.tidy.run import tidy

__all__ = ["Tidied", "tidy"]
