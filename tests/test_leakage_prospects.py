"""The guard against leakage for prospects: what is dated from the as-of date on changes nothing.

The features are also made a second time, with plain loops over the rows.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesml.snapshots import Snapshot, take
from tests.oracle import prospect_features
from tests.snapshots.company import Row, conversion_of, crm_of, day, order, prospect
from tests.test_leakage import as_bytes

T, LAST, WINDOWS = 60, 130, (7, 30)
Tables = dict[str, list[Row]]
OWN = {
    "forgetful": {  # No condition on time at all: what it can see is what was known.
        "sql": "select p.id as entity_id, count(c.day) as clicks, count(s.stage) as stages, "
        "any_value(p.won_at) as won, any_value(p.lost_reason) as why, any_value(p.account) as became, "
        "count(a.kind) as acts from prospects p left join events_clicks c on c.prospect = p.id "
        "left join stages s on s.prospect = p.id left join activities a on a.prospect = p.id group by p.id"
    }
}


def company(seed: int) -> Tables:
    """Tables with something before, at and after the as-of date."""
    chance = random.Random(seed)
    names = [f"p{number:02d}" for number in range(24)]
    prospects = []
    for number, name in enumerate(names):
        made = chance.randrange(0, 75)
        won = chance.choice([None, None, chance.randrange(made, LAST)])
        lost = None if won else chance.choice([None, chance.randrange(made, LAST)])
        prospects.append(
            prospect(
                name, made, won, lost, became=f"k{number}" if won else None, why="price" if lost else None,
                industry="now", employees=number, founded=day(-300 + 20 * number), worth=10.0 * number,
            )
        )  # fmt: skip
    clicks = [
        {
            "lead": chance.choice(names), "customer": chance.choice([None, "k1"]), "seen": day(at),
            "pages": chance.randrange(9),
        }
        for at in range(LAST) for _ in range(2)
    ]  # fmt: skip
    acts = [
        {
            "lead": chance.choice(names), "done": day(at), "kind": chance.choice(["call", "visit"]),
            "hours": chance.randrange(1, 9) / 4, "cost": float(chance.randrange(50)), "seller": "s",
        }
        for at in range(LAST) for _ in range(2)
    ]  # fmt: skip
    stages = [
        {"lead": chance.choice(names), "stage": chance.choice(["new", "offer", "deal"]), "entered": day(at)}
        for at in range(LAST)
    ]
    history = [
        {"table": "prospects", "id": name, "column": "industry", "value": f"at{at}", "at": day(at)}
        for name in names for at in (20, T, 90)
    ]  # fmt: skip
    return {
        "prospects": prospects, "clicks": clicks, "activities": acts, "stages": stages, "history": history,
        "orders": [order("k1", at) for at in range(0, LAST, 9)],
    }  # fmt: skip


def snapshot(folder: Path, tables: Tables) -> Snapshot:
    folder.mkdir(exist_ok=True)
    spec = conversion_of(folder, windows_days=list(WINDOWS), features=OWN)
    taken = take(spec, crm_of(folder, tables), [day(T)], labels=False)
    assert taken.table.num_rows > 5
    return taken


DATES = {"clicks": "seen", "activities": "done", "stages": "entered", "history": "at"}


def shuffle_rows(tables: Tables, chance: random.Random) -> None:
    """Everything dated from the as-of date on, thrown together anew."""
    for name, column in DATES.items():
        late = [row for row in tables[name] if row[column] >= day(T)]
        for key in {key for row in late for key in row} - {"table", "column"}:
            values = [row.get(key) for row in late]
            chance.shuffle(values)
            for row, value in zip(late, values, strict=True):
                row[key] = value


def shuffle_outcomes(tables: Tables, chance: random.Random) -> None:
    """Whoever was open stays open; when and how it ends is anybody's guess."""
    for row in tables["prospects"]:
        ends = [row["signed"], row["dropped"]]
        if row["made"] < day(T) and not any(end is not None and end < day(T) for end in ends):
            row["signed"], row["dropped"], row["became"], row["why"] = chance.choice(
                [(day(T), None, "k9", None), (None, day(T + 3), None, "x"), (None, None, None, None)]
            )


