"""A store with scores of five reps, one of whom has no address and one no login."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa

from salesml.store.engine import Store
from salesml.store.publish import publish
from tests.store.made import row, write_rows

LOGINS: Final = ("rep0@example.com", "rep1@example.com", "rep2", "Rep3@Example.com", None)


def five_reps(folder: Path) -> str:
    """Where the store is."""
    address = f"sqlite:///{folder / 'store.db'}"
    reps = [
        {"rep_id": f"R{number}", "name": f"Rep {number}", "team": "North", "login": login, "role": "rep",
         "manager_id": None}
        for number, login in enumerate(LOGINS)
    ]  # fmt: skip
    with Store(address) as store:
        rows = [row(number) for number in range(50)]
        publish(store, write_rows(folder / "scores.parquet", rows), reps=pa.Table.from_pylist(reps))
    return address
