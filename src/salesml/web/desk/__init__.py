"""The only door to what is published: everything that it hands out is the person's own to see."""

from salesml.web.desk.desk import Desk

__all__ = ["Desk"]
