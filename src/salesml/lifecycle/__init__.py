"""The verbs that join the stages."""

from salesml.lifecycle.train import train
from salesml.lifecycle.train_table import train_table

__all__ = ["train", "train_table"]
