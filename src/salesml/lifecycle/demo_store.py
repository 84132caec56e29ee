"""The demo's last part: what was scored of the simulated company becomes what its reps' pages show."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

from salesml.config import Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.lifecycle.changes import score_changes
from salesml.lifecycle.demo_prospects import AS_OF
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.publish import publish
from salesml.lifecycle.score import champion, score
from salesml.lifecycle.train import train
from salesml.store.engine import Store

SINCE: Final = AS_OF - dt.timedelta(days=7)
"""The night that the last one is compared with."""
NIGHTS: Final = (AS_OF - dt.timedelta(days=35), AS_OF - dt.timedelta(days=21), SINCE, AS_OF)


def demo_store(folder: Path, lists: Path, say: Say = quiet) -> str:
    """Train a churn model of the simulated company and publish all that pages show; the store's address.

    Parameters
    ----------
    folder : Path
        The company's.
    lists : Path
        Where ``conversion.parquet``, ``list.parquet``, ``fit.parquet`` and ``similar.parquet`` are.
    """
    crm, tracking = CRM.open(folder / "crm.yaml"), read_tracking(folder / "mlflow.yaml")
    say("\n8. Its customers at risk are scored, and everything is published for its reps")
    say(train("churn", crm, tracking=tracking).judged())
    return publish_all(crm, tracking, lists, say)


def publish_all(crm: CRM, tracking: Tracking, lists: Path, say: Say = quiet) -> str:
    """Publish customers of several nights with what moved their scores, and prospects with their fit."""
    address = f"sqlite:///{crm.folder / 'store.db'}"
    with Store(address) as store:
        _customers(store, crm, tracking, lists, say)
        for name, scores, similar in (
            ("conversion", lists / "list.parquet", None),
            ("fit", lists / "fit.parquet", lists / "similar.parquet"),
        ):
            model = champion(name, tracking)
            done = publish(
                store, scores, similar=similar, crm=crm, model=model, tracking=tracking, older=True
            )
            say(done.text())
    return address


def _customers(store: Store, crm: CRM, tracking: Tracking, lists: Path, say: Say) -> None:
    spec = read_spec(crm.folder / "models" / "churn.yaml")
    changes = lists / "changes.parquet"
    score_changes(spec, crm, SINCE, AS_OF, changes, tracking=tracking)
    for night in NIGHTS:
        path = lists / f"churn-{night}.parquet"
        score(spec, crm, night, path, tracking=tracking)
        done = publish(
            store, path, crm=crm, changes=changes if night == AS_OF else None,
            model=champion(spec.name, tracking), tracking=tracking, older=True,
        )  # fmt: skip
    say(done.text())
