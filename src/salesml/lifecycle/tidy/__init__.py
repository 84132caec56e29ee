"""``salesml tidy``: what stays of past runs, and what goes."""

from salesml.lifecycle.tidy.tidy import Tidied, tidy

__all__ = ["Tidied", "tidy"]
