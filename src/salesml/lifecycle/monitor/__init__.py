"""``salesml monitor``: a model in use, watched on a date."""

from salesml.lifecycle.monitor.run import FOLDER, Monitored, monitor

__all__ = ["FOLDER", "Monitored", "monitor"]
