"""The trainings of a model side by side, as a person reads them in a terminal."""

from __future__ import annotations

import pandas as pd

FIGURES = {
    "auc": "AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "calibration_error": "calibration error",
    "value.ratio": "value said / came true",
    "hours.ratio": "hours said / came true",
}

DIFFERENCES = (
    "param.test_as_of", "param.horizon_days", "param.features", "param.own_features", "param.spec_digest",
    "param.trees",
)  # fmt: skip
"""Parameters that are shown where runs differ in them."""


def side_by_side(runs: pd.DataFrame) -> str:
    """One line for each run, newest first: version, aliases, when, verdict, and figures with intervals.

    Parameters
    ----------
    runs : DataFrame
        As ``salesml.tracking.runs`` gives them.
    """
    if runs.empty:
        return "No training of it has been tracked yet."
    table = pd.DataFrame(
        {
            "version": runs["version"].map(lambda number: "-" if pd.isna(number) else f"{number}"),
            "alias": runs["aliases"],
            "started (UTC)": runs["started"].dt.strftime("%Y-%m-%d %H:%M"),
            "verdict": runs["verdict"],
            "run": runs["run_id"].str[:8],
            "rows": runs["rows"].map("{:,.0f}".format) if "rows" in runs else "",
        }
    )
    for key, name in FIGURES.items():
        if key in runs:
            table[name] = [
                "-" if pd.isna(value) else f"{value:.3f} [{low:.3f}, {high:.3f}]"
                for value, low, high in zip(runs[key], runs[f"{key}_low"], runs[f"{key}_high"], strict=True)
            ]
    differing = [name for name in DIFFERENCES if name in runs and runs[name].nunique(dropna=False) > 1]
    for name in differing:
        table[name.removeprefix("param.")] = runs[name].fillna("-").replace("", "-")
    return table.to_string(index=False)
