"""What an order of prospects is truly worth, which only a simulated company can tell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from salesml.scoring.rank.capacity import MICRO, fill
from salesml.words.numbers import money, percent


def against_truth(
    scores: pd.DataFrame, truth: pd.DataFrame, hours: Mapping[str, float], currency: str = ""
) -> str:
    """A sentence on what the model's order truly brings, beside that of an oracle.

    Parameters
    ----------
    scores : DataFrame
        A score table of the task conversion, of one as-of date.
    truth : DataFrame
        ``truth/prospects.parquet`` of the simulated company.
    hours : mapping of str to float
        Hours of each rep. Prospects without one of them are left out.
    currency : str
        Of the money.
    """
    rows = with_truth(scores, truth)
    own = worth(rows, "return_on_effort", hours)
    best, plain = worth(rows, "true_return", hours), worth(rows, "probability", hours)
    return (
        "The truth: when each rep works down its prospects in this order until its hours are really spent, "
        f"an hour brings {money(own, currency)} on average. An oracle that knows every prospect's true "
        f"chance, worth and hours would bring {money(best, currency)}: the models reach "
        f"{percent(own / best)} of it. By the chance of winning alone it is {money(plain, currency)}, "
        f"{percent(plain / best)}."
    )


def with_truth(scores: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """The scored rows of known truth, with ``true_value``, ``true_hours`` and ``true_return``.

    True is what can be expected given all that the tables show, the most that a model could know.
    """
    known = pd.DataFrame(
        {
            "entity_id": truth["prospect_id"],
            "as_of": pd.to_datetime(truth["as_of"]),
            "true_value": truth["p_observable"] * truth["value_observable"],
            "true_hours": truth["hours_observable"],
        }
    )
    scored = scores[scores["status"] == "scored"]
    rows = scored.assign(as_of=pd.to_datetime(scored["as_of"])).merge(known, on=["entity_id", "as_of"])
    return rows.assign(true_return=rows["true_value"] / rows["true_hours"])


def worth(rows: pd.DataFrame, by: str, hours: Mapping[str, float]) -> float:
    """What an hour truly brings when each rep works down its prospects, the greatest ``by`` first.

    A prospect that takes more hours than are left is passed over for later ones.
    """
    value = work = 0.0
    for rep, own in rows.groupby("rep_id"):
        limit = hours.get(str(rep), 0.0)
        if not limit > 0:
            continue
        ordered = own.sort_values([by, "entity_id"], ascending=[False, True])
        costs = np.maximum(np.rint(ordered["true_hours"].to_numpy() * MICRO), 1).astype(np.int64)
        taken = fill(costs, np.ones(len(ordered), dtype=bool), round(limit * MICRO))
        value += float(ordered["true_value"].to_numpy()[taken].sum())
        work += float(costs[taken].sum()) / MICRO
    return value / work if work else 0.0
