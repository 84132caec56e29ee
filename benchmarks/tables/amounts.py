"""Tables whose target is an amount: skewed, and zero for many rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.tables.sources import as_text, r_table, shared

FOLDS = 5
FOLLOWED_DAYS = 180
"""How long the buyers of ``retail_first_months`` are followed."""
PULLS = {"retail": -0.6, "transport": 0.0, "health": 0.5, "food": -0.2, "banks": 1.0}
"""What each trade of the simulated tables adds to the log-odds."""


@dataclass(frozen=True)
class AmountTable:
    """Features, an amount not below zero, and who each row belongs to.

    Parameters
    ----------
    name : str
    X : DataFrame of shape (rows, features)
    amount : ndarray of shape (rows,)
    source : str
    dev : bool
        Whether defaults may be chosen by it. The others are looked at for the final figures only.
    groups : ndarray of shape (rows,), optional
        Rows of a group are never split between folds.
    truth : ndarray of shape (rows,), optional
        The true mean of each row, where the table is simulated.
    """

    name: str
    X: pd.DataFrame
    amount: NDArray[np.float64]
    source: str
    dev: bool
    groups: NDArray[np.int64] | None = None
    truth: NDArray[np.float64] | None = None

    def splits(self) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Rows to learn from and rows to test on: five folds by group."""
        groups = np.arange(len(self.amount)) if self.groups is None else self.groups
        _, owner = np.unique(groups, return_inverse=True)
        fold = np.random.default_rng(0).permutation(int(owner.max()) + 1) % FOLDS
        for number in range(FOLDS):
            test = fold[owner] == number
            yield np.flatnonzero(~test), np.flatnonzero(test)


def olist_revenue() -> AmountTable:
    """What the sellers that a marketplace won then sold; a lifetime total, more than half of them zero."""
    won = pd.read_csv(shared("olist_funnel", "olist_closed_deals_dataset.csv"), parse_dates=["won_date"])
    leads = pd.read_csv(
        shared("olist_funnel", "olist_marketing_qualified_leads_dataset.csv"),
        parse_dates=["first_contact_date"],
    )
    sold = pd.read_csv(shared("olist_funnel", "seller_performance_delivered.csv"))
    table = won.merge(leads, on="mql_id", how="left").merge(
        sold[["seller_id", "product_revenue"]], on="seller_id", how="left"
    )
    X = table[[
        "business_segment", "lead_type", "lead_behaviour_profile", "business_type", "origin",
        "landing_page_id",
    ]].copy()  # fmt: skip
    X["days_to_win"] = (table["won_date"] - table["first_contact_date"]).dt.days
    X["days_observed"] = (table["won_date"].max() - table["won_date"]).dt.days
    return AmountTable(
        "olist_revenue", as_text(X), table["product_revenue"].fillna(0).to_numpy(float),
        "Olist, sellers won by a marketplace", True,
    )  # fmt: skip


def email_spend() -> AmountTable:
    """What customers spent in the two weeks after an e-mail: nothing, for 99 of 100."""
    table = pd.read_parquet(shared("email_test", "email_test.parquet"))
    X = table.drop(columns=["visit", "conversion", "spend"])
    return AmountTable(
        "email_spend", as_text(X), table["spend"].to_numpy(float), "Hillstrom's e-mail test", True
    )


def retail_first_months() -> AmountTable:
    """What new buyers of a wholesaler spend in the 180 days after their first day, returns taken off."""
    lines = pd.read_parquet(shared("online_retail", "transactions.parquet")).dropna(subset=["CustomerID"])
    lines["day"] = lines["InvoiceDate"].dt.normalize()
    lines["money"] = lines["Quantity"] * lines["UnitPrice"]
    bought = lines[lines["Quantity"] > 0]
    first = bought.groupby("CustomerID")["day"].min()
    end = lines["day"].max() - pd.Timedelta(days=FOLLOWED_DAYS)
    first = first[first <= end]
    lines = lines.assign(since=(lines["day"] - lines["CustomerID"].map(first)).dt.days)
    day = lines[(lines["since"] == 0) & (lines["Quantity"] > 0)].groupby("CustomerID")
    X = pd.DataFrame(
        {
            "money": day["money"].sum(), "lines": day.size(), "articles": day["StockCode"].nunique(),
            "pieces": day["Quantity"].sum(), "dearest": day["UnitPrice"].max(),
            "largest_line": day["money"].max(), "country": day["Country"].first(),
            "month": first.dt.month, "weekday": first.dt.day_name(),
            "hour": day["InvoiceDate"].first().dt.hour,
        }
    )  # fmt: skip
    X["price_of_a_piece"] = X["money"] / X["pieces"]
    later = (
        lines[(lines["since"] > 0) & (lines["since"] <= FOLLOWED_DAYS)].groupby("CustomerID")["money"].sum()
    )
    amount = later.reindex(X.index).fillna(0).clip(lower=0)
    return AmountTable(
        "retail_first_months", as_text(X), amount.to_numpy(float), "UCI 352, a UK gift wholesaler", True
    )


def doctor_visits() -> AmountTable:
    """Visits of people over 65 to a doctor, without the other kinds of visits of the same year."""
    table = r_table("AER", "NMES1988")
    X = table.drop(columns=["visits", "nvisits", "ovisits", "novisits", "emergency", "hospital"])
    return AmountTable("doctor_visits", X, table["visits"].to_numpy(float), "R's AER, NMES1988", True)


