"""Replay a churn model over many dates step by step: copy this file and change what you like.

Run it in a project folder (``salesml init DIR`` makes one): python backtest.py
"""

from __future__ import annotations

import salesml

NAME = "churn"


def main() -> None:
    """How good would it have been, date after date, with only what was known on each?"""
    crm = salesml.CRM.open("crm.yaml")

    # Three dates with a known outcome, and those that follow; leave `dates` out for twelve.
    done = salesml.backtest(NAME, crm, dates=3, log=False, say=print)
    print(done.text())

    # One row per date, every figure with its interval.
    print(done.table[["as_of", "status", "auc", "auc_low", "auc_high", "log_loss", "lift_10"]])

    # One row per account and date: what was expected, and what came true.
    losses = done.expected_losses()
    known = losses[losses["label"].notna()]
    by_date = known.groupby("as_of")[["expected_loss", "value_lost"]].sum()
    print("What was expected to be lost, and what was:", by_date.round(0), sep="\n")

    # A question of your own: did the first tenth of each list hold what was lost?
    first = known["probability"].groupby(known["as_of"]).rank(ascending=False, pct=True) <= 0.1
    found = known[first]["value_lost"].sum() / known["value_lost"].sum()
    print(f"The first tenth of the lists held {found:.0%} of what was lost.")


if __name__ == "__main__":
    main()
