"""How near do the chance of a prospect and its worth per hour come to all that can be known?

A simulated company of `salesml sample` is written, a model of conversion is trained on it, and the open
prospects of its test dates are scored. The oracle knows the true probabilities, values and hours given what
the tables tell. Lists are filled in three orders until the same hours are used, and what is counted is the
true expected margin of what stands in them.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

import salesml
from salesml.config import Tracking, read_spec
from salesml.lifecycle.score import score

SHARES = (0.1, 0.2, 0.4, 0.6)
"""Of the hours that all open prospects would take."""
RESAMPLES = 500


def scored(folder: Path) -> pd.DataFrame:
    """The open prospects of the test date with the model's scores and the truth of each."""
    crm = salesml.CRM.open(folder / "crm.yaml")
    trained = salesml.train("conversion", crm, log=False)
    spec = read_spec(folder / "models" / "conversion.yaml")
    (day,) = spec.as_of.test_dates
    out = folder / "conversion.parquet"
    score(spec, crm, day, out, model=str(trained.folder / "bundle"), tracking=Tracking(), top=1)
    truth = pd.read_parquet(folder / "truth" / "prospects.parquet")
    won = pd.read_parquet(folder / "prospects.parquet", columns=["prospect_id", "won_at"])
    rows = pd.read_parquet(out).merge(
        truth, left_on=["entity_id", "as_of"], right_on=["prospect_id", "as_of"], validate="one_to_one"
    )
    rows = rows.merge(won, on="prospect_id", validate="one_to_one")
    ahead = (pd.to_datetime(rows["won_at"]) - pd.Timestamp(day)).dt.days
    rows["won"] = ((ahead >= 0) & (ahead < spec.horizon_days)).astype(int)
    return rows


def earned(rows: pd.DataFrame, order: NDArray[np.float64], hours: float) -> float:
    """True expected margin of the first prospects of an order, as many as fit into the hours."""
    place = np.argsort(-order, kind="stable")
    taken = rows["hours_observable"].to_numpy()[place]
    margin = (rows["p_observable"] * rows["value_observable"]).to_numpy()[place]
    return float(margin[np.cumsum(taken) <= hours].sum())


def report(rows: pd.DataFrame) -> str:
    """AUC beside the oracle's, and what each order earns of what the oracle's does."""
    y, p, oracle = (rows[name].to_numpy() for name in ("won", "probability", "p_observable"))
    rng, differences = np.random.default_rng(0), []
    for _ in range(RESAMPLES):
        drawn = rng.integers(0, len(y), len(y))
        differences.append(roc_auc_score(y[drawn], p[drawn]) - roc_auc_score(y[drawn], oracle[drawn]))
    low, high = np.quantile(differences, [0.025, 0.975])
    mine, best = roc_auc_score(y, p), roc_auc_score(y, oracle)
    lines = [
        f"{len(y):,} open prospects, {y.mean():.1%} won; said {p.mean():.1%}",
        (
            f"AUC of the model {mine:.4f}, of the oracle {best:.4f}: {mine - best:+.4f} "
            f"[{low:+.4f}, {high:+.4f}]"
        ),
        "share of the oracle's margin in the same hours",
        "   hours  value per hour  probability alone  in any order",
    ]
    ideal = (rows["p_observable"] * rows["value_observable"] / rows["hours_observable"]).to_numpy()
    orders = {
        "value per hour": rows["return_on_effort"].fillna(0).to_numpy(),
        "probability alone": p,
        "in any order": rng.random(len(y)),
    }
    for share in SHARES:
        hours = share * rows["hours_observable"].sum()
        most = earned(rows, ideal, hours)
        found = "  ".join(f"{earned(rows, o, hours) / most:>{len(name)}.3f}" for name, o in orders.items())
        lines.append(f"{share:>7.0%}   {found}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prospects", description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="accounts' worth of events (20,000)")
    parser.add_argument("--seed", type=int, nargs="+", default=[0])
    chosen = parser.parse_args()
    for seed in chosen.seed:
        with tempfile.TemporaryDirectory() as folder:
            salesml.sample(Path(folder) / "company", size=chosen.size, seed=seed)
            print(
                f"size {chosen.size:,}, seed {seed}\n{report(scored(Path(folder) / 'company'))}\n", flush=True
            )


if __name__ == "__main__":
    main()
