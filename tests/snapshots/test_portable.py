"""The SQL for other dialects: run by PostgreSQL, it gives DuckDB's rows; for others it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from salesml.config import Spec
from salesml.crm import CRM
from salesml.snapshots import snapshot_sql, take
from tests.histories import company_crm, leads_crm
from tests.snapshots.company import conversion_of, day, spec_of
from tests.warehouse import ask, assert_same, load, schema, server  # noqa: F401


def compare(
    con: sa.Connection,
    spec: Spec,
    crm: CRM,
    as_of: Sequence[int],
    *,
    labels: bool = False,
    leaving: bool = False,
) -> None:
    dates = [day(number) for number in as_of]
    expected = take(spec, crm, dates, labels=labels, leaving=leaving).table.to_pylist()
    load(con, crm.folder)
    sql = snapshot_sql(spec, crm, dates, labels=labels, dialect="postgres", leaving=leaving)
    assert_same(ask(con, sql), expected)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("late", [True, False])
def test_customers(
    schema: sa.Connection,  # noqa: F811
    tmp_path: Path,
    seed: int,
    late: bool,
) -> None:
    crm = company_crm(tmp_path, seed, orders={} if late else {"known_at": None, "id": None})
    spec = spec_of(tmp_path, value="orders.revenue", windows_days=[7, 14, 40])
    compare(schema, spec, crm, [47, 70, 100], labels=True)


def test_when_customers_left(schema: sa.Connection, tmp_path: Path) -> None:  # noqa: F811
    crm = company_crm(tmp_path, 0)
    compare(schema, spec_of(tmp_path), crm, [47, 70, 100], labels=True, leaving=True)


def test_when_contracts_ended(schema: sa.Connection, tmp_path: Path) -> None:  # noqa: F811
    crm = company_crm(tmp_path, 1)
    compare(schema, spec_of(tmp_path, label={"kind": "contract"}), crm, [47, 70], labels=True, leaving=True)


@pytest.mark.parametrize("seed", range(2))
def test_prospects(
    schema: sa.Connection,  # noqa: F811
    tmp_path: Path,
    seed: int,
) -> None:
    compare(schema, conversion_of(tmp_path), leads_crm(tmp_path, seed), [47, 70, 100], labels=True)
