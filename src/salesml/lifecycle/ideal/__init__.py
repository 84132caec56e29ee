"""The ideal customer: past accounts, what became of them, and the rows to learn it from."""

from salesml.lifecycle.ideal.gather import gather_past

__all__ = ["gather_past"]
