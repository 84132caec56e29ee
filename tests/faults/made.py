"""The little that the tests of faults score: a bundle and two tables, or a company."""

from __future__ import annotations

import math
from pathlib import Path

from salesml.snapshots import take
from tests.scoring.made import bundle, bundle_of, rows
from tests.snapshots.company import crm_of, day, spec_of

DAY = day(100)
SPEC = {
    "label": {"kind": "inactivity", "events": "visits", "inactive_days": 20, "active_within_days": 40},
    "windows_days": [30],
}


def small(folder: Path, size: int = 120) -> Path:
    """A bundle and tables of an earlier and a later day; a row of each cannot be scored."""
    folder.mkdir(exist_ok=True)
    bundle().save(folder / "bundle")
    for name, seed in (("old", 1), ("new", 2)):
        table = rows(size, seed).rename(columns={"entity_id": "customer"}).drop(columns=["as_of", "label"])
        table.loc[7, "revenue_90"] = math.inf
        table.to_parquet(folder / f"{name}.parquet", row_group_size=50)
    return folder


def company(folder: Path, size: int = 120) -> Path:
    """A company whose accounts visit, and a bundle trained on what is known of them at a date."""
    folder.mkdir(exist_ok=True)
    visits = [
        {"customer": f"c{number:03d}", "seen": day(at), "minutes": (number * at) % 50}
        for number in range(size)
        for at in range(number % 7, 100, 7 + number % 5)
    ]
    crm, spec = crm_of(folder, {"visits": visits}), spec_of(folder, **SPEC)
    snapshot = take(spec, crm, [DAY], labels=False)
    frame = snapshot.table.to_pandas()
    frame["label"] = [int(name[-1] in "147") for name in frame["entity_id"]]
    bundle_of(frame, snapshot.features).save(folder / "bundle")
    return folder
