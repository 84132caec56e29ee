"""Scores with reasons from a bundle, and ranked lists."""

from salesml.scoring.changes import changes
from salesml.scoring.rank import rank, write_ranked
from salesml.scoring.scorer import Scorer, check_quarantine
from salesml.scoring.write import check_target, write

__all__ = ["Scorer", "changes", "check_quarantine", "check_target", "rank", "write", "write_ranked"]