def hours_worked() -> AmountTable:
    """Hours that married women worked in a year, without their wages; zero for two of five."""
    table = r_table("sampleSelection", "Mroz87")
    X = table.drop(columns=["hours", "lfp", "wage", "repwage", "mtr"], errors="ignore")
    return AmountTable("hours_worked", X, table["hours"].to_numpy(float), "R's sampleSelection, Mroz87", True)


def insured_expenses() -> AmountTable:
    """The RAND health insurance experiment: medical expenses per person and year, randomly dealt plans."""
    table = r_table("sampleSelection", "RandHIE")
    known = [
        "plan", "site", "coins", "year", "black", "xage", "female", "child", "fchild", "educdec", "income",
        "lfam", "linc", "num", "hlthg", "hlthf", "hlthp", "physlm", "disea", "xghindx", "ghindx", "mhi",
        "fmde", "pioff", "tookphys",
    ]  # fmt: skip
    X = table[[name for name in known if name in table]]
    return AmountTable(
        "insured_expenses", X, table["meddol"].to_numpy(float), "R's sampleSelection, RandHIE", False,
        groups=table["zper"].to_numpy(np.int64),
    )  # fmt: skip


def earnings() -> AmountTable:
    """Earnings of 1978 by those of 1974 and 1975; zero for the unemployed."""
    table = r_table("DAAG", "nswpsid1")
    X = table.drop(columns="re78")
    amount = table["re78"].to_numpy(float)
    return AmountTable("earnings", X, amount, "R's DAAG, nswpsid1", False)


def saas_paid() -> AmountTable:
    """What subscribers of a simulated software company pay after their first month, within two years."""
    start = pd.read_parquet(shared("saas_simulated", "subscriptions.parquet"))
    accounts = pd.read_parquet(shared("saas_simulated", "accounts.parquet"))
    start["start_date"] = pd.to_datetime(start["start_date"])
    first = start.sort_values("start_date").groupby("account_id").first()
    end = start["start_date"].max() - pd.Timedelta(days=365)
    first = first[first["start_date"] <= end]
    begun = start["account_id"].map(first["start_date"])
    since = (start["start_date"] - begun).dt.days
    year = start[(since > 0) & (since < 365)]
    paid = (year["mrr"] * year["bill_period_months"]).groupby(year["account_id"]).sum()
    X = first[["plan", "mrr", "quantity", "bill_period_months", "discount"]].join(
        accounts.set_index("account_id")[["channel", "state", "users", "founded"]]
    )
    X["founded"] = pd.to_datetime(X["founded"]).dt.year
    amount = paid.reindex(X.index).fillna(0).to_numpy(float)
    return AmountTable("saas_paid", as_text(X), amount, "simulated subscriptions", False)


def simulated(
    rows: int, seed: int, *, name: str = "", dev: bool = True, spread: float = 1.2, strength: float = 1.0
) -> AmountTable:
    """An amount that is zero or log-normal, whose true mean is known for every row.

    Parameters
    ----------
    spread : float
        Standard deviation of the logarithm given the features.
    strength : float
        How far the features move the chance and the size.
    """
    rng = np.random.default_rng(seed)
    staff = np.exp(rng.normal(3.5, 1.1, rows))
    trade = rng.choice(list(PULLS), rows, p=[0.35, 0.25, 0.2, 0.15, 0.05])
    visits = rng.poisson(3, rows).astype(float)
    age, noise = rng.uniform(0, 400, rows), rng.normal(size=(rows, 3))
    pull = pd.Series(trade).map(PULLS)
    logit = -0.6 + strength * (pull.to_numpy() + 0.25 * (visits - 3) - 0.004 * (age - 200))
    by_visits = 0.3 * np.minimum(visits, 4) * (trade == "health")
    log_size = 6 + strength * (0.7 * (np.log(staff) - 3.5) + by_visits)
    chance = 1 / (1 + np.exp(-logit))
    amount = (rng.random(rows) < chance) * np.exp(log_size + spread * rng.normal(size=rows))
    X = pd.DataFrame({"staff": staff, "trade": trade, "visits": visits, "age": age})
    X[["noise_a", "noise_b", "noise_c"]] = noise
    X.loc[rng.random(rows) < 0.15, "staff"] = np.nan
    truth = chance * np.exp(log_size + spread**2 / 2)
    return AmountTable(name or f"simulated_{rows}", X, amount, "simulated here", dev, truth=truth)


_TABLES: dict[str, Callable[[], AmountTable]] = {
    "olist_revenue": olist_revenue,
    "email_spend": email_spend,
    "retail_first_months": retail_first_months,
    "doctor_visits": doctor_visits,
    "hours_worked": hours_worked,
    "simulated_600": lambda: simulated(600, 1),
    "simulated_5000": lambda: simulated(5_000, 2),
    "no_signal": lambda: simulated(1_000, 3, name="no_signal", strength=0.0),
    "insured_expenses": insured_expenses,
    "earnings": earnings,
    "saas_paid": saas_paid,
    "simulated_heavy": lambda: simulated(3_000, 4, name="simulated_heavy", dev=False, spread=1.8),
}
NAMES: tuple[str, ...] = tuple(_TABLES)


def load_amounts(name: str) -> AmountTable:
    """A table by its name.

    Raises
    ------
    MissingSourceError
        When its file is not on this machine.
    """
    return _TABLES[name]()
