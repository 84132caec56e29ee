"""The whole way on real data, from tables to the list with reasons; then a simulated company for its reps."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from shlex import quote

import pandas as pd

from salesml.config import read_spec, read_tracking
from salesml.crm import CRM
from salesml.lifecycle.demo_data import new_folder, write_demo_project
from salesml.lifecycle.demo_people import how_to_look, program
from salesml.lifecycle.demo_prospects import demo_prospects
from salesml.lifecycle.demo_store import demo_store
from salesml.lifecycle.model_card import describe_label
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.rank import rank_file
from salesml.lifecycle.score import score
from salesml.lifecycle.train import train
from salesml.scoring.show import show

AS_OF = dt.date(2018, 1, 1)
"""The day after the data end: who will be gone by the end of January?"""

SHOWN = 10

Card = Callable[[Path, Path, str, Say], None]
"""Called with the company's folder, that of its score tables, the store's address, and what takes a line."""


def demo(folder: Path, say: Say = quiet, *, card: Card | None = None) -> Path:
    """Run the demo in a folder, which is made anew, and return the path of the ranked list of customers.

    Parameters
    ----------
    card : callable, optional
        Makes and publishes what managers see beside the books of their reps.

    Raises
    ------
    UsageError
        ``missing-package`` when the extra ``demo`` is not installed.
    """
    say("1. A year of real purchases: 1.47 million rows of 2,469 households (Complete Journey)")
    if not (folder / "crm.yaml").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_demo_project(folder)
    crm = CRM.open(folder / "crm.yaml")
    spec, tracking = read_spec(folder / "models" / "churn.yaml"), read_tracking(folder / "mlflow.yaml")
    say("\n2. The tables are checked")
    say(crm.check(AS_OF).text())
    say("\n3. A churn model is trained, tested on a later date, tracked and registered")
    trained = train("churn", crm, spec=spec, tracking=tracking, say=say)
    say(trained.text())
    say(f"\n4. Every household of the cohort is scored as of {AS_OF}, with reasons")
    out = new_folder(folder / "lists")
    say(score(spec, crm, AS_OF, out / "scores.parquet", tracking=tracking, say=say).text())
    say(rank_file(out / "scores.parquet", out / "list.parquet"))
    say(f"\n5. The {SHOWN} households to call first, by what is at stake. Leaving means:")
    say(f"   {describe_label(spec)}.\n")
    say(show(pd.read_parquet(out / "list.parquet"), SHOWN, crm.contract.currency, days=spec.horizon_days))
    company = folder / "company"
    lists = demo_prospects(company, say).parent
    store = demo_store(company, lists, say)
    if card:
        say("\n9. Is the team productive, or only busy? The scorecard for its managers")
        card(company, lists, store, say)
    say(_next(folder, out))
    say("\n" + how_to_look(store))
    return out / "list.parquet"


def _next(folder: Path, out: Path) -> str:
    server = "mlflow server" if shutil.which("mlflow") else "python -m mlflow server"
    return (
        f"\nThe whole list: {out / 'list.parquet'}\n"
        f"The runs, side by side: {program()} status churn --config {quote(str(folder / 'mlflow.yaml'))}\n"
        f"In MLflow's own pages: {server} --backend-store-uri sqlite:///{folder / 'mlflow.db'}"
    )
