"""What moved scores since they were last made: the data, or the model."""

from salesml.scoring.changes.changes import changes
from salesml.scoring.changes.table import SCHEMA

__all__ = ["SCHEMA", "changes"]
