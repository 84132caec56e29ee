"""When accounts leave: curves against Cox, Kaplan and Meier's curve and, of purchases, BG/NBD.

    python -m benchmarks.survival [--tables NAME ...] [--json FILE]

All learn from the same rows, as they were known on the day that is tested on, and are judged on the same
rows of that day. Cox is lifelines' ``CoxPHFitter`` over standardised numbers, medians and marks for those
that are missing, and one column per level, its ridge penalty chosen by a fifth of the accounts learned from.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.bgnbd import BgNbd
from benchmarks.tables.sources import MissingSourceError
from benchmarks.tables.survival import NAMES, Part, SurvivalTable, load_survival
from salesml.model import PropensityClassifier
from salesml.model.bootstrap import Estimate, estimates
from salesml.model.coding import Coding
from salesml.model.survival.evaluation import evaluate_curves, integrated, inverse_weights
from salesml.model.survival.fit import fit_hazards
from salesml.model.survival.intervals import strong_enough
from salesml.model.survival.kaplan_meier import KaplanMeier
from salesml.model.survival.words import table as in_words

Floats = NDArray[np.float64]

OURS, COX, MARGINAL = "salesml", "Cox", "Kaplan-Meier"
PENALTIES = (0.01, 0.1, 1.0)
RESAMPLES = 1_000


def ours(table: SurvivalTable, horizons: tuple[int, ...]) -> tuple[Floats, Floats | None]:
    """The curves of the rows tested on and, where there is a horizon of a label, their probability."""
    train, test = table.train, table.test
    if not table.anchor:
        coding = Coding.learn(train.X)
        model = fit_hazards(coding.encode(train.X), coding, train.times, train.owner, horizons, threads=2)
        return model.stays(coding.encode(test.X)), None
    y = train.times.gone(table.anchor).astype(np.int8)
    classifier = PropensityClassifier().fit(train.X, y, groups=train.owner, as_of=train.as_of)
    coding = classifier.coding_
    model = fit_hazards(
        coding.encode(train.X, as_of=train.as_of), coding, train.times, train.owner, horizons,
        anchor=table.anchor, threads=2,
    )  # fmt: skip
    p = classifier.predict_proba(test.X, as_of=test.as_of)[:, 1]
    return model.stays(coding.encode(test.X, as_of=test.as_of), p), p


def marginal(table: SurvivalTable, horizons: tuple[int, ...]) -> Floats:
    """One curve for all rows."""
    times = table.train.times
    return KaplanMeier.fit(times.end, ~np.isnan(times.left)).before(np.array(horizons, dtype=np.float64))


def cox(table: SurvivalTable, horizons: tuple[int, ...]) -> tuple[Floats, float]:
    """Curves by proportional hazards, and the penalty that was chosen."""
    train, test = _numbers(table.train, table.test)
    times = table.train.times
    train["_end"], train["_left"] = np.maximum(times.end, 0.0) + 0.5, ~np.isnan(times.left)
    owner = table.train.owner
    held = np.random.default_rng(0).random(int(owner.max()) + 1)[owner] < 0.2
    penalty = max(PENALTIES, key=lambda each: _fitted(train[~held], each).score(train[held]))
    model = _fitted(train, penalty)
    curves = model.predict_survival_function(test, times=np.array(horizons, dtype=np.float64))
    return curves.to_numpy().T, penalty


def _fitted(rows: pd.DataFrame, penalty: float) -> Any:
    from lifelines import CoxPHFitter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return CoxPHFitter(penalizer=penalty).fit(rows, "_end", "_left")


def _numbers(train: Part, test: Part) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Columns as Cox takes them, learned from the first part."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    levels = OneHotEncoder(handle_unknown="ignore", min_frequency=20, drop="first", sparse_output=False)
    made = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (levels, make_column_selector(dtype_exclude="number")),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [made.fit_transform(train.X), made.transform(test.X)]
    varies = found[0].std(axis=0) > 1e-6
    names = [f"c{place}" for place in range(int(varies.sum()))]
    first, second = (pd.DataFrame(np.clip(each[:, varies], -8, 8), columns=names) for each in found)
    return first, second


def judge(table: SurvivalTable) -> dict[str, Any]:
    """Every model's figures on one table."""
    train, test = table.train, table.test
    horizons, out = strong_enough(train.times, table.horizons, train.owner, table.anchor)
    start = time.perf_counter()
    stays, p = ours(table, horizons)
    seconds = time.perf_counter() - start
    of_all = marginal(table, horizons)
    start = time.perf_counter()
    theirs, penalty = cox(table, horizons)
    curves = {OURS: stays, COX: theirs, MARGINAL: np.tile(of_all, (len(test), 1))}
    own = evaluate_curves(stays, test.times, horizons, test.owner, of_all=of_all, resamples=RESAMPLES)
    result = {
        "source": table.source, "rows": {"learned": len(train), "tested": len(test)},
        "horizons": list(horizons), "left_out": list(out), "cox_penalty": penalty,
        "seconds": {OURS: seconds, COX: time.perf_counter() - start},
        "rises": float(np.diff(np.column_stack([np.ones(len(stays)), stays]), axis=1).max()),
        "ibs": {name: each.as_dict() for name, each in compare(curves, test, horizons).items()},
        "curves": {name: figure.as_dict() for name, figure in own.figures.items()},
        "drift": {name: list(drift(each, test, horizons)) for name, each in curves.items()},
        "text": in_words(own),
    }  # fmt: skip
    if table.customers is not None and test.bought is not None and p is not None:
        result["purchases"] = _purchases(table, p)
    return result


