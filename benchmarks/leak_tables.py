"""Tables for the benchmark of leaks: made ones with honest signals of many strengths, and real ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from benchmarks.tables import load

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
FEWEST = 40
"""Rows of the rarer outcome that each table holds at least."""

Table = tuple[pd.DataFrame, np.ndarray]


def made(rng: np.random.Generator) -> Table:
    """Numbers, counts, money, flags and categories, some with gaps; an AUC between about .5 and .93."""
    rows = int(rng.integers(500, 8_001))
    rate = float(rng.choice([0.05, 0.1, 0.2, 0.35, 0.5]))
    rate = max(rate, 1.4 * FEWEST / rows)
    columns = {f"c{place}": _column(rng, rows) for place in range(int(rng.integers(6, 31)))}
    X = pd.DataFrame(columns)
    strength = float(rng.choice([0.0, 0.3, 0.6, 1.0, 1.6]))
    signal = np.zeros(rows)
    for name in rng.permutation(X.columns)[: int(rng.integers(1, 6))]:
        signal += rng.normal() * _effect(X[name], rng)
    if rng.random() < 0.25:  # one honest column that reaches an AUC of about .9 alone
        strong = rng.normal(size=rows)
        X["recency_days"] = np.exp(3 + strong).round(int(rng.integers(0, 3)))
        signal = strong + 0.2 * signal / max(signal.std(), 1e-9)
        strength = float(rng.uniform(1.8, 2.7))
    z = strength * (signal - signal.mean()) / max(float(signal.std()), 1e-9)
    shift = logit(rate)
    for _ in range(30):
        shift += logit(rate) - logit(np.clip(expit(z + shift).mean(), 1e-6, 1 - 1e-6))
    y = (rng.random(rows) < expit(z + shift)).astype(int)
    for name in X.columns[rng.random(X.shape[1]) < 0.25]:  # gaps, some of them telling a little
        chance = expit(logit(rng.uniform(0.02, 0.6)) + rng.uniform(-0.5, 0.5) * (2 * y - 1))
        X[name] = X[name].astype(object).where(rng.random(rows) >= chance, None)
        if name.startswith("c") and pd.to_numeric(X[name], errors="coerce").notna().sum() == X[name].count():
            X[name] = pd.to_numeric(X[name])
    return X, y


def _column(rng: np.random.Generator, rows: int) -> np.ndarray:
    kind = rng.choice(["normal", "money", "count", "flag", "category", "wide", "rounded"])
    if kind == "normal":
        return rng.normal(size=rows)
    if kind == "money":
        return np.exp(rng.normal(3, 1, rows)).round(2)
    if kind == "count":
        return rng.poisson(rng.uniform(0.3, 8), rows)
    if kind == "flag":
        return rng.choice(["no", "yes"], rows, p=[0.7, 0.3])
    if kind == "rounded":
        return rng.normal(50, 15, rows).round()
    levels = int(rng.integers(3, 12)) if kind == "category" else int(rng.integers(30, 300))
    return rng.choice([f"l{level}" for level in range(levels)], rows, p=rng.dirichlet(np.ones(levels)))


def _effect(column: pd.Series, rng: np.random.Generator) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(float)
        return (values - values.mean()) / max(values.std(), 1e-9)
    codes, levels = pd.factorize(column)
    return rng.normal(size=len(levels))[codes]


@cache
def _olist() -> Table:
    folder = DATA / "olist_funnel"
    leads = pd.read_csv(folder / "olist_marketing_qualified_leads_dataset.csv")
    won = pd.read_csv(folder / "olist_closed_deals_dataset.csv")
    return leads.drop(columns="mql_id"), leads["mql_id"].isin(won["mql_id"]).to_numpy(int)


@cache
def _email() -> Table:
    table = pd.read_parquet(DATA / "email_test" / "email_test.parquet")
    return table.drop(columns=["visit", "conversion", "spend"]), table["visit"].to_numpy(int)


@cache
def _telco() -> Table:
    found = load("telco")
    return found.X, found.y


@cache
def _x_education() -> Table:
    found = load("x_education")
    return found.X, found.y


@cache
def _crm_pipeline() -> Table:
    found = load("crm_pipeline")
    return found.X, found.y


REAL: tuple[Callable[[], Table], ...] = (_telco, _x_education, _crm_pipeline, _olist, _email)


def real(rng: np.random.Generator) -> Table:
    """Some rows, and mostly some columns, of a real table with honest columns only."""
    X, y = REAL[rng.integers(len(REAL))]()
    while True:
        rows = rng.permutation(len(y))[: int(rng.integers(500, 8_001))]
        if min(y[rows].sum(), (1 - y[rows]).sum()) >= FEWEST:
            break
    number = X.shape[1] if rng.random() < 0.3 else int(rng.integers(min(3, X.shape[1]), X.shape[1] + 1))
    columns = sorted(rng.permutation(X.shape[1])[:number])
    return X.iloc[rows, columns].reset_index(drop=True), y[rows]


def table(rng: np.random.Generator) -> Table:
    """A made or a real table, in equal parts."""
    return made(rng) if rng.random() < 0.5 or not DATA.is_dir() else real(rng)
