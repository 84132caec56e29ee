"""Ranked lists: who comes first, within what a rep can do, by rules that are written beside the list."""

from salesml.scoring.rank.ranking import EXTRA, Ranking, rank, ranked_schema, ranking
from salesml.scoring.rank.rows import EVERYONE, NOBODY
from salesml.scoring.rank.write import METADATA, write_ranked

__all__ = [
    "EVERYONE",
    "EXTRA",
    "METADATA",
    "NOBODY",
    "Ranking",
    "rank",
    "ranked_schema",
    "ranking",
    "write_ranked",
]
