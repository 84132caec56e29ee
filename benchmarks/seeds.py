"""A score learned from a part of the outcomes as a list of best customers, against all outcomes.

    python -m benchmarks.seeds [--listed 0.2] [--draws 15] [--first 60] [--full] [TABLE ...]

Of each draw: the share of the outcome among those not on the list, true and at most; the AUC of the listed
against all others, and of the same scores against the true outcomes of the others; whether the bound and the
range of the AUC hold; the calibration error at the true rate. ``--full`` adds the AUC of a model that knows
all outcomes, on the same rows.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.tables import Table, load
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.train_seeds import with_seed_report
from salesml.lifecycle.train_table import fold_by_fold, spec_of
from salesml.model.metrics import bins

FOLDS = 5
COLUMNS = ("share", "at_most", "if_pure", "auc_listed", "auc_true", "range_high", "calibration_error", "held")


def rows_of(table: Table, y: np.ndarray) -> Rows:
    """The table's rows with another outcome, each an entity of its own."""
    size = len(y)
    return Rows(
        X=table.X, y=y.astype(np.int8), entity=np.arange(size).astype(str).astype(object),
        as_of=np.full(size, np.datetime64("NaT", "D")), value=np.zeros(size),
    )  # fmt: skip


def one_draw(table: Table, listed_share: float, seed: int, *, full: bool = False) -> dict[str, float]:
    """The figures of one list."""
    best = np.asarray(table.y) == 1
    listed = best & (np.random.default_rng(seed).random(len(best)) < listed_share)
    others, rows, spec = ~listed, rows_of(table, listed), spec_of("fit", None)
    tested = fold_by_fold(spec, rows, FOLDS, seed)
    rate = float(best[others].mean())
    told = with_seed_report(tested, rows, rate)
    report, calibration = told.seeds, told.calibration
    if report is None or calibration is None:
        raise RuntimeError("a stated rate gives a report and a calibration")
    p, truth = calibration.probability(tested.unseen[others]), best[others]
    place = bins(p)
    gaps = np.bincount(place, weights=p - truth)
    auc = float(roc_auc_score(truth, tested.unseen[others]))
    found = {
        "share": rate,
        "at_most": report.prior.most,
        "if_pure": report.prior.pure.value,
        "auc_listed": report.auc.value,
        "auc_true": auc,
        "range_high": report.true_auc.high,
        "calibration_error": float(np.abs(gaps).sum() / len(p)),
        "held": float(report.prior.most >= rate and report.true_auc.low <= auc <= report.true_auc.high),
    }
    if full:
        unseen = fold_by_fold(spec, replace(rows, y=best.astype(np.int8)), FOLDS, seed).unseen
        found["auc_full"] = float(roc_auc_score(truth, unseen[others]))
    return found


def main() -> None:
    """Print one line a draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", default=["telco", "x_education"])
    parser.add_argument("--listed", type=float, default=0.2)
    parser.add_argument("--draws", type=int, default=15)
    parser.add_argument("--first", type=int, default=60)
    parser.add_argument("--full", action="store_true")
    arguments = parser.parse_args()
    names = [*COLUMNS, "auc_full"] if arguments.full else [*COLUMNS]
    for name in arguments.tables:
        table = load(name)
        print(f"{name}: " + "  ".join(names))
        for seed in range(arguments.first, arguments.first + arguments.draws):
            found = one_draw(table, arguments.listed, seed, full=arguments.full)
            print(f"{seed:>6} " + "  ".join(f"{found[key]:.3f}".rjust(len(key)) for key in names), flush=True)


if __name__ == "__main__":
    main()
