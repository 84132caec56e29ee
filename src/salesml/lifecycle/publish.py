"""Publishing what was scored, with names and reps from the company's tables."""

from __future__ import annotations

from pathlib import Path

from salesml.crm import CRM
from salesml.lifecycle import shown
from salesml.lifecycle.progress import Say, quiet
from salesml.store.engine import Store
from salesml.store.publish import publish as publish_table
from salesml.store.published import Published
from salesml.store.retention import Retention
from salesml.store.source import ScoreTable
from salesml.store.turn import WAIT


def publish(
    store: Store,
    scores: Path,
    *,
    similar: Path | None = None,
    crm: CRM | None = None,
    retention: Retention | None = None,
    older: bool = False,
    wait: float = WAIT,
    say: Say = quiet,
) -> Published:
    """Publish a score table or a ranked list; see :func:`salesml.store.publish.publish`.

    Parameters
    ----------
    crm : CRM, optional
        Gives names and attributes that pages show, and the reps; without it pages show ids.
    """
    people = team = accounts = None
    if crm is not None:
        people, team = shown.entities(crm, ScoreTable(scores).about.task), shown.reps(crm)
        accounts = shown.entities(crm, "churn") if similar else None
    return publish_table(
        store, scores, similar=similar, entities=people, accounts=accounts, reps=team,
        retention=retention, older=older, wait=wait, say=say,
    )  # fmt: skip
