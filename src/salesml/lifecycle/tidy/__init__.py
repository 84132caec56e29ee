"""``salesml tidy``: what stays of past runs, and what goes."""

from salesml.lifecycle.tidy.run import Tidied, tidy

__all__ = ["Tidied", "tidy"]
