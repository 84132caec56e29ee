"""The demo's second half: prospects of a simulated company, ranked, explained and held against the truth."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from salesml.config import Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.crm.sample import sample
from salesml.lifecycle.demo_data import new_folder
from salesml.lifecycle.demo_truth import against_truth
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.rank import rank_file
from salesml.lifecycle.reps import hours_of_reps
from salesml.lifecycle.score import score
from salesml.lifecycle.train import train
from salesml.scoring.show import WIDTH, show
from salesml.words import english as words
from salesml.words.numbers import chance

AS_OF = dt.date(2026, 1, 1)
"""The day after the company's tables end: a first of a month, since there the truth is known."""

SIZE, SEED = 2_000, 0
EXPLORE = 0.05
SHOWN, ALIKE, SHARED = 3, 3, 2
"""Prospects, ideal accounts for each, and things they share."""

MODELS = {
    "conversion": "who will be won within 90 days, what a customer is worth, the hours it takes",
    "fit": "who, once won, becomes an ideal customer",
}


def demo_prospects(folder: Path, say: Say = quiet, *, size: int = SIZE) -> Path:
    """Train, score, rank and show the prospects of a simulated company, and return the ranked list's path.

    Parameters
    ----------
    folder : Path
        Where the company is, or is written with so many accounts.
    """
    say("\n6. Prospects, of a simulated company: its truth is known, so models can be held against it")
    if not (folder / "crm.yaml").exists():
        sample(folder, size=size, seed=SEED)
    crm, tracking = CRM.open(folder / "crm.yaml"), read_tracking(folder / "mlflow.yaml")
    for name, about in MODELS.items():
        say(f"\nModel {name}: {about}")
        say(train(name, crm, tracking=tracking).judged())
    out = new_folder(folder / "lists")
    say(f"\n7. Every open prospect is scored as of {AS_OF}; each rep gets a list within its week's hours")
    _score(crm, tracking, out)
    lists = rank_file(out / "conversion.parquet", out / "list.parquet", explore=EXPLORE, crm=crm)
    say("\n".join(textwrap.fill(line, WIDTH) for line in lists.partition("\n\n")[2].splitlines()))
    say(_one_list(crm, out))
    truth = pd.read_parquet(folder / "truth" / "prospects.parquet")
    scores = pd.read_parquet(out / "conversion.parquet")
    say("\n" + textwrap.fill(against_truth(scores, truth, hours_of_reps(crm), crm.contract.currency), WIDTH))
    return out / "list.parquet"


def _score(crm: CRM, tracking: Tracking, out: Path) -> None:
    """Score tables of both models, and the ideal accounts that prospects resemble."""
    for name in MODELS:
        spec = read_spec(crm.folder / "models" / f"{name}.yaml")
        similar = out / "similar.parquet" if spec.task == "fit" else None
        score(spec, crm, AS_OF, out / f"{name}.parquet", tracking=tracking, similar=similar)


def _one_list(crm: CRM, out: Path) -> str:
    """The head of the first rep's list, and the first row of it that was drawn by lot."""
    ranked = pd.read_parquet(out / "list.parquet")
    rep = ranked["list"].iloc[0]
    own = ranked[(ranked["list"] == rep) & ranked["rank"].notna()]
    drawn = own.iloc[SHOWN:].query("picked == 'explore'").head(1)
    rows = pd.concat([own.head(SHOWN), drawn]).assign(rep_id=None)
    spec = read_spec(crm.folder / "models" / "conversion.yaml")
    beside = _beside(crm, out, rows["entity_id"].head(SHOWN).tolist())
    head = f"\nThe list of {_names(crm, 'reps')[rep]}, its first {SHOWN} prospects"
    head += " and the first that was drawn by lot:\n\n" if len(drawn) else ":\n\n"
    listed = show(rows, len(rows), crm.contract.currency, days=spec.horizon_days, beside=beside)
    return head + listed


def _beside(crm: CRM, out: Path, prospects: list[str]) -> dict[str, list[str]]:
    """How well each prospect fits, and the ideal accounts it resembles, by name."""
    fit = pd.read_parquet(out / "fit.parquet").set_index("entity_id")
    similar = pd.read_parquet(out / "similar.parquet")
    who, accounts = _names(crm, "prospects"), _names(crm, "accounts")
    told = {}
    for each in prospects:
        band = str(fit["band"][each])
        head = words.IDEAL_ONCE_WON.format(
            who=who[each], chance=chance(float(fit["probability"][each])), outcome=words.OUTCOMES["fit"],
            band=band, advice=words.BANDS_OF["fit"].get(band, ""),
        )  # fmt: skip
        nearest = similar[similar["entity_id"] == each].sort_values("place").head(ALIKE)
        told[each] = [head, *(_resembles(row, accounts) for row in nearest.to_dict("records"))]
    return told


def _resembles(row: Mapping[Hashable, Any], accounts: Mapping[str, str]) -> str:
    shared = [each["words"] for each in row["shared"][:SHARED]]
    return words.RESEMBLES.format(account=accounts[str(row["account_id"])], shared=words.JOIN.join(shared))


def _names(crm: CRM, table: str) -> dict[str, str]:
    """What those of a table are called, by id."""
    with crm.connect() as con:
        rows = con.execute(f"SELECT id, coalesce(name, id) FROM {table}").fetchall()
    return {str(key): str(name) for key, name in rows}
