"""The demo's scorecard: made of the simulated company's tables and scores, and published for its managers."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from salesml.crm import CRM
from salesml.lifecycle.progress import Say, quiet
from salesml.scorecard.run import scorecard
from salesml.store.engine import Store
from salesml.store.publish_card import publish_scorecard

SCORES: Final = ("fit.parquet", "conversion.parquet")
"""Tells whether new customers resemble the ideal one, and what hours could bring."""


def demo_scorecard(company: Path, lists: Path, address: str, say: Say = quiet) -> None:
    """Compute the scorecard of the demo's company and publish it.

    Parameters
    ----------
    company : Path
        The folder of its tables.
    lists : Path
        Where its score tables are, and where the scorecard goes.
    address : str
        The store's.
    """
    found = scorecard(CRM.open(company / "crm.yaml"), scores=[lists / name for name in SCORES])
    with Store(address) as store:
        say(publish_scorecard(store, found.save(lists / "scorecard"), older=True).text())
