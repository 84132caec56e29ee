"""What a prospect is beside its attributes: how old, and what its deal is put at."""

from __future__ import annotations

from salesml.snapshots.attributes import days_ago
from salesml.snapshots.build import Build
from salesml.snapshots.entity import PROSPECT
from salesml.snapshots.feature import Feature
from salesml.snapshots.sql import col, double


def add_prospect(build: Build) -> None:
    """Days since a prospect was created, and its amount, which has no date.

    When and why it was won or lost, whose it is and whom it became are never features.
    """
    if build.entity is not PROSPECT:
        return
    table = build.contract.tables[PROSPECT.table]
    created, amount = table.columns.get("created_at", ""), table.columns.get("amount", "")
    if not build.withheld(PROSPECT.table, created):
        build.feature(
            Feature(
                name="prospect_age_days", source=PROSPECT.table, column=created, unit="days", form="days",
                words="days since it was created", group="prospects.age", tag="fixed",
            ),
            double(days_ago(col("created_at", PROSPECT.table))),
        )  # fmt: skip
    if amount and not build.withheld(PROSPECT.table, amount):
        unit = build.contract.currency
        build.feature(
            Feature(
                name="prospect_amount", source=PROSPECT.table, column=amount, unit=unit,
                form="money" if unit else "number", words=build.contract.word(amount),
                group="prospects.amount", tag=build.tag(amount), undated=True,
            ),
            double(col("amount", PROSPECT.table)),
        )  # fmt: skip