def compare(curves: dict[str, Floats], test: Part, horizons: tuple[int, ...]) -> dict[str, Estimate]:
    """Integrated Brier scores, and by how much ours is better than each other, paired by account."""
    gone = np.column_stack([test.times.gone(day) for day in horizons])
    counts = inverse_weights(test.times, horizons)
    misses = {name: (1.0 - stays - gone) ** 2 * counts for name, stays in curves.items()}

    def measure(weight: Floats) -> dict[str, Floats]:
        total = weight @ counts
        found = {name: integrated(weight @ miss / total, horizons) for name, miss in misses.items()}
        better = {f"over {name}": found[name] - found[OURS] for name in found if name != OURS}
        return found | better

    return estimates(measure, np.ones(len(test)), test.owner, resamples=RESAMPLES, seed=0)


def drift(stays: Floats, test: Part, horizons: tuple[int, ...]) -> Floats:
    """Mean chance of having left less the share that had, at each horizon."""
    counts = inverse_weights(test.times, horizons)
    gone = np.column_stack([test.times.gone(day) for day in horizons])
    found: Floats = ((1.0 - stays - gone) * counts).sum(axis=0) / counts.sum(axis=0)
    return found


def _purchases(table: SurvivalTable, p: Floats) -> dict[str, Any]:
    """Who buys nothing for as long as the label says: by BG/NBD and by us, on the same rows."""
    model = BgNbd.fit(table.customers)
    bought, y = table.test.bought, table.test.times.gone(table.anchor)
    said = {
        OURS: p,
        "BG/NBD, no purchase": model.silent(bought, table.anchor),
        "BG/NBD, 1 - P(alive)": 1.0 - model.alive(bought),
    }

    def measure(weight: Floats) -> dict[str, Floats]:
        found = {name: weight @ (each - y) ** 2 / weight.sum(axis=1) for name, each in said.items()}
        return found | {f"over {name}": found[name] - found[OURS] for name in found if name != OURS}

    brier = estimates(measure, np.ones(len(y)), table.test.owner, resamples=RESAMPLES, seed=0)
    return {
        "parameters": {name: getattr(model, name) for name in ("r", "alpha", "a", "b")},
        "came_true": float(y.mean()),
        "said": {name: float(each.mean()) for name, each in said.items()},
        "auc": {name: float(roc_auc_score(y, each)) for name, each in said.items()},
        "brier": {name: each.as_dict() for name, each in brier.items()},
    }


def shown(name: str, result: dict[str, Any]) -> str:
    """The lines of one table."""
    rows = result["rows"]
    lines = [f"{name} ({result['source']}): {rows['learned']:,} rows learned, {rows['tested']:,} tested"]
    for model, figure in result["ibs"].items():
        lines.append(
            f"  integrated Brier score {model:<20} {figure['value']:7.4f} "
            f"[{figure['low']:.4f}, {figure['high']:.4f}]"
        )
    lines += [f"  {line}" for line in result["text"].splitlines()]
    for model, brier in result.get("purchases", {}).get("brier", {}).items():
        auc = result["purchases"]["auc"].get(model)
        lines.append(
            f"  no purchase: Brier {model:<28} {brier['value']:7.4f} "
            f"[{brier['low']:.4f}, {brier['high']:.4f}]" + (f"   AUC {auc:.3f}" if auc else "")
        )
    return "\n".join(lines)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tables", nargs="+", default=list(NAMES), choices=NAMES)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: dict[str, Any] = {}
    if options.json and options.json.exists():
        found = json.loads(options.json.read_text())
    for name in options.tables:
        try:
            found[name] = judge(load_survival(name))
        except MissingSourceError as error:
            print(f"{name}: left out. {error}")
            continue
        print(shown(name, found[name]), flush=True)
        if options.json:
            options.json.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
