"""What holds for prospects besides: their columns are filled in by those who work on them.

A customer's columns are mostly known before it leaves. A prospect's are often written while it is being
won, so what is only suspected of a customer's column is refused of a prospect's, and a column that is
filled in for some is asked about sooner.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from salesml.model.screening.finding import ORDER, Finding
from salesml.model.screening.screening import Screening
from salesml.model.target import read_target

REFUSED = ("stands-for-outcome", "filled-in-after")
"""Codes that warn of a customer's column and stop a prospect's."""
LEAST = 0.05
"""Share of rows that must be filled in, and that must be empty."""
TELLS = 0.8
"""Log odds ratio between filled in and empty (1 to 2.2) that is surely exceeded where it is asked about."""
SURE = 0.99


def of_prospects(
    screening: Screening, X: pd.DataFrame, y: Any, *, dated: Collection[str], allow: Collection[str]
) -> Screening:
    """The findings as they hold for prospects, with those of columns filled in for some.

    Parameters
    ----------
    X, y : DataFrame and array of shape (rows, …)
        What was screened.
    dated : collection of str
        Columns made of what was known on the row's date: nobody filled them in later.
    allow : collection of str
        Columns that somebody insists on.
    """
    findings = [_stricter(finding) for finding in screening.findings]
    named = {name for finding in findings for name in finding.columns if finding.severity != "note"}
    spared = {*named, *dated, *allow}
    target = read_target(np.asarray(y)).y
    findings += [found for name in X if name not in spared and (found := _asked(X[name], target))]
    findings.sort(key=lambda finding: ORDER.index(finding.severity))
    return replace(screening, findings=tuple(findings))


def _stricter(finding: Finding) -> Finding:
    if finding.code in REFUSED and finding.severity == "warn":
        return replace(finding, severity="stop")
    return finding


def _asked(column: pd.Series[Any], y: NDArray[np.int8]) -> Finding | None:
    """Finding ``filled-in-for-some``: whether a column is filled in moves the odds."""
    filled = column.notna().to_numpy()
    if not LEAST <= filled.mean() <= 1 - LEAST:
        return None
    rates = [(y[part].sum() + 0.5, (1 - y[part]).sum() + 0.5) for part in (filled, ~filled)]
    ratio = float(np.log(rates[0][0] / rates[0][1]) - np.log(rates[1][0] / rates[1][1]))
    error = float(np.sqrt(sum(1 / yes + 1 / no for yes, no in rates)))
    if abs(ratio) - norm.ppf(SURE) * error < TELLS:
        return None
    return Finding(
        code="filled-in-for-some",
        severity="warn",
        what=f"{column.name} is empty in {1 - filled.mean():.0%} of the rows, and whether it is filled in "
        f"tells of the outcome: {y[filled].mean():.1%} have it where it is, {y[~filled].mean():.1%} where "
        "it is not. Is it filled in after contact?",
        do="If so, leave it out (exclude): whoever is to be scored has it empty still. If it was known "
        "beforehand, insist (allow).",
        columns=(str(column.name),),
        rows=int(filled.sum()),
        sure=SURE,
    )
