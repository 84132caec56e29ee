"""Snapshots of the two histories beside the project: several dates, tested on the last."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from benchmarks.gain import CASES
from benchmarks.tables.sources import as_text, shared
from benchmarks.tables.table import Table
from salesml.config import read_spec
from salesml.crm import CRM
from salesml.lifecycle.rows import rows_of
from salesml.snapshots import take


def _snapshots(name: str, source: str, licence: str) -> Table:
    shared(name)
    case = CASES[name]
    with tempfile.TemporaryDirectory() as folder:
        crm_path, spec_path = case.project(Path(folder))
        spec, crm = read_spec(spec_path), CRM.open(crm_path)
        known = dt.timedelta(days=spec.horizon_days + spec.gap_days)
        last = case.tests[-1]
        dates = [*[day for day in case.dates if day + known <= last][-case.at_most :], last]
        rows = rows_of(take(spec, crm, dates), dates)
    return Table(
        name, as_text(rows.X), rows.y, source, licence, dev=True, split="time",
        groups=rows.entity, as_of=rows.as_of.astype("datetime64[D]"),
    )  # fmt: skip


def online_retail() -> Table:
    """Customers of a gift wholesaler: no purchase within 90 days."""
    return _snapshots("online_retail", "UCI 352, invoices of a UK gift wholesaler", "CC BY 4.0")


def saas_simulated() -> Table:
    """Accounts of a simulated software company: the contract ends within 90 days."""
    return _snapshots("saas_simulated", "a simulated B2B software company", "MIT simulator")
