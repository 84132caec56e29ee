"""How good the means of amounts are: many tables, one setting, against what a user could run instead.

    python -m benchmarks.amounts [--tables NAME ...] [--json FILE] [--tenths]

Five folds by group. Peers: one mean for all; LightGBM's Tweedie objective with its defaults; a regression of
the logarithm (ridge on the logarithm of 1 + amount over the mean, one column per level, brought back by
Duan's smearing). ``deviance`` is the share of the Tweedie deviance (power 1.5) of one mean for all that is
gone, below zero where one mean says more; ``total`` said over observed; ``tenths`` the mean absolute
difference of said and observed over tenths of the rows, over the mean; ``inside`` how many tenths lie, with
the chance of their own rows, within the model's 95 % interval.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.tables import MissingSourceError
from benchmarks.tables.amounts import NAMES, AmountTable, load_amounts
from salesml.model.amount_evaluation import AmountEvaluation, evaluate_amount
from salesml.model.amount_fit import fit_amount
from salesml.model.coding import Coding
from salesml.model.uncertainty import tenths

Floats = NDArray[np.float64]
Rival = Callable[[Floats, Floats, Coding], Callable[[Floats], Floats]]

OURS = "salesml"
LEAST = 1e-6
"""No mean is below this share of that of all: some rivals say zero."""


def one_mean(coded: Floats, amount: Floats, coding: Coding) -> Callable[[Floats], Floats]:
    """The mean of all rows."""
    mean = float(amount.mean())
    return lambda rows: np.full(len(rows), mean)


def lightgbm(coded: Floats, amount: Floats, coding: Coding) -> Callable[[Floats], Floats]:
    """LightGBM's Tweedie objective as it comes."""
    import lightgbm as lgb

    params = {"objective": "tweedie", "verbosity": -1, "seed": 0, "deterministic": True, "num_threads": 1}
    booster = lgb.train(params, lgb.Dataset(coded, amount, categorical_feature=coding.categories), 100)
    return lambda rows: np.asarray(booster.predict(rows), dtype=np.float64)


def log_regression(coded: Floats, amount: Floats, coding: Coding) -> Callable[[Floats], Floats]:
    """A ridge regression of the logarithm, brought back by the mean of its exponentiated residuals.

    Duan, "Smearing estimate: a nonparametric retransformation method", JASA 78 (1983).
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    levels = coding.categories
    numbers = [place for place in range(coded.shape[1]) if place not in levels]
    columns = ColumnTransformer(
        [
            ("levels", OneHotEncoder(handle_unknown="ignore", min_frequency=5), levels),
            (
                "numbers",
                make_pipeline(
                    SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
                    StandardScaler(),
                ),
                numbers,
            ),
        ]
    )
    unit = float(amount.mean())
    model = make_pipeline(columns, RidgeCV(np.logspace(-1, 4, 11)))
    y = np.log1p(amount / unit)
    model.fit(coded, y)
    smear = float(np.exp(y - model.predict(coded)).mean())
    return lambda rows: unit * np.maximum(np.exp(model.predict(rows)) * smear - 1, 0.0)


RIVALS: dict[str, Rival] = {
    "one mean": one_mean,
    "LightGBM Tweedie": lightgbm,
    "log regression": log_regression,
}


def judge(table: AmountTable) -> dict[str, Any]:
    """Every model's figures on one table."""
    size, groups = len(table.amount), table.groups
    said = {name: np.empty(size) for name in (OURS, *RIVALS)}
    inside: list[bool] = []
    for train, test in table.splits():
        coding = Coding.learn(table.X.iloc[train], groups=None if groups is None else groups[train])
        coded, new = coding.encode(table.X.iloc[train]), coding.encode(table.X.iloc[test])
        amount = table.amount[train]
        model = fit_amount(coded, amount, coding, groups=None if groups is None else groups[train]).model
        said[OURS][test] = model.mean(new)
        z = model.log_mean(new)
        inside += _inside(z, model.log_variance(z), table.amount[test])
        for name, fit in RIVALS.items():
            said[name][test] = fit(coded, amount, coding)(new)
    mean = float(table.amount.mean())
    found = {
        name: evaluate_amount(table.amount, np.maximum(values, LEAST * mean), mean, groups=groups, seed=0)
        for name, values in said.items()
    }
    result = {
        "rows": size,
        "zero": float((table.amount == 0).mean()),
        "largest": float(table.amount.max() / table.amount.sum()),
        "dev": table.dev,
        "source": table.source,
        "models": {name: each.as_dict() for name, each in found.items()},
        "inside": float(np.mean(inside)),
    }
    if table.truth is not None:
        result["truth"] = float(np.corrcoef(np.log(said[OURS]), np.log(table.truth))[0, 1])
    result["shown"] = found[OURS]
    return result


def _inside(z: Floats, variance: Floats, amount: Floats) -> list[bool]:
    """For each tenth of the scores, whether what came true lies within the interval of its mean."""
    cell = tenths(z)
    found = []
    for number in np.unique(cell):
        rows = cell == number
        mean, wide = np.exp(z[rows]).mean(), np.sqrt(variance[rows]).mean()
        chance = float(amount[rows].std() / np.sqrt(rows.sum()))
        found.append(abs(float(amount[rows].mean()) - mean) < 1.96 * np.hypot(mean * wide, chance))
    return found


def line(name: str, result: dict[str, Any]) -> list[str]:
    """The lines of one table."""
    kind = "to choose by" if result["dev"] else "held apart"
    head = f"{name} ({kind}): {result['rows']:,} rows, {result['zero']:.0%} zero, "
    head += f"the largest {result['largest']:.1%} of all; {result['inside']:.0%} of tenths inside"
    if "truth" in result:
        head += f"; correlation of logarithms with the truth {result['truth']:.2f}"
    lines = [head]
    for model, figures in result["models"].items():
        values = {key: figures["figures"][key] for key in ("deviance_explained", "ratio", "gini")}
        shown = "   ".join(f"{v['value']:6.3f} [{v['low']:6.3f}, {v['high']:6.3f}]" for v in values.values())
        error = figures["figures"]["calibration_error"]["value"]
        lines.append(f"  {model:<18} {shown}   {error:6.3f}")
    return lines


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tables", nargs="+", default=list(NAMES), choices=NAMES)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--tenths", action="store_true", help="also print our calibration by tenth")
    options = parser.parse_args()
    print(f"  {'':<18} {'deviance':<25}   {'total':<25}   {'Gini':<25}   tenths")
    results = {}
    for name in options.tables:
        try:
            result = judge(load_amounts(name))
        except MissingSourceError as error:
            print(f"{name}: left out. {error}")
            continue
        shown: AmountEvaluation = result.pop("shown")
        print("\n".join(line(name, result)), flush=True)
        if options.tenths:
            print(shown.table(), flush=True)
        results[name] = result
    if options.json:
        options.json.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
