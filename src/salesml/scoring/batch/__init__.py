"""Scoring jobs: in chunks, restartable, and visible all at once or not at all."""

from salesml.scoring.batch.dataset import read_scores
from salesml.scoring.batch.events import Event, Listener, Teller, to_log
from salesml.scoring.batch.identity import Identity
from salesml.scoring.batch.job import Done, Job, Staged, Stream, carry_out
from salesml.scoring.batch.journal import Journal
from salesml.scoring.batch.once import repeated, without_repeated
from salesml.scoring.batch.parts import Scored
from salesml.scoring.batch.sinks import Sink, sink_of
from salesml.scoring.batch.source import Source

__all__ = [
    "Done",
    "Event",
    "Identity",
    "Job",
    "Journal",
    "Listener",
    "Scored",
    "Sink",
    "Source",
    "Staged",
    "Stream",
    "Teller",
    "carry_out",
    "read_scores",
    "repeated",
    "sink_of",
    "to_log",
    "without_repeated",
]
