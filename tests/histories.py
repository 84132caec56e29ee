"""Generated histories of a whole company, to compare engines on: every table, odd values, late rows."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

from salesml.crm import CRM
from tests.snapshots.company import crm_of, day, order, prospect

LAST = 150
NAMES = ("ä", "Z", "a", "z", "É", "B", "ß", "0")
"""First letters whose order differs between bytes and the rules of a language."""

Row = dict[str, Any]


def tables(seed: int, size: int = 30) -> dict[str, list[Row]]:
    """Rows of every table of ``tests.snapshots.company`` but the prospects', for ``size`` customers."""
    draw = random.Random(seed)
    ids = [f"{draw.choice(NAMES)}{number}" for number in range(size)]
    made: dict[str, list[Row]] = {name: [] for name in ("orders", "visits", "accounts", "contracts")}
    made |= {"history": [], "assignments": []}
    for name in ids:
        made["accounts"].append(_account(name, draw))
        made["orders"] += [_order(name, draw) for _ in range(draw.randint(0, 12))]
        made["visits"] += [
            {"customer": name, "seen": day(draw.randint(0, LAST)), "minutes": draw.randint(0, 90)}
            for _ in range(draw.randint(0, 9))
        ]
        made["contracts"] += [_contract(name, draw) for _ in range(draw.randint(0, 3))]
        made["history"] += [_change(name, draw) for _ in range(draw.randint(0, 4))]
        made["assignments"] += [_assignment(name, draw) for _ in range(draw.randint(0, 3))]
    made["orders"] += [order(ids[0], 0), order(ids[0], LAST), order("nobody", 60)]
    made["visits"] += [{"customer": ids[0], "seen": day(LAST), "minutes": 1}]
    return made


def leads(seed: int, size: int = 40) -> dict[str, list[Row]]:
    """Rows of prospects, their stages, activities, clicks and history."""
    draw = random.Random(seed)
    made: dict[str, list[Row]] = {name: [] for name in ("prospects", "stages", "activities", "clicks")}
    made["history"] = []
    for number in range(size):
        name, start = f"{draw.choice(NAMES)}{number}", draw.randint(0, 110)
        end = start + draw.randint(0, 60)
        won, lost = draw.choice([(end, None), (None, end), (None, None), (None, None)])
        made["prospects"].append(
            prospect(
                name, start, won, lost, worth=draw.choice([None, draw.uniform(0, 1e5), 100.0]),
                industry=draw.choice(["toys", "steel", None]), employees=draw.choice([None, 3, 400]),
                founded=day(draw.randint(-900, 200)), seller=draw.choice(["r1", "r2", None]),
            )
        )  # fmt: skip
        for _ in range(draw.randint(0, 5)):
            at = day(draw.randint(start, start + 60))
            made["stages"].append(
                {"lead": name, "stage": draw.choice(["new", "Offer", "ähm"]), "entered": at}
            )
        for _ in range(draw.randint(0, 6)):
            made["activities"].append(
                {
                    "seller": "r1", "lead": name, "done": day(draw.randint(start, start + 60)),
                    "kind": draw.choice(["call", "visit", None]), "hours": draw.randint(0, 40) / 8,
                    "cost": draw.choice([None, draw.uniform(0, 500)]),
                }
            )  # fmt: skip
        made["clicks"] += [
            {"lead": name, "seen": day(draw.randint(0, LAST)), "pages": draw.randint(0, 9)}
            for _ in range(draw.randint(0, 5))
        ]
        made["history"] += [
            {
                "table": "prospects", "id": name, "column": "industry", "at": day(draw.randint(0, LAST)),
                "value": draw.choice(["toys", "law"]),
            }
            for _ in range(draw.randint(0, 2))
        ]  # fmt: skip
    made["clicks"].append({"lead": "nobody", "seen": day(LAST), "pages": 1})
    return made


def company_crm(folder: Path, seed: int, **more: Any) -> CRM:
    """A company whose customers' histories are generated."""
    return crm_of(folder, tables(seed), **more)


def leads_crm(folder: Path, seed: int, **more: Any) -> CRM:
    """A company whose prospects' histories are generated."""
    return crm_of(folder, leads(seed), **more)


def _order(name: str, draw: random.Random) -> Row:
    back = draw.randint(0, 5) == 0
    cents = draw.randint(-50_000, 0) if back else draw.randint(-50, 100_000)
    return order(
        name, draw.randint(0, LAST), draw.choice([None, *[str(Decimal(cents) / 100)] * 9]),
        late=draw.choice([0, 0, 0, 1, 9, 40]), invoice=draw.choice([None, "1", "2", "3"]), back=back,
        channel=draw.choice(["web", "shop", "Éclair", None]), pieces=draw.randint(0, 9),
    )  # fmt: skip


def _account(name: str, draw: random.Random) -> Row:
    return {
        "id": name, "company": f"Co {name}", "since": draw.choice([None, day(draw.randint(0, 60))]),
        "gone": draw.choice([None, None, day(draw.randint(60, LAST))]), "owner": draw.choice(["r1", None]),
        "industry": draw.choice(["toys", "steel", "  ", None]), "employees": draw.choice([None, 3, 10**6]),
        "founded": day(draw.randint(-2000, 100)), "secret": "x",
    }  # fmt: skip


def _contract(name: str, draw: random.Random) -> Row:
    start = draw.randint(0, 120)
    return {
        "customer": name, "begins": day(start), "ends": draw.choice([None, day(start + draw.randint(0, 90))]),
        "plan": draw.choice(["basic", "Pro", "ä la carte", None]), "rebate": draw.choice([None, 0.1, 1 / 3]),
        "paid": draw.choice([None, Decimal("19.90"), Decimal("250.00")]),
    }  # fmt: skip


def _change(name: str, draw: random.Random) -> Row:
    column = draw.choice(["industry", "employees", "founded"])
    value = {
        "industry": ["toys", "Ölwerk", "steel"],
        "employees": ["12", " 7.5 ", "1e3", "many", "", None, "1d", "nan"],
        "founded": ["2020-02-29", "2021-02-29", "2019-1-5", "long ago"],
    }[column]
    return {
        "table": "accounts", "id": name, "column": column, "value": draw.choice(value),
        "at": day(draw.randint(0, LAST)),
    }  # fmt: skip


def _assignment(name: str, draw: random.Random) -> Row:
    start = draw.randint(0, 100)
    end = draw.choice([None, day(start + draw.randint(1, 50))])
    return {"customer": name, "owner": draw.choice(["r1", "R2", "ä3"]), "from": day(start), "to": end}
