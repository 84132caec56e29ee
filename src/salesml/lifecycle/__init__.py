"""The verbs that join the stages."""

from salesml.lifecycle.train import train

__all__ = ["train"]
