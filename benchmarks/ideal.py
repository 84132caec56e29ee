"""How near does a model of ideal customers come to all that can be known?

Two simulated companies of `salesml sample` with other seeds: a model is trained on the one and scores
past prospects of the other, each on a day drawn while it was still open. The oracle is the true
probability given what the tables tell, on the first day of the same month.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

import salesml
from salesml.config import read_spec
from salesml.lifecycle.ideal.gather import learned
from salesml.lifecycle.ideal.past import Past, past
from salesml.tracking import load

TRUTH = ["prospect_id", "as_of", "p_ideal_observable"]
NEAREST = 0.015
RESAMPLES = 500


def known(folder: Path, found: Past) -> NDArray[np.float64]:
    """The true probability of each row: of the last month that began by its day, else of the next."""
    truth = pd.read_parquet(folder / "truth" / "prospects.parquet", columns=TRUTH)
    truth["day"] = pd.to_datetime(truth["as_of"]).astype("datetime64[us]")
    truth = truth.sort_values("day")
    rows = pd.DataFrame(
        {
            "prospect_id": found.outcomes["prospect"],
            "day": found.outcomes["as_of"].astype("datetime64[us]"),
            "row": np.arange(len(found.outcomes)),
        }
    ).sort_values("day")
    both = [
        pd.merge_asof(rows, truth, on="day", by="prospect_id", direction=direction)
        .sort_values("row")["p_ideal_observable"]
        .to_numpy(np.float64)
        for direction in ("backward", "forward")
    ]
    return np.where(np.isnan(both[0]), both[1], both[0])


def compare(trained_on: Path, tested_on: Path) -> str:
    """Train, score, and say how far the AUC is from the oracle's, with its interval."""
    trained = salesml.train("fit", salesml.CRM.open(trained_on / "crm.yaml"), log=False)
    spec = read_spec(tested_on / "models" / "fit.yaml")
    found = past(spec, salesml.CRM.open(tested_on / "crm.yaml"))
    y = learned(spec, found, np.ones(len(found.outcomes), dtype=bool)).ideal(found.outcomes)
    scores = load(str(trained.folder / "bundle")).table(found.snapshot.table, top=1)
    p, oracle = scores["probability"].to_numpy(), known(tested_on, found)
    there = ~np.isnan(oracle)
    y, p, oracle = y[there], p[there], oracle[there]
    rng, differences = np.random.default_rng(0), []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, len(y), len(y))
        differences.append(roc_auc_score(y[rows], p[rows]) - roc_auc_score(y[rows], oracle[rows]))
    low, high = np.quantile(differences, [0.025, 0.975])
    mine, best = roc_auc_score(y, p), roc_auc_score(y, oracle)
    near = "within" if mine >= best - NEAREST else "not within"
    return (
        f"learned from {trained.bundle.training.rows:,} accounts, tested on {len(y):,} of another company\n"
        f"AUC of the model {mine:.4f}, of the oracle {best:.4f}: "
        f"{mine - best:+.4f} [{low:+.4f}, {high:+.4f}], {near} {NEAREST}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trained_on", type=Path, help="a folder of `salesml sample`")
    parser.add_argument("tested_on", type=Path, help="another one, with another seed")
    arguments = parser.parse_args()
    print(compare(arguments.trained_on, arguments.tested_on))


if __name__ == "__main__":
    main()