def drop_rows(tables: Tables, chance: random.Random) -> None:
    for name, column in DATES.items():
        tables[name] = [row for row in tables[name] if row[column] < day(T) or chance.random() < 0.2]


def overwrite_what_has_a_history(tables: Tables, chance: random.Random) -> None:
    for row in tables["prospects"]:
        row["industry"] = chance.choice(["a", "b"])


def remove_later_prospects(tables: Tables, chance: random.Random) -> None:
    tables["prospects"] = [row for row in tables["prospects"] if row["made"] < day(T)] + [
        prospect(f"new{number}", T + number) for number in range(9)
    ]


def fill_the_accounts(tables: Tables, chance: random.Random) -> None:
    """Rows of the accounts that prospects became, at any time, are none of the prospects'."""
    tables["clicks"] += [
        {"customer": f"k{n}", "lead": None, "seen": day(T - 3), "pages": 9} for n in range(24)
    ]
    tables["orders"] += [order(f"k{n}", T - 2) for n in range(24)]
    for row in tables["clicks"]:
        row["customer"] = row["customer"] if row["lead"] is None else "k3"


CORRUPTIONS = [
    shuffle_rows, shuffle_outcomes, drop_rows, overwrite_what_has_a_history, remove_later_prospects,
    fill_the_accounts,
]  # fmt: skip


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return as_bytes(snapshot(tmp_path_factory.mktemp("clean"), company(1)).table)


@pytest.mark.parametrize("corrupt", CORRUPTIONS, ids=lambda corrupt: corrupt.__name__)
def test_nothing_from_the_as_of_date_on_is_seen(
    corrupt: Callable[[Tables, random.Random], None], clean: bytes, tmp_path: Path
) -> None:
    tables = company(1)
    corrupt(tables, random.Random(5))
    assert tables != company(1)
    assert as_bytes(snapshot(tmp_path, tables).table) == clean


def test_everything_at_once(clean: bytes, tmp_path: Path) -> None:
    tables, chance = company(1), random.Random(6)
    for corrupt in CORRUPTIONS:
        corrupt(tables, chance)
    assert as_bytes(snapshot(tmp_path, tables).table) == clean


@pytest.mark.parametrize("table", ["prospects", "clicks", "activities", "stages", "history"])
def test_the_guard_sees_a_change_of_the_past(table: str, clean: bytes, tmp_path: Path) -> None:
    tables = company(1)
    open_one = next(
        row["lead"]
        for row in tables["prospects"]
        if row["made"] < day(T - 9) and not row["signed"] and not row["dropped"]
    )
    more: dict[str, Row] = {
        "clicks": {"lead": open_one, "seen": day(T - 1), "pages": 1},
        "activities": {"lead": open_one, "done": day(T - 1), "kind": "call"},
        "stages": {"lead": open_one, "stage": "other", "entered": day(T - 1)},
        "history": {
            "table": "prospects",
            "id": open_one,
            "column": "industry",
            "value": "x",
            "at": day(T - 1),
        },
    }
    if table == "prospects":
        next(row for row in tables[table] if row["lead"] == open_one)["employees"] = 999
    else:
        tables[table].append(more[table])
    assert as_bytes(snapshot(tmp_path, tables).table) != clean


@pytest.mark.parametrize("seed", range(3))
def test_equal_to_plain_loops(seed: int, tmp_path: Path) -> None:
    tables = company(seed)
    taken = snapshot(tmp_path, tables)
    expected = prospect_features(tables, day(T), WINDOWS)
    assert taken.table["entity_id"].to_pylist() == sorted(expected)
    for row in taken.table.to_pylist():
        wanted: dict[str, Any] = expected[row["entity_id"]]
        for name, value in wanted.items():
            assert row[name] == value, (row["entity_id"], name)
